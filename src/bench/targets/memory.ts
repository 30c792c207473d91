import { setTimeout as sleep } from 'node:timers/promises';
import { getLimit, RLIMIT_NOFILE } from '../../../native/process.js';
import { residentMemory } from '../../tools/processes.js';
import { count } from '../../tools/words.js';
import type { MetricName } from '../metrics.js';
import type { RunningPeer } from '../peers/running.js';
import { wholeFile } from '../workloads/requests.js';
import { besideSlowClients } from '../workloads/slow-clients.js';
import { longSeconds, type Plan, type Sample, type Turn, type Workload } from '../workloads/workload.js';
import type { FileName } from '../workplace.js';

/**
 * What connections take of a worker's memory: of all that is resident (VmRSS), what the heap of Node has grown by too. Nothing warms the
 * server up, so that what its first requests take is counted as well.
 */

/** Bytes a second of slow downloads. */
const slowPace = 16 * 1024;
/** Seconds that they may take in all. */
const limit = 120;
/** Descriptors that a server, and the process of the clients, need for something else. */
const spareFiles = 500;

interface Holding {
  readonly name: string;
  readonly title: string;
  readonly file: FileName;
  /** So many times the clients of the workload `slow`. */
  readonly share: number;
  /** Bytes a second that each takes. */
  readonly pace: number;
  readonly metric: MetricName;
  about(clients: string, seconds: number): string;
  /** What is made of the bytes before, and with all clients. */
  figure(before: number, after: number, clients: number): number;
}

function holding(kind: Holding): Workload {
  const { name, title, file, metric, about } = kind;
  return {
    ...{ name, title, files: [file], metrics: [metric], asks: wholeFile(file), startsAnew: true },
    about: plan => about(count(clientsOf(kind, plan)), longSeconds(plan)),
    rounds: plan => plan.rounds,
    warmUp: async () => {},
    measure: turn => measure(turn, kind),
  };
}

async function measure(turn: Turn, kind: Holding): Promise<Sample> {
  const { plan, signal } = turn;
  const { file, pace, metric, figure } = kind;
  const clients = clientsOf(kind, plan);
  const worker = workerOf(turn.peer);
  const before = residentMemory(worker);
  const after = await besideSlowClients(turn, { file, count: clients, pace, seconds: limit }, async () => {
    await sleep(longSeconds(plan) * 1000, undefined, { signal });
    return residentMemory(worker);
  });
  return { values: { [metric]: figure(before, after, clients) }, requests: clients, hashed: 0 };
}

/** As many as there are to be, or as a process may have. */
function clientsOf({ share }: Holding, { slowClients }: Plan): number {
  return Math.min(share * slowClients, getLimit(RLIMIT_NOFILE).hard - spareFiles);
}

/** The process that serves: the last one that was started. */
function workerOf(peer: RunningPeer): number {
  return peer.processes().at(-1) as number;
}

export const idle = holding({
  ...{ name: 'idle', title: 'Idle connections', file: '1k.bin', share: 10, pace: 1e6 },
  metric: 'perConnection',
  about: (clients, seconds) =>
    `${clients} connections, each kept after one answer; VmRSS of the worker after ${seconds} s, above that at its start`,
  figure: (before, after, clients) => (after - before) / 1024 / clients,
});

export const held = holding({
  ...{ name: 'held', title: 'Slow downloads, sendfile on', file: '100m.bin', share: 5, pace: slowPace },
  metric: 'worker',
  about: (clients, seconds) =>
    `${clients} clients take a file of 100 MB at ${slowPace / 1024} KB/s each; VmRSS of the worker after ${seconds} s`,
  figure: (_, after) => after / 1e6,
});
