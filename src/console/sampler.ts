import { Counter } from '../scoreboard/counters.js';
import { RecentRecords } from '../scoreboard/recent.js';
import { type Counts, namedCalls, readCounts } from './counts.js';
import type { ConsoleHost, HostWorker, Watcher } from './host.js';
import { figuresOf, type ProcessFigures } from './processes.js';
import { Recent } from './recent.js';
import type { DataPath, Sample, Totals, WorkerFacts } from './snapshot.js';

/** Samples that are kept: ten minutes of seconds. */
const historyLength = 600;

/** What is known of a worker. */
interface Watched {
  readonly records: RecentRecords;
  figures: ProcessFigures;
  userShare: number;
  systemShare: number;
}

const nothing: ProcessFigures = { cpuUser: 0, cpuSystem: 0, memory: 0, disk: null };

/**
 * Looks at the scoreboard and at /proc once a second, and remembers ten minutes of it. Workers are never asked: they do not notice.
 */
export class Sampler {
  readonly history: Sample[] = [];
  readonly recent = new Recent();
  private readonly watched = new Map<HostWorker, Watched>();
  private readonly ownRecords: RecentRecords | null;
  private counts: Counts;
  private at = performance.now();
  /** Of workers that have gone. */
  private pastUser = 0;
  private pastSystem = 0;

  constructor(private readonly host: ConsoleHost) {
    this.counts = readCounts(host.board, host.workers);
    // a process that serves alone is its own worker
    this.ownRecords = host.hasMaster ? new RecentRecords(host.board.slot(0)) : null;
    this.look();
  }

  /** Takes a sample of the time since the last one. @returns null where that is too short to say anything */
  sample(): Sample | null {
    const now = performance.now();
    const seconds = (now - this.at) / 1000;
    if (seconds < 0.1) return null;
    const [before, cpuBefore, diskBefore] = [this.counts, this.cpu, this.disks()];
    this.at = now;
    this.look(seconds);
    const { counts } = this;
    const rate = (after: number, earlier: number) => Math.max(0, Math.round((after - earlier) / seconds));
    const [user, system] = this.cpu;
    const sample: Sample = {
      at: Date.now(),
      requests: rate(counts.requests, before.requests),
      bytes: mapPaths(counts.bytes, (bytes, path) => rate(bytes, before.bytes[path])),
      disk: rateOfDisks(this.disks(), diskBefore, seconds),
      eagain: rate(counts.eagain, before.eagain),
      pageCache: {
        hits: rate(counts.pageCache.hits, before.pageCache.hits),
        misses: rate(counts.pageCache.misses, before.pageCache.misses),
      },
      calls: namedCalls(counts.calls.map((count, index) => rate(count, before.calls[index]))),
      cpuUser: share(user - cpuBefore[0], seconds),
      cpuSystem: share(system - cpuBefore[1], seconds),
      connections: counts.connections,
      threads: counts.threads,
    };
    this.history.push(sample);
    if (this.history.length > historyLength) this.history.shift();
    return sample;
  }

  /** Reads what is new, between samples as well. */
  readRecords(): void {
    const lines = this.ownRecords?.newErrors() ?? [];
    for (const [worker, { records }] of this.watched) lines.push(...this.take(worker, records));
    // of several processes: each line begins with its time, to the second
    const timeOf = (line: string) => line.slice(0, '2026/01/01 00:00:00'.length);
    this.recent.addErrors(lines.sort((one, other) => timeOf(one).localeCompare(timeOf(other))));
  }

  /** The last words of a worker that has ended. */
  ended: Watcher['ended'] = worker => {
    const known = this.watched.get(worker);
    if (known === undefined) return;
    this.recent.addErrors(this.take(worker, known.records));
    this.pastUser += known.figures.cpuUser;
    this.pastSystem += known.figures.cpuSystem;
    this.watched.delete(worker);
  };

  /** Totals and connections of this moment. */
  figures(): { readonly totals: Totals; readonly connections: Counts['connections'] } {
    const { calls, connections, threads, ...counts } = readCounts(this.host.board, this.host.workers);
    const [cpuUser, cpuSystem] = this.cpu;
    const totals = { ...counts, calls: namedCalls(calls), cpuUser: rounded(cpuUser), cpuSystem: rounded(cpuSystem) };
    return { totals, connections };
  }

  workers(): WorkerFacts[] {
    return this.host.workers.map(worker => {
      const { pid, number, state, startedAt, slot } = worker;
      const { figures, userShare, systemShare } = this.watch(worker);
      const { cpuUser, cpuSystem, memory } = figures;
      const connections = slot > 0 ? this.host.board.slot(slot).counters[Counter.active] : 0;
      return { pid, number, state, startedAt, cpuUser, cpuSystem, userShare, systemShare, memory, connections };
    });
  }

  /** Seconds of CPU of all workers so far: user and system. */
  private get cpu(): [user: number, system: number] {
    let [user, system] = [this.pastUser, this.pastSystem];
    for (const { figures } of this.watched.values()) {
      user += figures.cpuUser;
      system += figures.cpuSystem;
    }
    return [user, system];
  }

  /** @param seconds since the last look */
  private look(seconds = 0): void {
    for (const worker of this.host.workers) {
      const known = this.watch(worker);
      const before = known.figures;
      known.figures = figuresOf(worker.pid) ?? before;
      if (seconds === 0) continue;
      known.userShare = share(known.figures.cpuUser - before.cpuUser, seconds);
      known.systemShare = share(known.figures.cpuSystem - before.cpuSystem, seconds);
    }
    this.counts = readCounts(this.host.board, this.host.workers);
  }

  private watch(worker: HostWorker): Watched {
    let known = this.watched.get(worker);
    if (known === undefined) {
      const records = new RecentRecords(this.host.board.slot(Math.max(0, worker.slot)));
      known = { records, figures: nothing, userShare: 0, systemShare: 0 };
      this.watched.set(worker, known);
    }
    return known;
  }

  /** Takes over its requests, and gives its lines of the error log. */
  private take(worker: HostWorker, records: RecentRecords): string[] {
    if (worker.slot <= 0) return [];
    this.recent.addRequests(records.newRequests(), worker.pid);
    return records.newErrors();
  }

  /** Bytes that each worker had read from disks. */
  private disks(): Map<HostWorker, number | null> {
    return new Map([...this.watched].map(([worker, { figures }]) => [worker, figures.disk]));
  }
}

function rateOfDisks(
  after: ReadonlyMap<HostWorker, number | null>,
  before: ReadonlyMap<HostWorker, number | null>,
  seconds: number,
): number | null {
  let bytes = 0;
  for (const [worker, disk] of after) {
    if (disk === null) return null;
    bytes += disk - (before.get(worker) ?? 0);
  }
  return Math.round(bytes / seconds);
}

function mapPaths(
  bytes: Readonly<Record<DataPath, number>>,
  of: (bytes: number, path: DataPath) => number,
): Record<DataPath, number> {
  return Object.fromEntries(
    Object.entries(bytes).map(([path, count]) => [path, of(count, path as DataPath)]),
  ) as Record<DataPath, number>;
}

function share(cpu: number, seconds: number): number {
  return rounded(Math.max(0, cpu) / seconds);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
