import { cpuNanoseconds } from '../tools/processes.js';
import { type ServerName, uris } from './configuration.js';
import { download } from './download.js';
import { largeSize } from './files.js';
import type { Load } from './load.js';
import type { Peer } from './peers.js';

/** What is measured. */
export type MetricName = 'smallRate' | 'smallCpu' | 'onRate' | 'onCpu' | 'offRate' | 'offCpu';
export type Measurements = Record<MetricName, number>;

/** How much of it. */
export interface Plan {
  readonly rounds: number;
  /** Connections, and seconds of one load of 1 KB requests. */
  readonly connections: number;
  readonly seconds: number;
  /** Downloads of the large file in one measurement. */
  readonly downloads: number;
}

/** All rounds of one server. */
export type Samples = Partial<Record<ServerName, readonly Measurements[]>>;

const warmUp: Pick<Plan, 'seconds' | 'downloads'> = { seconds: 1, downloads: 2 };

/**
 * Measures the servers in turn, round by round, so that what else the machine does meets them alike. Whoever comes first
 * in one round comes second in the next. A short round that does not count goes before: caches, and V8's compiler.
 * @param progress told of each round before it begins
 */
export async function runRounds(
  peers: readonly Peer[],
  load: Load,
  plan: Plan,
  progress: (round: number) => void,
  signal: AbortSignal,
): Promise<Samples> {
  for (const peer of peers) await measure(peer, load, { ...plan, ...warmUp }, signal);
  const samples: Partial<Record<ServerName, Measurements[]>> = {};
  for (let round = 1; round <= plan.rounds; round++) {
    progress(round);
    const order = round % 2 === 1 ? peers : [...peers].reverse();
    for (const peer of order) {
      samples[peer.name] ??= [];
      samples[peer.name]!.push(await measure(peer, load, plan, signal));
    }
  }
  return samples;
}

async function measure(peer: Peer, load: Load, plan: Plan, signal: AbortSignal): Promise<Measurements> {
  const small = await measureSmall(peer, load, plan, signal);
  const on = await measureLarge(peer, uris.sendfileOn, plan.downloads, signal);
  const off = await measureLarge(peer, uris.sendfileOff, plan.downloads, signal);
  return {
    smallRate: small.rate,
    smallCpu: small.cpu,
    onRate: on.rate,
    onCpu: on.cpu,
    offRate: off.rate,
    offCpu: off.cpu,
  };
}

/** Requests a second, and microseconds of the server's CPU a request. */
async function measureSmall(peer: Peer, load: Load, plan: Plan, signal: AbortSignal) {
  const { connections, seconds } = plan;
  const before = cpuNanoseconds(peer.worker);
  const result = await load.send({ url: peer.origin + uris.small, connections, seconds }, signal);
  const cpu = cpuNanoseconds(peer.worker) - before;
  peer.emptyLog();
  return { rate: result.requests / result.seconds, cpu: cpu / 1000 / result.requests };
}

/** Gigabits a second, and seconds of the server's CPU a gigabyte. */
async function measureLarge(peer: Peer, uri: string, times: number, signal: AbortSignal) {
  const before = cpuNanoseconds(peer.worker);
  const { bytes, seconds } = await download(peer.port, uri, times, signal);
  const cpu = cpuNanoseconds(peer.worker) - before;
  if (bytes !== times * largeSize)
    throw new Error(`${peer.name} sent ${bytes} bytes for ${uri}, not ${times * largeSize}`);
  // nanoseconds a byte are seconds a gigabyte
  return { rate: (bytes * 8) / 1e9 / seconds, cpu: cpu / bytes };
}
