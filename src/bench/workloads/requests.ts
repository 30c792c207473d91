import type { Ask } from '../clients/ask.js';
import { runWrk } from '../clients/wrk.js';
import type { MetricName } from '../metrics.js';
import type { RunningPeer } from '../peers/running.js';
import { type FileName, fileSizes, type Workplace } from '../workplace.js';
import { latencies, latencyConnections, load, sampleOf, warmUpWithRequests } from './load.js';
import { askFor, type Plan, type Sample, type Turn, type Workload } from './workload.js';

/** Many requests over connections that are kept. */

interface RequestsSettings {
  readonly name: string;
  readonly title: string;
  readonly file: FileName;
  readonly asks: Workload['asks'];
  /** Whether autocannon measures latencies of the whole file. */
  readonly latency: boolean;
  /** Whether wrk, where it is to check our own client, makes the same request. */
  readonly wrk?: boolean;
}

export function requests({ name, title, file, asks, latency, wrk = false }: RequestsSettings): Workload {
  const percentiles: readonly MetricName[] = latency ? ['p50', 'p99'] : [];
  return {
    ...{ name, title, asks },
    about: plan => aboutOf(plan, latency),
    files: [file],
    metrics: ['rate', 'cpuRequest', ...percentiles, 'memory'],
    rounds: plan => plan.rounds,
    warmUp: warmUpWithRequests,
    measure: turn => measure(turn, latency ? file : undefined, wrk),
  };
}

function aboutOf({ connections, seconds }: Plan, latency: boolean): string {
  const rate = `${connections} connections for ${seconds} s: our own client`;
  return latency ? `${rate}; latency: ${latencyConnections} connections for ${seconds} s, autocannon` : rate;
}

async function measure(turn: Turn, latencyFile: FileName | undefined, isChecked: boolean): Promise<Sample> {
  const { connections, seconds } = turn.plan;
  const loaded = await load(turn, { connections, seconds, times: 0 });
  const { peer } = turn;
  const rate = {
    rate: loaded.rate,
    cpuRequest: loaded.cpu / 1000 / loaded.requests,
  };
  const wrk = isChecked ? await byWrk(turn) : {};
  const counts = { ...sampleOf(loaded), ...wrk };
  if (latencyFile === undefined) return { ...counts, values: { ...rate, memory: megabytes(peer) } };
  const { p50, p99, result } = await latencies(turn, latencyFile, fileSizes[latencyFile]);
  const values = { ...rate, p50, p99, memory: megabytes(peer) };
  return { ...counts, requests: counts.requests + result.requests, values, latency: result.latency };
}

/** What wrk makes of the same, where it is to. @throws Error where it fails */
async function byWrk({ peer, plan, asks, wrk, signal }: Turn): Promise<Pick<Sample, 'wrk'>> {
  if (wrk === undefined) return {};
  const [line, ...fields] = asks[0]!.text.trimEnd().split('\r\n');
  const url = peer.origin + line!.split(' ')[1];
  const { connections, seconds } = plan;
  const done = await runWrk(wrk, { url, fields, connections, seconds }, signal);
  return { wrk: done.requests / done.seconds };
}

/** The most that the server's processes have had in memory. */
export function megabytes(peer: RunningPeer): number {
  return peer.memory() / 1e6;
}

/** The whole file. */
export function wholeFile(file: FileName): Workload['asks'] {
  return async (_peer, place) => [askFor(file, { status: 200, length: fileSizes[file], sha256: place.sha256(file) })];
}

/** So many different ranges are asked for, all over the file. */
const rangeCount = 200;
const rangeLength = 64 * 1024;

/** Parts of a large file that lie apart, at odd offsets, in an order in which none follows its neighbour. */
export async function ranges(_peer: unknown, place: Workplace): Promise<Ask[]> {
  const file: FileName = '100m.bin';
  const size = fileSizes[file];
  const stride = Math.floor((size - rangeLength) / rangeCount);
  return Array.from({ length: rangeCount }, (_, nth) => {
    const start = ((nth * 77) % rangeCount) * stride + nth;
    const last = start + rangeLength - 1;
    const answer = {
      status: 206,
      length: rangeLength,
      sha256: place.sha256Of(file, start, rangeLength),
      contentRange: `bytes ${start}-${last}/${size}`,
    };
    return askFor(file, answer, `Range: bytes=${start}-${last}\r\n`);
  });
}

/** As a browser asks again: with the validators that the server itself has given. */
export async function notModified(peer: RunningPeer): Promise<Ask[]> {
  const file: FileName = '1k.bin';
  const response = await fetch(`${peer.origin}/${file}`);
  await response.arrayBuffer();
  const etag = response.headers.get('etag');
  const modified = response.headers.get('last-modified');
  const match = etag === null ? '' : `If-None-Match: ${etag}\r\n`;
  const since = modified === null ? '' : `If-Modified-Since: ${modified}\r\n`;
  return [askFor(file, { status: 304, length: 0 }, match + since)];
}

export const fileWorkloads: readonly Workload[] = [
  requests({
    ...{ name: '1k', title: 'A file of 1 KB', file: '1k.bin', asks: wholeFile('1k.bin') },
    latency: true,
    wrk: true,
  }),
  requests({ name: '64k', title: 'A file of 64 KB', file: '64k.bin', asks: wholeFile('64k.bin'), latency: true }),
  requests({ name: '1m', title: 'A file of 1 MB', file: '1m.bin', asks: wholeFile('1m.bin'), latency: true }),
];

const rangesTitle = 'Ranges of 64 KB all over a file of 100 MB';
const notModifiedTitle = 'A file that has not changed (304)';

export const headerWorkloads: readonly Workload[] = [
  requests({ name: 'ranges', title: rangesTitle, file: '100m.bin', asks: ranges, latency: false }),
  requests({ name: '304', title: notModifiedTitle, file: '1k.bin', asks: notModified, latency: false }),
];
