import { readFileSync, statSync } from 'node:fs';
import { ended, start } from '../tools/children.js';
import { findProgram } from '../tools/programs.js';
import type { Trace } from './event.js';
import { untilQuiet } from './record.js';
import { parseStrace } from './strace-parser.js';

/**
 * strace(1) as the parent of a server. Where a process may trace none but its own children (Yama's ptrace_scope 1, the
 * default of many distributions), this works without root, and attaching does not.
 */

/** Whether strace may trace a program that it starts itself: only trying is sure. */
export async function canTraceChildren(): Promise<boolean> {
  if (findProgram('strace') === undefined) return false;
  return (await ended(start('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' }))) === 0;
}

/**
 * Records what a server that strace has started asks of the kernel while something is done to it.
 * @param straceFile what strace writes; only what comes to it from now on is read
 * @throws Error when the server does not come to rest; what the action throws
 */
export async function recordFromFile(
  { pid, straceFile }: { readonly pid: number; readonly straceFile: string },
  action: () => Promise<void>,
): Promise<Trace> {
  await untilQuiet(pid);
  // a wait that has begun stands in the file as half a line; its end is what the first request brings
  const from = statSync(straceFile).size;
  await action();
  await untilQuiet(pid);
  const bytes = readFileSync(straceFile);
  const lineStart = bytes.lastIndexOf('\n', from - 1) + 1;
  const end = bytes.lastIndexOf('\n') + 1;
  return parseStrace(bytes.subarray(lineStart, end).toString('latin1'));
}
