import { type AskResult, type AskSettings, ask } from '../clients/ask.js';
import type { CannonResult } from '../clients/cannon.js';
import { runAutocannon } from '../clients/run-autocannon.js';
import { Histogram } from '../histogram.js';
import { connectionsOfKernel } from '../ktls.js';
import { failuresOf } from '../url/verdict.js';
import { type Turn, WrongAnswer } from './workload.js';

/** Loads of one server, whose wrong answers are errors. */

/** One body in so many is hashed: a prime, so that it is not always the same ask. */
const sampleEvery = 997;
/** Few enough that requests do not queue in autocannon itself for long. */
export const latencyConnections = 10;
/** Seconds that the first look at every answer may take. */
const checkLimit = 120;

/** @throws WrongAnswer */
export async function load(
  { peer, asks, secured, signal }: Turn,
  settings: Pick<AskSettings, 'connections' | 'seconds' | 'times'>,
): Promise<AskResult & { readonly cpu: number; readonly ktls?: boolean }> {
  const [before, connections] = [peer.cpu(), connectionsOfKernel()];
  const result = await ask({ port: peer.port, asks, sampleEvery, ...settings, ...(secured && { secured }) }, signal);
  if (result.problem !== undefined) throw new WrongAnswer(result.problem);
  if (result.requests === 0) throw new WrongAnswer(`answered nothing in ${settings.seconds} s`);
  const ktls = secured && { ktls: connectionsOfKernel() > connections };
  return { ...result, ...ktls, cpu: peer.cpu() - before };
}

/** What a sample says of a load beside its values. */
export function sampleOf(
  loaded: Pick<Awaited<ReturnType<typeof load>>, 'requests' | 'samples' | 'clientLoad' | 'ktls'>,
) {
  const { requests, samples, clientLoad, ktls } = loaded;
  return { requests, hashed: samples, clientLoad, ...(ktls !== undefined && { ktls }) };
}

/** Seconds of a warm-up at most: V8 has compiled what a server of Node needs by then. */
const warmUpSeconds = 1;

/** Many requests, which do not count. @throws WrongAnswer */
export async function warmUpWithRequests(turn: Turn, connections = turn.plan.connections): Promise<void> {
  await load(turn, { connections, seconds: Math.min(warmUpSeconds, 2 * turn.plan.seconds), times: 0 });
}

/** Asks for everything once over one connection, and compares every body. @throws WrongAnswer */
export async function checkAll({ peer, asks, secured, signal }: Turn): Promise<void> {
  const settings = {
    connections: 1,
    seconds: checkLimit,
    times: asks.length,
    sampleEvery: 1,
    ...(secured && { secured }),
  };
  const { problem, requests } = await ask({ port: peer.port, asks, ...settings }, signal);
  if (problem !== undefined) throw new WrongAnswer(problem);
  if (requests < asks.length)
    throw new WrongAnswer(`answered ${requests} of ${asks.length} requests in ${checkLimit} s`);
}

/** Percentiles by autocannon: its connections wait for an answer before they ask again. @throws WrongAnswer */
export async function latencies(
  { peer, plan, signal }: Turn,
  name: string,
  length: number,
): Promise<{ readonly result: CannonResult; readonly p50: number; readonly p99: number }> {
  const url = `${peer.origin}/${name}`;
  const settings = {
    url,
    connections: latencyConnections,
    seconds: plan.seconds,
    pipelining: 1,
    rate: 0,
    headers: {},
    timeout: 10,
  };
  const result = await runAutocannon(settings, signal);
  const [failure] = failuresOf(result, undefined);
  if (failure !== undefined) throw new WrongAnswer(`failed with autocannon: ${failure}`);
  const other = result.lengths.find(each => each.length !== length || each.status !== 200);
  if (other !== undefined) {
    throw new WrongAnswer(`answered autocannon with ${other.status} and ${other.length} bytes, and not with ${length}`);
  }
  const histogram = new Histogram().merge(result.latency);
  return { result, p50: histogram.quantile(0.5) / 1000, p99: histogram.quantile(0.99) / 1000 };
}
