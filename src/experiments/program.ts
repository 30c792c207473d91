import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../tools/children.js';

/** Programs that the experiments start: this one's own commands, and small ones of this folder. */

const zerocopy = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** A measurement that failed: the message says which program said what. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

/** One that runs. */
export interface Program {
  readonly child: ChildProcess;
  /** As a user would type it. */
  readonly command: string;
  readonly output: { readonly text: string };
  readonly errors: { readonly text: string };
  /** The exit code, or -1. */
  readonly end: Promise<number>;
}

/** Starts `zerocopy` with arguments, in a folder. */
export function startZerocopy(args: readonly string[], cwd: string): Program {
  return startProgram(process.execPath, [zerocopy, ...args], cwd, `zerocopy ${args.join(' ')}`);
}

/** Starts a program of this folder. @param name without its ending */
export function startOwn(name: string, args: readonly string[], cwd: string): Program {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return startProgram(process.execPath, [file, ...args], cwd, `${name} ${args.join(' ')}`);
}

export function startProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  command = [program, ...args].join(' '),
): Program {
  // a ledger would be written by each of them, and would slow them down
  const { ZEROCOPY_LEDGER: _, ...env } = process.env;
  const child = start(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, command, output: gather(child.stdout), errors: gather(child.stderr), end: ended(child) };
}

/**
 * Waits until a program has ended well.
 * @param limit milliseconds after which it is ended
 * @returns what it wrote to standard output
 * @throws ExperimentError
 */
export async function finish(program: Program, limit: number): Promise<string> {
  const code = await endWithin(program, limit);
  if (code === 'late') throw new ExperimentError(`${program.command}: not done after ${Math.round(limit / 1000)} s`);
  if (code !== 0) throw failureOf(program, code);
  return program.output.text;
}

/** Waits for the end; a program that is late is ended. */
export async function endWithin(program: Program, limit: number): Promise<number | 'late'> {
  const stop = new AbortController();
  const late = sleep(limit, 'late' as const, { signal: stop.signal }).catch(() => 'late' as const);
  const code = await Promise.race([program.end, late]);
  stop.abort();
  if (code === 'late') await kill(program);
  return code;
}

export async function kill(program: Program): Promise<void> {
  program.child.kill('SIGKILL');
  await program.end;
}

/** What a program that has failed said last. */
export function failureOf({ command, errors }: Program, code: number): ExperimentError {
  return new ExperimentError(`${command}: ${lastWords(errors.text) || `ended with code ${code}`}`);
}

/** The last lines of standard error, without the program's name, and without what is for programs (where a receiver listens). */
export function lastWords(text: string, lineCount = 3): string {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('{'));
  return lines
    .slice(-lineCount)
    .map(line => line.replace(/^zerocopy: (\[\w+\] )?/, '').trim())
    .join('; ');
}

const patience = 30_000;
const pause = 5;

/**
 * The TCP port that a program listens on, as soon as it does: so it can be left to the kernel which one that is, and nobody
 * else takes it in the meantime.
 * @param find looks for it; as a rule among the sockets of all, which takes a while where there are thousands
 * @throws ExperimentError when the program ends, or does not listen within half a minute
 */
export async function listeningPort(program: Program, find = portOf): Promise<number> {
  const { child } = program;
  const deadline = performance.now() + patience;
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    const port = find(program);
    if (port !== undefined) return port;
    await sleep(pause);
  }
  if (child.exitCode !== null) throw failureOf(program, child.exitCode);
  await kill(program);
  throw new ExperimentError(`${program.command}: does not listen`);
}

/** The port that `zerocopy receive --json` says it listens on. */
export function portSaidBy({ errors }: Program): number | undefined {
  const [, port] = /^\{"listening":\{.*"port":(\d+)/m.exec(errors.text) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** The state of a socket that listens, in /proc/net/tcp (proc(5)). */
const listening = '0A';

function portOf({ child: { pid } }: Program): number | undefined {
  if (pid === undefined) return undefined;
  const sockets = new Set(socketsOf(pid));
  for (const line of [...linesOf('/proc/net/tcp'), ...linesOf('/proc/net/tcp6')]) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === listening && sockets.has(`socket:[${inode}]`)) return Number.parseInt(local.split(':')[1], 16);
  }
  return undefined;
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ''; // closed in the meantime
      }
    });
  } catch {
    return []; // it has ended
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n');
  } catch {
    return []; // a kernel without IPv6
  }
}
