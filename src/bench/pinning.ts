import { readFileSync } from 'node:fs';
import { findProgram, run } from '../tools/programs.js';

/** Servers have one core, and clients another one: a server with many threads is then not ahead of one with a single thread. */

export interface Cores {
  readonly server: number;
  readonly client: number;
}

/** Reads a list of processors as the kernel writes it: `0-2,5`. */
export function parseCores(list: string): number[] {
  return list.split(',').flatMap(part => {
    const [first, last = first] = part.trim().split('-').map(Number) as [number, number?];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });
}

/** The two cores, where this process may use two and taskset(1) is there; else undefined: nothing is bound. */
export function chooseCores(): Cores | undefined {
  if (findProgram('taskset') === undefined) return undefined;
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  const [server, client] = parseCores(allowed ?? '');
  return server === undefined || client === undefined ? undefined : { server, client };
}

let chosen: { readonly cores: Cores | undefined } | undefined;

/** As chooseCores, found out once. */
export function cores(): Cores | undefined {
  chosen ??= { cores: chooseCores() };
  return chosen.cores;
}

/** A command line that runs a program on the core of the servers or of the clients. taskset becomes the program: the process stays the same. */
export function pinned(role: keyof Cores, command: string, args: readonly string[]): [command: string, args: string[]] {
  const both = cores();
  return both === undefined ? [command, [...args]] : ['taskset', ['-c', `${both[role]}`, command, ...args]];
}

/** Runs a client to its end, on its core, and gives what it printed. @param timeout ms. @throws as `run` of src/tools/programs.ts */
export function runPinned(
  command: string,
  args: readonly string[],
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  return run(...pinned('client', command, args), timeout, signal);
}
