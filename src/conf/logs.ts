import type { LogOptions, LogTarget, NamedLogs, SyslogServer } from './directive.js';

const plain: LogOptions = { buffer: 0, flush: 0, gzip: 0 };

/** A log of the configuration. Until the server has opened it and replaced `write`, nothing can be written. */
export class Log implements LogTarget {
  constructor(
    readonly path: string,
    public options: LogOptions,
    readonly syslog: SyslogServer | null = null,
  ) {}

  get buffer(): number {
    return this.options.buffer;
  }
  get flush(): number {
    return this.options.flush;
  }
  get gzip(): number {
    return this.options.gzip;
  }

  /** The server assigns the function that writes. */
  write: LogTarget['write'] = () => {
    throw new Error(`log "${this.path}" is not open yet`);
  };
}

/** The logs that a configuration names, one target a path. */
export class LogFiles {
  private readonly byPath = new Map<string, Log>();

  /** The server assigns the function that writes. */
  readonly named: NamedLogs = {
    write(path) {
      throw new Error(`log "${path}" cannot be opened yet`);
    },
  };

  get all(): Log[] {
    return [...this.byPath.values()];
  }

  /** @param text what the configuration says; the same text is the same target */
  syslog(text: string, server: SyslogServer): Log {
    const known = this.byPath.get(text) ?? new Log(text, plain, server);
    this.byPath.set(text, known);
    return known;
  }

  /**
   * The target of this full path. A use without options takes those of another use, before or after it; undefined when
   * two uses give different ones.
   */
  target(path: string, options = plain): Log | undefined {
    const known = this.byPath.get(path);
    if (!known) {
      const target = new Log(path, options);
      this.byPath.set(path, target);
      return target;
    }
    if (isPlain(known.options)) known.options = options;
    return isPlain(options) || areAlike(known.options, options) ? known : undefined;
  }
}

function isPlain(options: LogOptions): boolean {
  return areAlike(options, plain);
}

function areAlike(one: LogOptions, other: LogOptions): boolean {
  return one.buffer === other.buffer && one.flush === other.flush && one.gzip === other.gzip;
}
