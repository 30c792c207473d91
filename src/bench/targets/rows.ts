import type { MetricName } from '../metrics.js';
import { cEpoll } from '../peers/c-epoll.js';
import { cLoop, cLoopOff } from '../peers/c-loop.js';
import { lighttpdWith } from '../peers/lighttpd.js';
import { nginx } from '../peers/nginx.js';
import type { Extras, PeerKind } from '../peers/peer.js';
import { zerocopy } from '../peers/zerocopy.js';
import { downloadWorkloads } from '../workloads/downloads.js';
import { notModified, requests, wholeFile } from '../workloads/requests.js';
import type { Workload } from '../workloads/workload.js';
import { held, idle } from './memory.js';
import { nothingName, serveName, startWorkload } from './start.js';
import { tail } from './tail.js';

/** What this server is to reach, and beside whom. */
export interface Goal {
  readonly peer: string;
  readonly metric: MetricName;
  /** Whose figure it is a share of; where nobody is named, it is the figure itself. */
  readonly beside?: string;
  /** What it has to be at least, or at most. */
  readonly least?: number;
  readonly most?: number;
}

export interface TargetRow {
  readonly workload: Workload;
  readonly peers: readonly PeerKind[];
  readonly goals: readonly Goal[];
}

const logged: Extras = { accessLog: true };
const cached: Extras = { accessLog: true, fileCache: true };

/** The three, each with a log of all requests. */
function all(extras: Extras): PeerKind[] {
  return [zerocopy(true, extras), nginx(true, extras), lighttpdWith(extras)];
}

function atLeast(least: number, beside: string, metric: MetricName = 'rate'): Goal {
  return { peer: 'zerocopy', metric, beside, least };
}

function small(name: string, title: string, asks: Workload['asks'] = wholeFile('1k.bin')): Workload {
  return requests({ name, title, file: '1k.bin', asks, latency: false, wrk: true });
}

const middle = requests({
  name: '64k',
  title: '64 KB, sendfile on',
  file: '64k.bin',
  asks: wholeFile('64k.bin'),
  latency: false,
  wrk: true,
});
const large = downloadWorkloads.find(({ name }) => name === '1g') as Workload;

export const targetRows: readonly TargetRow[] = [
  { workload: small('1k', '1 KB, open_file_cache off'), peers: all(logged), goals: [atLeast(1.15, 'nginx')] },
  {
    workload: small('1k-cached', '1 KB, open_file_cache on'),
    peers: [...all(cached), cEpoll],
    goals: [atLeast(1.15, 'nginx'), atLeast(1.05, 'lighttpd')],
  },
  { workload: small('304', '304 answers', notModified), peers: all(logged), goals: [atLeast(1.2, 'nginx')] },
  { workload: middle, peers: all(logged), goals: [atLeast(1.1, 'nginx')] },
  {
    workload: { ...large, title: '1 GB, sendfile on' },
    peers: [...all(logged), cLoop],
    goals: [atLeast(1, 'nginx', 'gigabits'), { peer: 'zerocopy', metric: 'cpuGigabyte', beside: 'c-loop', most: 1.05 }],
  },
  {
    workload: { ...large, name: '1g-off', title: '1 GB, sendfile off' },
    peers: [zerocopy(false, logged), nginx(false, logged), cLoopOff],
    goals: [{ peer: 'zerocopy-off', metric: 'cpuGigabyte', beside: 'nginx-off', most: 0.9 }],
  },
  { workload: idle, peers: all(logged), goals: [{ peer: 'zerocopy', metric: 'perConnection', most: 2 }] },
  { workload: held, peers: all(logged), goals: [{ peer: 'zerocopy', metric: 'worker', most: 120 }] },
  {
    workload: tail,
    peers: all(logged),
    goals: [{ peer: 'zerocopy', metric: 'p99', beside: 'nginx', most: 1 }],
  },
];

/** That of the one that the comparison does not run. */
export const startGoal: Goal = { peer: serveName, metric: 'start', beside: nothingName, most: 2 };

/** All works, in the order of the report. */
export const targetWorkloads: readonly Workload[] = [...targetRows.map(({ workload }) => workload), startWorkload];
