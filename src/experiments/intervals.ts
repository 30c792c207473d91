import { intervalHeader, intervalLine } from '../tools/interval-lines.js';
import type { Interval } from '../transfer/meter.js';
import type { PaperInterval } from './paper.js';
import { gigabits } from './units.js';

/** A rate over time, from the intervals that an end of a transfer has counted. */

/** Gbit/s at the middle of each interval. */
export function rateOverTime(intervals: readonly Interval[]): (readonly [seconds: number, gigabits: number])[] {
  return intervals
    .filter(({ start, end }) => end > start)
    .map(({ start, end, bytes }) => [(start + end) / 2, gigabits(bytes, end - start)] as const);
}

/** Joins intervals, so that each is at least so long (seconds); what is left over at the end is one of its own. */
export function longer(intervals: readonly Interval[], seconds: number): Interval[] {
  const joined: Interval[] = [];
  for (const interval of intervals) {
    const last = joined.at(-1);
    // an interval that began a little late ends a little late: the borders stay near the whole seconds
    const isFull = last === undefined || last.end >= seconds * joined.length - slack;
    if (isFull) joined.push(interval);
    else joined[joined.length - 1] = { start: last.start, end: interval.end, bytes: last.bytes + interval.bytes };
  }
  return joined;
}

/** Seconds. */
const slack = 0.005;

/** The paper's own, with the rates that it prints. */
export function paperRates(intervals: readonly PaperInterval[]): (readonly [seconds: number, gigabits: number])[] {
  return intervals.map(({ start, end, gigabits: rate }) => [(start + end) / 2, rate] as const);
}

/** The lines of the paper's table 3, of our own intervals: one a second, or finer ones for what takes no two seconds. */
export function intervalLines(intervals: readonly Interval[]): string[] {
  const seconds = intervals.at(-1)?.end ?? 0;
  const step = steps.find(each => seconds >= 2 * each) ?? 0;
  return [intervalHeader, ...longer(intervals, step).map(intervalLine)];
}

/** Seconds. */
const steps = [1, 0.1, 0.01];

/** The lines as the paper has them. */
export function paperLines(intervals: readonly PaperInterval[]): string[] {
  const transferEnd = intervalHeader.indexOf('  Bandwidth');
  return [
    intervalHeader,
    ...intervals.map(({ start, end, gigabytes, gigabits: rate }) => {
      const when = `${start.toFixed(2)}-${end.toFixed(2)}`;
      const transfer = gigabytes.toFixed(2).padStart(transferEnd - when.length);
      return when + transfer + rate.toFixed(1).padStart(intervalHeader.length - transferEnd);
    }),
  ];
}

/**
 * Seconds of an interval for a transfer of so many bytes: some dozens of them on a fast machine, and none so short that one
 * wake-up counts.
 */
export function intervalFor(bytes: number): number {
  const gigabytes = bytes / 2 ** 30;
  if (gigabytes <= 1) return 0.02;
  if (gigabytes <= 10) return 0.1;
  return gigabytes <= 40 ? 0.25 : 1;
}

/**
 * What several transfers that ran side by side have moved together, over the time in which all of them ran; where they did not
 * meet, over all the time.
 * @param spans each with the moment (seconds on one clock) at which its first interval began
 * @returns Gbit/s, and the share of the longest one's time that they had in common
 */
export function together(spans: readonly { readonly begun: number; readonly intervals: readonly Interval[] }[]): {
  readonly rate: number;
  readonly share: number;
} {
  const begins = spans.map(({ begun }) => begun);
  const ends = spans.map(({ begun, intervals }) => begun + (intervals.at(-1)?.end ?? 0));
  const moved = (from: number, to: number) =>
    spans.reduce((sum, { begun, intervals }) => sum + bytesBetween(intervals, from - begun, to - begun), 0);
  const [from, to] = [Math.max(...begins), Math.min(...ends)];
  if (to <= from) {
    const [first, last] = [Math.min(...begins), Math.max(...ends)];
    return { rate: gigabits(moved(first, last), last - first), share: 0 };
  }
  const longest = Math.max(...spans.map(({ begun }, index) => ends[index] - begun));
  return { rate: gigabits(moved(from, to), to - from), share: (to - from) / longest };
}

/** Within an interval the bytes are taken to have come evenly. */
function bytesBetween(intervals: readonly Interval[], from: number, to: number): number {
  return intervals.reduce((sum, { start, end, bytes }) => {
    const common = Math.min(end, to) - Math.max(start, from);
    return common > 0 && end > start ? sum + (bytes * common) / (end - start) : sum;
  }, 0);
}
