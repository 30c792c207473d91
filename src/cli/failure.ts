import { say } from './bytes.js';

export type Severity = 'emerg' | 'alert' | 'error' | 'warn';

/** Writes a message as nginx writes it to a terminal, with the program's name. */
export function report(severity: Severity, message: string): void {
  say(`zerocopy: [${severity}] ${message}`);
}

/** What an error says to a user; where the error is a mistake of this program, with its trace. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { syscall, path, errno } = error as NodeJS.ErrnoException;
  // Node words failed calls in its own way; the logs have nginx's
  if (syscall !== undefined && path !== undefined && errno !== undefined && errno < 0) {
    const text = error.message.slice(error.message.indexOf(': ') + 2, error.message.indexOf(`, ${syscall}`));
    return `${syscall}() "${path}" failed (${-errno}: ${text.charAt(0).toUpperCase()}${text.slice(1)})`;
  }
  const isMistake = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
  return isMistake ? (error.stack ?? error.message) : error.message;
}

/** A command line that cannot be understood: exit code 2, as of most programs. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param exitCode nginx's own options fail with nginx's, 1 */
  constructor(
    message: string,
    readonly exitCode = 2,
  ) {
    super(message);
  }
}

/** Says why, and sets the exit code: that of all failures is 1, as nginx's. */
export function fail(error: unknown): void {
  if (error instanceof UsageError) say(`zerocopy: ${error.message}`);
  else report('emerg', reasonOf(error));
  process.exitCode = error instanceof UsageError ? error.exitCode : 1;
}
