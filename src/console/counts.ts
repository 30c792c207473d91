import { countedCalls } from '../../native/call-counts.js';
import type { Scoreboard, Slot } from '../scoreboard/board.js';
import { Counter } from '../scoreboard/counters.js';
import type { HostWorker } from './host.js';
import type { ConnectionFacts, ThreadFacts, Totals } from './snapshot.js';

/** The numbers of the scoreboard at one moment, summed up. */
export interface Counts extends Omit<Totals, 'calls' | 'cpuUser' | 'cpuSystem'> {
  /** In the order of `countedCalls`. */
  readonly calls: readonly number[];
  readonly connections: ConnectionFacts;
  readonly threads: ThreadFacts;
}

/** Of all workers, those that have gone included. */
export function readCounts(board: Scoreboard, workers: readonly HostWorker[]): Counts {
  const live = workers.filter(({ slot }) => slot > 0).map(({ slot }) => board.slot(slot));
  const slots = [board.slot(0), ...live];
  const sum = (counter: number) => slots.reduce((all, { counters }) => all + counters[counter], 0);
  return {
    accepted: sum(Counter.accepted),
    handled: sum(Counter.handled),
    requests: sum(Counter.requests),
    statuses: [0, 1, 2, 3, 4].map(index => sum(Counter.statuses + index)),
    bytes: {
      sendfile: sum(Counter.sendfileBytes),
      buffers: sum(Counter.bufferBytes),
      ktls: sum(Counter.ktlsBytes),
      tls: sum(Counter.tlsBytes),
      memory: sum(Counter.memoryBytes),
    },
    eagain: sum(Counter.eagain),
    pageCache: { hits: sum(Counter.cachedBytes), misses: sum(Counter.threadBytes) },
    threadJobs: sum(Counter.threadJobs),
    threadOverflows: sum(Counter.threadOverflows),
    calls: countedCalls.map((_, index) => slots.reduce((all, { calls }) => all + calls[index], 0)),
    connections: connectionsOf(live),
    threads: { busy: sum(Counter.threadsBusy), waiting: sum(Counter.threadQueue) },
  };
}

function connectionsOf(live: readonly Slot[]): ConnectionFacts {
  const sum = (counter: number) => live.reduce((all, { counters }) => all + counters[counter], 0);
  const [active, reading, writing] = [sum(Counter.active), sum(Counter.reading), sum(Counter.writing)];
  return { active, reading, writing, waiting: Math.max(0, active - reading - writing) };
}

/** By the kernel's names, without those that are 0. */
export function namedCalls(calls: readonly number[]): Record<string, number> {
  const named = countedCalls.map((name, index) => [name, calls[index]] as const);
  return Object.fromEntries(named.filter(([, count]) => count > 0));
}
