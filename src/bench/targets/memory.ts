import { setTimeout as sleep } from 'node:timers/promises';
import { residentMemory } from '../../tools/processes.js';
import { count } from '../../tools/words.js';
import type { MetricName } from '../metrics.js';
import type { RunningPeer } from '../peers/running.js';
import { wholeFile } from '../workloads/requests.js';
import { besideSlowClients, type SlowClients } from '../workloads/slow-clients.js';
import type { Sample, Turn, Workload } from '../workloads/workload.js';
import type { FileName } from '../workplace.js';

/** What connections take of a worker's memory. Nothing warms the server up: what its first requests take is counted as well. */

/** Bytes a second of slow downloads. */
const slowPace = 16 * 1024;
/** Seconds that all stay connected before the server is looked at, and that they may take in all. */
const settling = 3;
const limit = 120;

/** What a measurement makes of the bytes before, and with all clients. */
type Figure = (before: number, after: number, clients: number) => number;

function holding(
  name: string,
  title: string,
  file: FileName,
  pace: number,
  metric: MetricName,
  figure: Figure,
): Workload {
  const countOf = name === 'idle' ? ({ idleClients }: Sizes) => idleClients : ({ heldClients }: Sizes) => heldClients;
  return {
    ...{ name, title, files: [file], metrics: [metric], asks: wholeFile(file) },
    about: plan => `${count(countOf(sizesOf(plan.slowClients)))} clients, for ${settling} s`,
    // another round would begin with what the last one has left behind
    rounds: () => 1,
    warmUp: async () => {},
    measure: turn =>
      measure(turn, { file, count: countOf(sizesOf(turn.plan.slowClients)), pace, seconds: limit }, metric, figure),
  };
}

interface Sizes {
  readonly idleClients: number;
  readonly heldClients: number;
}

/** @param slow the clients of the workload `slow` */
function sizesOf(slow: number): Sizes {
  return { idleClients: 10 * slow, heldClients: 5 * slow };
}

async function measure(turn: Turn, clients: SlowClients, metric: MetricName, figure: Figure): Promise<Sample> {
  const worker = workerOf(turn.peer);
  const before = residentMemory(worker);
  const after = await besideSlowClients(turn, clients, async () => {
    await sleep(settling * 1000, undefined, { signal: turn.signal });
    return residentMemory(worker);
  });
  return { values: { [metric]: figure(before, after, clients.count) }, requests: clients.count, hashed: 0 };
}

/** The process that serves: the last one that was started. */
function workerOf(peer: RunningPeer): number {
  return peer.processes().at(-1) as number;
}

export const idle = holding(
  'idle',
  'Idle connections that are kept: memory of the worker above its start',
  '1k.bin',
  1e6,
  'perConnection',
  (before, after, clients) => (after - before) / 1024 / clients,
);

export const held = holding(
  'held',
  'Slow downloads: memory of the worker',
  '100m.bin',
  slowPace,
  'worker',
  (_, after) => after / 1e6,
);
