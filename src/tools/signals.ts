/** Has Ctrl-C, SIGTERM and SIGHUP heard. @param heard is told the shell's exit code for it as well: 128 and the signal's number */
export function onSignal(heard: (signal: string, code: number) => void): void {
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => heard(signal, 128 + number));
  }
}

/**
 * The first signal aborts what is under way, so that a report of what there is can still be given; the second one ends the process
 * at once, in the way that 'exit' listeners hear of.
 */
export class Interrupt {
  /** The shell's exit code of the signal that came; 0 for none. */
  code = 0;
  private readonly controller = new AbortController();

  constructor() {
    onSignal((_, code) => {
      if (this.code !== 0) process.exit(code);
      this.code = code;
      this.controller.abort();
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}
