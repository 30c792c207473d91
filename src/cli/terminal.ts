/** What the commands know of the terminal that they are run in. */

/** For text that is laid out: how wide it may be, and whether it may have colours. */
export function terminal(): { width: number; color: boolean } {
  const { isTTY, columns } = process.stdout;
  const { COLUMNS, NO_COLOR = '' } = process.env;
  const width = columns ?? (Number(COLUMNS) || 80);
  // no-color.org: set, and not empty
  return { width: Math.max(40, width), color: isTTY === true && NO_COLOR === '' };
}

/** A line of standard error that says what goes on; only where somebody looks at it. */
export class Progress {
  private readonly isShown = process.stderr.isTTY === true;

  show(text: string): void {
    if (this.isShown) process.stderr.write(`\r\u001b[K${`${text} …`.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.isShown) process.stderr.write('\r\u001b[K');
  }
}
