/** Made-up states of a server, for the page to show. */
import type {
  ConnectionFacts,
  DataPath,
  PlaceFacts,
  RequestFacts,
  Sample,
  Snapshot,
  Totals,
  WorkerFacts,
} from '../../src/console/snapshot.js';

/** When the made-up server was started. */
export const startedAt = Date.UTC(2026, 10, 20, 12, 0, 0);

const connections: ConnectionFacts = { active: 3, reading: 0, writing: 2, waiting: 1 };

export interface Traffic {
  readonly sendfile?: number;
  readonly buffers?: number;
  readonly memory?: number;
}

/** A second's worth of traffic, bytes a second, with the calls and the CPU that it costs. @param nth second since the start */
export function sampleOf(
  nth: number,
  { sendfile = 0, buffers = 0, memory = 0 }: Traffic,
  disk: number | null = 0,
): Sample {
  const cpu = (sendfile * 0.09 + buffers * 0.35) / 1e9;
  return {
    at: startedAt + nth * 1000,
    requests: sendfile + buffers > 0 ? 14 : 0,
    bytes: { sendfile, buffers, ktls: 0, tls: 0, memory },
    disk,
    eagain: sendfile + buffers > 0 ? 120 : 0,
    pageCache: { hits: sendfile, misses: disk ?? 0 },
    calls: {
      epoll_pwait: 200,
      ...(sendfile > 0 ? { sendfile: Math.round(sendfile / 470_000) } : {}),
      ...(buffers > 0 ? { pread64: Math.round(buffers / 32_768), writev: Math.round(buffers / 65_536) } : {}),
    },
    cpuUser: cpu * 0.2,
    cpuSystem: cpu * 0.8,
    connections,
    threads: { busy: 2, waiting: 0 },
  };
}

export function requestOf(serial: number, path: DataPath, changes: Partial<RequestFacts> = {}): RequestFacts {
  return {
    serial,
    at: startedAt + serial * 1000,
    took: 24.3,
    pid: 4712,
    client: '127.0.0.1',
    line: 'GET /test.dat HTTP/1.1',
    status: 200,
    bytes: 104_857_851,
    path,
    sendfile: path === 'sendfile' ? 223 : 0,
    pread: path === 'buffers' ? 3200 : 0,
    writev: path === 'buffers' ? 1600 : 0,
    eagain: 45,
    complete: true,
    ...changes,
  };
}

export function placeOf(id: string, changes: Partial<PlaceFacts> = {}): PlaceFacts {
  return {
    id,
    kind: id.includes('/') ? 'location' : 'server',
    name: id.includes('/') ? '/recordings/' : 'localhost on *:8080',
    where: 'conf/nginx.conf:40',
    sendfile: true,
    bufferNumber: 2,
    bufferSize: 32_768,
    changed: [],
    ...changes,
  };
}

const worker: WorkerFacts = {
  pid: 4712,
  number: 0,
  state: 'serving',
  startedAt,
  cpuUser: 1.2,
  cpuSystem: 7.4,
  userShare: 0.04,
  systemShare: 0.31,
  memory: 59_000_000,
  connections: 3,
};

const totals: Totals = {
  accepted: 1204,
  handled: 1204,
  requests: 5310,
  statuses: [0, 5210, 60, 38, 2],
  bytes: { sendfile: 482_000_000_000, buffers: 61_000_000_000, ktls: 0, tls: 0, memory: 1_320_000 },
  eagain: 88_210,
  pageCache: { hits: 451_000_000_000, misses: 31_000_000_000 },
  threadJobs: 118_000,
  threadOverflows: 0,
  calls: {
    epoll_pwait: 220_140,
    recvfrom: 10_620,
    accept4: 1204,
    sendfile: 1_025_000,
    pread64: 1_861_000,
    writev: 930_500,
  },
  cpuUser: 14.2,
  cpuSystem: 61.7,
};

/** A server that has served for a while, and may be switched. */
export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    server: {
      version: '0.1.0',
      node: 'v20.19.5',
      pid: 4711,
      backend: 'native',
      configuration: 'conf/nginx.conf',
      startedAt,
      reloads: 1,
      hasMaster: true,
    },
    control: { allowed: true, reason: '' },
    workers: [worker, { ...worker, pid: 4713, number: 1, connections: 0, userShare: 0, systemShare: 0.01 }],
    places: [placeOf('0'), placeOf('0/0'), placeOf('0/1', { name: '~ \\.vdif$', sendfile: false })],
    connections,
    totals,
    history: [],
    requests: [],
    errors: [],
    ...changes,
  };
}

/** Ten minutes in which the path was switched, with a pause; they end with these seconds. */
export function tenMinutes(last: Traffic): Sample[] {
  return Array.from({ length: 600 }, (_, nth) => {
    const wave = 1 + 0.12 * Math.sin(nth / 9) + 0.05 * Math.sin(nth * 1.7);
    if (nth > 585) return sampleOf(nth, last);
    if (nth < 200) return sampleOf(nth, { sendfile: 1.3e9 * wave, memory: 4000 }, nth < 60 ? 240e6 : 0);
    if (nth < 380) return sampleOf(nth, { buffers: 0.62e9 * wave, memory: 4000 });
    return nth < 450
      ? sampleOf(nth, {})
      : sampleOf(nth, { sendfile: 0.7e9 * wave, buffers: 0.3e9 * wave, memory: 4000 });
  });
}
