import type { LogTarget } from './directive.js';

/** A log file of the configuration. Until the server has opened it and replaced `write`, nothing can be written. */
export class LogFile implements LogTarget {
  constructor(
    readonly path: string,
    public buffer: number,
    public flush: number,
  ) {}

  /** The server assigns the function that writes. */
  write: (line: string) => void = () => {
    throw new Error(`log "${this.path}" is not open yet`);
  };
}

/** The log files that a configuration names, one target a path. */
export class LogFiles {
  private readonly byPath = new Map<string, LogFile>();

  get all(): LogFile[] {
    return [...this.byPath.values()];
  }

  /**
   * The target of this full path. A use without options takes those of another use, before or after it; undefined when
   * two uses give different ones.
   */
  target(path: string, options: { buffer?: number; flush?: number } | undefined): LogFile | undefined {
    const { buffer = 0, flush = 0 } = options ?? {};
    const known = this.byPath.get(path);
    if (!known) {
      const target = new LogFile(path, buffer, flush);
      this.byPath.set(path, target);
      return target;
    }
    if (known.buffer === 0 && known.flush === 0) {
      known.buffer = buffer;
      known.flush = flush;
    }
    const agree = (buffer === 0 && flush === 0) || (known.buffer === buffer && known.flush === flush);
    return agree ? known : undefined;
  }
}
