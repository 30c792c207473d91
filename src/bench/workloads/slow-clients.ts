import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';
import type { SlowResult } from '../../tools/slow-client.js';
import { until } from '../../tools/waiting.js';
import { pinned } from '../pinning.js';
import type { FileName } from '../workplace.js';
import { type Turn, WrongAnswer } from './workload.js';

const clientProgram = fileURLToPath(new URL('../../tools/slow-client.js', import.meta.url));
/** How long they may take to connect (ms). */
const patience = 60_000;

export interface SlowClients {
  readonly file: FileName;
  readonly count: number;
  /** Bytes a second that each takes. One that has taken all of its file stays connected. */
  readonly pace: number;
  /** How long they stay at most. */
  readonly seconds: number;
}

/** Does something while slow clients are connected, each of which has had its first bytes. @throws WrongAnswer where one is cut off */
export async function besideSlowClients<T>(
  { peer, signal }: Turn,
  { file, count, pace, seconds }: SlowClients,
  act: () => Promise<T>,
): Promise<T> {
  const args = [clientProgram, ...[peer.port, `/${file}`, count, pace, seconds].map(String)];
  const child = start(...pinned('client', process.execPath, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const [output, errors] = [gather(child.stdout), gather(child.stderr)];
  try {
    await until(
      () => output.text.startsWith('connected\n'),
      () => child.exitCode === null && child.signalCode === null,
      () => `did not serve ${count} slow clients at once: ${errors.text.trim() || 'some have got no byte'}`,
      patience,
    ).catch(error => {
      throw new WrongAnswer((error as Error).message);
    });
    const done = await act();
    child.kill('SIGTERM');
    await ended(child);
    const alive = aliveOf(output.text);
    if (alive < count) throw new WrongAnswer(`cut off ${count - alive} of ${count} slow clients`);
    return done;
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function aliveOf(output: string): number {
  const [, line = ''] = output.split('\n');
  return line === '' ? 0 : (JSON.parse(line) as SlowResult).alive;
}
