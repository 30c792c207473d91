import { readFileSync, writeSync } from 'node:fs';

/**
 * Texts between this program and its user. All of them are byte strings (latin1), as everywhere in the server: a path on the
 * command line may be in any encoding, and comes out of a message as it went in.
 */

/** Text of Node's own, such as a working directory, as a byte string. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A byte string as Node's file functions take a path. */
export function nodePath(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/** The arguments after the program's name: from the kernel, since Node replaces bytes that are not UTF-8. */
export function commandLine(): string[] {
  const given = process.argv.slice(2);
  try {
    const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0');
    return words.slice(words.length - 1 - given.length, -1);
  } catch {
    return given.map(toBytes);
  }
}

/** Writes a line to standard error. It is not put through a stream: a server's standard error may be gone. */
export function say(line: string): void {
  try {
    writeSync(2, Buffer.from(`${line}\n`, 'latin1'));
  } catch {
    // nobody listens
  }
}

/** Writes to standard output; the process must end by itself for all of it to arrive. */
export function print(text: string): void {
  process.stdout.write(text, 'latin1');
}
