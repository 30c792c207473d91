import { count } from '../../tools/words.js';
import { type FileName, fileSizes } from '../workplace.js';
import { latencies, latencyConnections, warmUpWithRequests } from './load.js';
import { megabytes, wholeFile } from './requests.js';
import { besideSlowClients } from './slow-clients.js';
import type { Sample, Turn, Workload } from './workload.js';

/** Slow clients beside fast ones: what a download over a bad line costs, and whether others have to wait for it. */

/** Bytes a second that each slow client takes. */
const pace = 64 * 1024;
/** Seconds beyond those of the fast clients, in which the slow ones connect: they are ended when those are done. */
const head = 30;
const slowFile: FileName = '100m.bin';
const fastFile: FileName = '1k.bin';

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
  const { peer, plan } = turn;
  const clients = { file: slowFile, count: plan.slowClients, pace, seconds: plan.seconds + head };
  const { result, p50, p99 } = await besideSlowClients(turn, clients, () =>
    latencies(turn, fastFile, fileSizes[fastFile]),
  );
  const values = { p99, p50, rate: result.requests / result.seconds, memory: megabytes(peer) };
  return { values, requests: result.requests, hashed: 0, latency: result.latency };
}
