/** What the picture says about one second: which ways the bytes took, how wide and how fast to draw them, and the words for it. */
import type { DataPath, Sample } from '../snapshot.js';
import { count, rate } from './format.js';
import { pathLooks, paths, sum } from './paths.js';

/** `idle`: no bytes at all. `both`: more than one path of files has a share that counts. */
export type FlowKind = DataPath | 'idle' | 'both';

export interface Flow {
  readonly kind: FlowKind;
  readonly bytes: Readonly<Record<DataPath, number>>;
  readonly total: number;
  /** Bytes from the disk; null where the kernel does not tell. */
  readonly disk: number | null;
  readonly calls: Readonly<Record<string, number>>;
}

/** A path of files with less than this share of their bytes does not make a second one of `both`. */
const leastShare = 0.05;

const nothing = Object.fromEntries(paths.map(path => [path, 0])) as Record<DataPath, number>;

/** The flow of a second; without one, that of nothing. */
export function flowOf(sample: Sample | undefined): Flow {
  const bytes = { ...nothing, ...sample?.bytes };
  return {
    kind: kindOf(bytes),
    bytes,
    total: sum(bytes),
    disk: sample === undefined ? 0 : sample.disk,
    calls: sample?.calls ?? {},
  };
}

function kindOf(bytes: Readonly<Record<DataPath, number>>): FlowKind {
  const ofFiles = paths.filter(path => pathLooks[path].isOfFiles);
  const files = ofFiles.reduce((all, path) => all + bytes[path], 0);
  if (files === 0) return paths.find(path => bytes[path] > 0) ?? 'idle';
  const inUse = ofFiles.filter(path => bytes[path] >= leastShare * files);
  return inUse.length > 1 ? 'both' : inUse[0];
}

/** The sentence above the picture, which can be read from the back of a room. */
export function headline({ kind, bytes }: Flow): string {
  if (kind === 'idle') return 'No bytes are on their way';
  if (kind !== 'both') return `${rate(bytes[kind])} by ${pathLooks[kind].name}: ${pathLooks[kind].means}`;
  const shares = paths.filter(path => pathLooks[path].isOfFiles && bytes[path] > 0);
  return `Side by side: ${shares.map(path => `${rate(bytes[path])} by ${pathLooks[path].name}`).join(', ')}`;
}

/** What is said aloud when the path changes: no figure that would be old when it is heard. */
export function spoken(kind: FlowKind): string {
  if (kind === 'idle') return 'No bytes are on their way.';
  if (kind === 'both') return 'Bytes now go by several paths, side by side.';
  return `Bytes now go by ${pathLooks[kind].name}: ${pathLooks[kind].means}.`;
}

/** The picture in words, with all its figures. */
export function description(flow: Flow): string {
  const ways = paths.map(path => `${pathLooks[path].name} ${rate(flow.bytes[path])} (${pathLooks[path].means})`);
  const disk =
    flow.disk === null
      ? 'The kernel does not tell what came from the disk.'
      : `From the disk into the page cache: ${rate(flow.disk)}.`;
  const calls = ['sendfile', 'pread64', 'writev'].map(name => `${name} ${count(flow.calls[name] ?? 0)}`).join(', ');
  return `In the last second, to the network card ${rate(flow.total)}: ${ways.join('; ')}. ${disk} Calls a second: ${calls}.`;
}

/** Encrypted bytes take the same ways through the machine as others: what kTLS sends stays inside the kernel, what the worker encrypts does not. */
export function bytesOnRoute({ bytes }: Flow, path: DataPath): number {
  if (path === 'sendfile') return bytes.sendfile + bytes.ktls;
  return path === 'buffers' ? bytes.buffers + bytes.tls : bytes[path];
}

const leastWidth = 3;
const mostWidth = 22;
/** Bytes a second that are drawn with the least width, and the width that ten times as many add. */
const thin = 10_000;
const aDecade = 3.6;

/** How wide a flow is drawn: 3 at 10 kB/s and below, 22 from about 2 GB/s on; ten times the bytes are always as much wider. */
export function widthOf(bytesPerSecond: number): number {
  if (bytesPerSecond <= 0) return 0;
  return Math.min(mostWidth, Math.max(leastWidth, leastWidth + aDecade * Math.log10(bytesPerSecond / thin)));
}

/** How fast its bytes run, as a factor: 0.3 to 2.5, faster with more bytes. */
export function speedOf(bytesPerSecond: number): number {
  return 0.3 + (2.2 * (widthOf(bytesPerSecond) - leastWidth)) / (mostWidth - leastWidth);
}
