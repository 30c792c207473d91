import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trace } from './event.js';
import { ledgerLength, readLedger } from './record-ledger.js';
import { attachStrace } from './record-strace.js';
import { parseStrace } from './strace-parser.js';

export { type CanTrace, canTrace } from './record-strace.js';

export type Recorder = Trace['recorder'];

/** What has to be known of a server to record it: TraceServer is one. */
export interface Recordable {
  /** The process that serves. */
  readonly pid: number;
  /** Where its ledger is; '' where it has none. */
  readonly ledgerFile: string;
}

/**
 * Records what a server asks of the kernel while something is done to it. The trace begins and ends with the server in its
 * wait, so that all calls of the requests are in it.
 * @param action requests; it resolves when the client is done with them and has closed its connections
 * @param hasThreads whether strace is to watch all threads; the ledger has their calls anyhow
 * @throws Error when strace may not attach (canTrace says what to do), there is no ledger, or the server does not come to
 *   rest; what the action throws
 */
export async function record(
  server: Recordable,
  action: () => Promise<void>,
  { recorder, hasThreads = false }: { readonly recorder: Recorder; readonly hasThreads?: boolean },
): Promise<Trace> {
  return recorder === 'strace' ? recordStrace(server, action, hasThreads) : recordLedger(server, action);
}

async function recordStrace(server: Recordable, action: () => Promise<void>, hasThreads: boolean): Promise<Trace> {
  const { detach } = await attachStrace(server.pid, hasThreads);
  try {
    await untilQuiet(server.pid);
    await action();
    await untilQuiet(server.pid);
  } catch (error) {
    await detach();
    throw error;
  }
  return parseStrace(await detach());
}

async function recordLedger(server: Recordable, action: () => Promise<void>): Promise<Trace> {
  const { pid, ledgerFile } = server;
  if (ledgerFile === '') throw new Error('this server keeps no ledger: start it with ZEROCOPY_LEDGER=FILE');
  await untilQuiet(pid);
  const from = ledgerLength(ledgerFile);
  await action();
  await untilQuiet(pid);
  return readLedger(ledgerFile, from, pid);
}

const patience = 10_000;
/** A server is at rest when it has slept through this many looks. */
const looks = 4;
const pause = 5;

/**
 * Waits until a process is back in its wait, and nothing wakes it any more.
 * @throws Error when it does not come to rest within ten seconds, or has ended
 */
export async function untilQuiet(pid: number): Promise<void> {
  const deadline = performance.now() + patience;
  let before = '';
  let same = 0;
  while (same < looks) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not come to rest`);
    const now = rest(pid);
    same = now !== '' && now === before ? same + 1 : 0;
    before = now;
    await sleep(pause);
  }
}

/** '' while the first thread of the process works; else how often it has gone to sleep so far (proc(5)). */
function rest(pid: number): string {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/task/${pid}/status`, 'latin1');
  } catch (error) {
    throw new Error(`process ${pid} has ended`, { cause: error });
  }
  if (!/^State:\s+S/m.test(status)) return '';
  return /^voluntary_ctxt_switches:.*$/m.exec(status)?.[0] ?? '';
}
