/**
 * The syntax tree of nginx's language, as the parser leaves it: includes expanded, quotes and escapes resolved, nothing
 * yet known about which directives exist. Plain data, so that a master can hand it to its workers as JSON.
 *
 * Every string is a byte string (latin1): a configuration may hold paths in any encoding, as nginx's may.
 */
export interface Node {
  readonly name: string;
  readonly args: readonly string[];
  /** The file as nginx prints it in messages: the full path. */
  readonly file: string;
  /** The line of the directive's end, 1 based, as nginx counts it. */
  readonly line: number;
  /** The directives in the braces; absent when the directive ended in ";". */
  readonly children?: readonly Node[];
}

/** The `file` of directives given with `-g`; their line is 0, and messages end in ` in command line`. */
export const COMMAND_LINE = 'command line';

/** A mistake in a configuration: `message` is nginx's, and ends in ` in FILE:LINE`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    readonly reason: string,
    readonly file: string,
    readonly line: number,
  ) {
    super(reason + place(file, line));
  }
}

function place(file: string, line: number): string {
  if (line > 0) return ` in ${file}:${line}`;
  return file === COMMAND_LINE ? ` in ${COMMAND_LINE}` : '';
}
