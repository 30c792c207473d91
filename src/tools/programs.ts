import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where servers are that an ordinary user's PATH leaves out. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * The full path of a program.
 * @param path folders as in $PATH
 * @returns undefined where it is not installed
 */
export function findProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  const folders = [...path.split(delimiter).filter(folder => folder !== ''), ...serverFolders];
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

const compilers = ['cc', 'gcc', 'clang'];

/** One for C. @param path as for findProgram */
export function findCompiler(path?: string): string | undefined {
  return compilers.map(name => findProgram(name, path)).find(found => found !== undefined);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end and gives what it wrote to standard output.
 * @param timeout milliseconds after which it is ended
 * @throws Error when it fails, takes too long, or the signal is aborted (then the abort's reason)
 */
export async function run(
  program: string,
  args: readonly string[],
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { signal, timeout, killSignal: 'SIGKILL' });
    // a load tool that hears Ctrl-C itself ends early and in good order
    signal.throwIfAborted();
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    throw new Error(`${program} ${args.join(' ')}: ${reasonOf(error as Failure, timeout)}`, { cause: error });
  }
}

interface Failure extends Error {
  /** Whether it was ended here. */
  readonly killed?: boolean;
  readonly signal?: string | null;
  readonly stderr?: string;
}

function reasonOf({ killed, signal, stderr, message }: Failure, timeout: number): string {
  if (killed) return `took more than ${timeout / 1000} s`;
  // by somebody else: it has said nothing then
  if (signal) return `was ended by ${signal}`;
  return stderr?.trim() || message;
}

/** What a program says to an option such as -v, on whichever output; '' when it says nothing. */
export async function banner(program: string, option: string): Promise<string> {
  try {
    const { stdout, stderr } = await execute(program, [option]);
    return stdout + stderr;
  } catch (error) {
    // wrk prints its version and exits with 1
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout ?? ''}${stderr ?? ''}`;
  }
}
