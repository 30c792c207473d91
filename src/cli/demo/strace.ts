import { readFileSync } from 'node:fs';
import { ended, gather, start } from '../../tools/children.js';
import { until } from '../../tools/waiting.js';
import { parseStrace } from '../../trace/strace-parser.js';
import { download } from './client.js';
import type { DemoServer, LoggedCalls } from './server.js';

/** The system calls of one download. */
export interface CountedCalls {
  /** How they were counted: by strace, or by the server, which counts those that move the file. */
  readonly callsFrom: 'strace' | 'log';
  readonly calls: Record<string, number>;
  /** Those among them that found the socket full. */
  readonly eagain: number;
  /** Bytes that came into the server's memory from the file, and went out of it to the socket (the head is among these). */
  readonly copiedBytes: number;
}

/** Counts the system calls of one download: with strace where it is installed and may attach, else by the server's own log. */
export async function trace(server: DemoServer, url: string, mode: 'off' | 'on'): Promise<CountedCalls> {
  const file = `${server.folder}/strace-${mode}.txt`;
  const before = server.logged().length;
  const stop = await attach(server.pid, file);
  await download(url);
  await until(
    async () => server.logged().length > before,
    () => true,
    () => 'the server of the demo has logged nothing',
  );
  if (stop === null) return fromLog(server.logged()[before]);
  await server.isQuiet();
  await stop();
  return parseTrace(readFileSync(file, 'latin1'));
}

/** Has strace look at the thread that serves. Null when it is not there, or not allowed; else what ends it. */
async function attach(pid: number, file: string): Promise<(() => Promise<void>) | null> {
  const child = start('strace', ['-p', `${pid}`, '-o', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const messages = gather(child.stderr);
  const end = ended(child);
  let hasEnded = false;
  void end.then(() => {
    hasEnded = true;
  });
  await until(
    async () => hasEnded || messages.text.includes('attached'),
    () => true,
    () => 'strace does not attach',
  );
  if (hasEnded) return null;
  return async () => {
    child.kill('SIGINT');
    await end;
  };
}

/** The calls that move bytes of a response into the server's memory and out of it. */
const copying = new Set(['pread64', 'writev', 'sendto']);

/** Counts the calls of a trace by `strace` without -f. */
export function parseTrace(text: string): CountedCalls {
  const calls: Record<string, number> = {};
  let eagain = 0;
  let copiedBytes = 0;
  for (const event of parseStrace(text).events) {
    if (event.kind !== 'call') continue;
    const { name, errno, result } = event;
    calls[name] = (calls[name] ?? 0) + 1;
    if (errno === 'EAGAIN') eagain += 1;
    if (copying.has(name)) copiedBytes += Math.max(0, result);
  }
  return { callsFrom: 'strace', calls, eagain, copiedBytes };
}

function fromLog({ sendfile, pread, writev, eagain, bytes, body }: LoggedCalls): CountedCalls {
  const read = pread > 0 ? body : 0;
  const copiedBytes = read + (bytes - body) + read;
  return { callsFrom: 'log', calls: { pread64: pread, writev, sendfile }, eagain, copiedBytes };
}
