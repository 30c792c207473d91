import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';
import type { SlowResult } from '../../tools/slow-client.js';
import { until } from '../../tools/waiting.js';
import { count } from '../../tools/words.js';
import { pinned } from '../pinning.js';
import { fileSizes } from '../workplace.js';
import { latencies, latencyConnections, warmUpWithRequests } from './load.js';
import { megabytes, wholeFile } from './requests.js';
import { type Sample, type Turn, type Workload, WrongAnswer } from './workload.js';

/** Slow clients beside fast ones: what a download over a bad line costs, and whether others have to wait for it. */

const clientProgram = fileURLToPath(new URL('../../tools/slow-client.js', import.meta.url));
/** Bytes a second that each slow client takes. */
const pace = 64 * 1024;
/** Seconds beyond those of the fast clients, in which the slow ones connect: they are ended when those are done. */
const head = 30;
const slowFile = '100m.bin';
const fastFile = '1k.bin';

export const slow: Workload = {
  name: 'slow',
  title: 'Slow clients beside fast ones',
  about: ({ slowClients, seconds }) =>
    `${count(slowClients)} clients take a file of 100 MB at 64 KB/s each; meanwhile ${latencyConnections} connections ask for 1 KB for ${seconds} s, autocannon`,
  files: [slowFile, fastFile],
  metrics: ['p99', 'p50', 'rate', 'memory'],
  rounds: plan => plan.slowRounds,
  asks: wholeFile(fastFile),
  warmUp: warmUpWithRequests,
  measure,
};

async function measure(turn: Turn): Promise<Sample> {
  const { peer, plan, signal } = turn;
  const { slowClients, seconds } = plan;
  const args = [clientProgram, ...[peer.port, `/${slowFile}`, slowClients, pace, seconds + head].map(String)];
  const child = start(...pinned('client', process.execPath, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const [output, errors] = [gather(child.stdout), gather(child.stderr)];
  try {
    await until(
      () => output.text.startsWith('connected\n'),
      () => child.exitCode === null && child.signalCode === null,
      () => `did not serve ${slowClients} slow clients at once: ${errors.text.trim() || 'some have got no byte'}`,
    ).catch(error => {
      throw new WrongAnswer((error as Error).message);
    });
    const { result, p50, p99 } = await latencies(turn, fastFile, fileSizes[fastFile]);
    child.kill('SIGTERM');
    await ended(child);
    const alive = aliveOf(output.text);
    if (alive < slowClients) throw new WrongAnswer(`cut off ${slowClients - alive} of ${slowClients} slow clients`);
    const values = { p99, p50, rate: result.requests / result.seconds, memory: megabytes(peer) };
    return { values, requests: result.requests, hashed: 0, latency: result.latency };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

function aliveOf(output: string): number {
  const [, line = ''] = output.split('\n');
  return line === '' ? 0 : (JSON.parse(line) as SlowResult).alive;
}
