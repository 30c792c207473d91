/** CPU seconds a GB, of one second and of minutes. */
import type { DataPath, Sample } from '../snapshot.js';
import { paths, sum } from './paths.js';

/** Below this rate (bytes a second), what a byte costs says nothing: the CPU's clock ticks in 10 ms. */
export const leastRate = 10e6;
/** A second is counted for a path that moved this share of its bytes. */
const mainShare = 0.9;

/** What a second's bytes have cost, in CPU seconds (user and system) a GB of 10^9 bytes; undefined below 10 MB/s. */
export function costOf({ bytes, cpuUser, cpuSystem }: Sample): number | undefined {
  const total = sum(bytes);
  return total < leastRate ? undefined : ((cpuUser + cpuSystem) * 1e9) / total;
}

/** The path that a second stands for; `mixed` where no path had nearly all. */
export function mainPath({ bytes }: Sample): DataPath | 'mixed' {
  const total = sum(bytes);
  return paths.find(path => bytes[path] >= mainShare * total) ?? 'mixed';
}

/** What the seconds with enough bytes have cost, the cheapest first; those of one path alone where it is given. */
export function costs(history: readonly Sample[], path?: DataPath): number[] {
  return history
    .filter(sample => path === undefined || mainPath(sample) === path)
    .flatMap(sample => costOf(sample) ?? [])
    .sort((a, b) => a - b);
}

/** What half of these seconds cost at most: one in which workers started, which costs as much as some GB, changes nothing. */
export function medianCost(history: readonly Sample[], path?: DataPath): number | undefined {
  const sorted = costs(history, path);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** How far the axis has to go: a few seconds in which workers started are not worth to make the others small. */
export function usualCost(history: readonly Sample[]): number {
  const sorted = costs(history);
  return 1.2 * (sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0);
}

/** One line of the plots' table. */
export interface Minute {
  /** When it ended. */
  readonly at: number;
  /** Means of its seconds, bytes a second. */
  readonly bytes: Readonly<Record<DataPath, number>>;
  /** The median of its seconds. */
  readonly cost: number | undefined;
}

const minute = 60_000;

/** The history in minutes before its end, the newest first; minutes without a sample are left out. */
export function byMinute(history: readonly Sample[]): Minute[] {
  const end = history.at(-1)?.at ?? 0;
  return Array.from({ length: 10 }, (_, ago) => end - ago * minute)
    .map(at => ({ at, samples: history.filter(sample => sample.at <= at && sample.at > at - minute) }))
    .filter(({ samples }) => samples.length > 0)
    .map(({ at, samples }) => ({ at, bytes: means(samples), cost: medianCost(samples) }));
}

function means(samples: readonly Sample[]): Record<DataPath, number> {
  const mean = (path: DataPath) => samples.reduce((all, { bytes }) => all + bytes[path], 0) / samples.length;
  return Object.fromEntries(paths.map(path => [path, mean(path)])) as Record<DataPath, number>;
}
