import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../../tools/children.js';
import { until } from '../../tools/waiting.js';
import { Histogram, type HistogramData } from '../histogram.js';
import { nginxOff, nginxOn } from '../peers/nginx.js';
import type { PeerKind } from '../peers/peer.js';
import { RunningPeer, type StartPlace } from '../peers/running.js';
import { zerocopyOff, zerocopyOn } from '../peers/zerocopy.js';
import { pinned, runPinned } from '../pinning.js';
import type { SlowStore } from './slow-store.js';

const steadyClient = fileURLToPath(new URL('./steady-client.js', import.meta.url));
const streamClient = fileURLToPath(new URL('./stream-client.js', import.meta.url));
/** What a client may take longer than it was told to, and downloads from a slow disk to begin (ms). */
const grace = 60_000;

/** A server, as it is told to read files. */
export interface Variant {
  readonly kind: PeerKind;
  readonly server: 'zerocopy' | 'nginx';
  readonly sendfile: boolean;
  readonly threads: boolean;
}

/** The peer with one line more in its configuration. */
function withThreads(kind: PeerKind): PeerKind {
  return {
    ...kind,
    name: `${kind.name}-threads`,
    configure: (place, program) => {
      const launch = kind.configure(place, program);
      const text = launch.files['server.conf'] as string;
      return { ...launch, files: { ...launch.files, 'server.conf': text.replace('http {', 'http {\n  aio threads;') } };
    },
  };
}

const servers = [
  ['zerocopy', true, zerocopyOn],
  ['nginx', true, nginxOn],
  ['zerocopy', false, zerocopyOff],
  ['nginx', false, nginxOff],
] as const;

export const variants: readonly Variant[] = servers.flatMap(([server, sendfile, kind]) => [
  { kind, server, sendfile, threads: false },
  { kind: withThreads(kind), server, sendfile, threads: true },
]);

export interface ColdSettings {
  readonly place: StartPlace;
  /** The names of the large files, one for each client that streams. */
  readonly streams: readonly string[];
  /** Milliseconds between two requests for the small one. */
  readonly interval: number;
  /** Of each of the two measurements. */
  readonly seconds: number;
  /** Puts the large files out of the page cache. */
  drop(): void;
}

/** One measurement of one server. Times are microseconds. */
export interface ColdSample {
  readonly idle: HistogramData;
  readonly busy: HistogramData;
  /** Bytes a second that the streams had meanwhile. */
  readonly rate: number;
}

/** Starts a server, and asks it for the small file: alone first, and then beside the streams. @throws Error */
export async function measure(
  variant: Variant,
  program: string,
  store: SlowStore,
  settings: ColdSettings,
  signal: AbortSignal,
): Promise<ColdSample> {
  const { place, seconds } = settings;
  const peer = await RunningPeer.start(variant.kind, program, `${variant.kind.name}-${Date.now()}`, place);
  try {
    await steady(peer, settings, 1, signal);
    for (const pid of peer.processes()) store.add(pid);
    const idle = await steady(peer, settings, seconds, signal);
    settings.drop();
    const streams = startStreams(peer, settings);
    await streams.begun;
    const begun = performance.now();
    const busy = await steady(peer, settings, seconds, signal);
    const bytes = await streams.end();
    return { idle, busy, rate: bytes / ((performance.now() - begun) / 1000) };
  } finally {
    await peer.stop();
  }
}

async function steady(
  peer: RunningPeer,
  { place, interval }: ColdSettings,
  seconds: number,
  signal: AbortSignal,
): Promise<HistogramData> {
  const args = [steadyClient, `${peer.port}`, `/${place.sign.name}`, `${interval}`, `${seconds}`];
  const output = await runPinned(process.execPath, args, seconds * 1000 + grace, signal);
  return JSON.parse(output) as HistogramData;
}

function startStreams(peer: RunningPeer, { streams }: ColdSettings): { begun: Promise<void>; end(): Promise<number> } {
  const args = [streamClient, `${peer.port}`, ...streams.map(name => `/${name}`)];
  const child = start(...pinned('client', process.execPath, args), { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = gather(child.stdout);
  const begun = until(
    () => output.text.startsWith('all\n'),
    () => child.exitCode === null,
    () => 'some downloads have not begun',
    grace,
  );
  return {
    begun,
    async end() {
      child.kill('SIGTERM');
      await ended(child);
      return Number(output.text.slice('all\n'.length));
    },
  };
}

/** Milliseconds. */
export function quantileOf(data: readonly HistogramData[], share: number): number {
  const all = new Histogram();
  for (const each of data) all.merge(each);
  return all.quantile(share) / 1000;
}
