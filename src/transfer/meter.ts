import { readFileSync } from 'node:fs';
import type { CallCounts } from './paths/path.js';

/** A stretch of a transfer; times are in seconds since its begin. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly bytes: number;
  /** Where datagrams are received. */
  readonly datagrams?: Datagrams;
}

/** How many datagrams there were, or have been so far. */
export interface Datagrams {
  /** As far as the receiver knows, which sees it from their numbers. */
  readonly sent: number;
  /** Below 0 in an interval in which more came late than got lost. */
  readonly lost: number;
  /** At the end of it. */
  readonly jitterMs: number;
}

/** What a transfer has cost the process. */
export interface Cost {
  /** Of all threads of the process, those of checksums and TLS among them. */
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Bytes: the most that the process has held in memory since it was started (VmHWM in proc(5)). */
  readonly peakMemory: number;
  readonly calls: CallCounts;
}

export interface EndFigures {
  readonly bytes: number;
  readonly seconds: number;
  /** 10^9 bits a second. */
  readonly gigabitsPerSecond: number;
  readonly intervals: readonly Interval[];
  readonly cost: Cost;
  /** System calls of all names for 10^9 bytes. */
  readonly callsPerGigabyte: number;
}

/** A last interval that is shorter (seconds) belongs to the one before it: over so short a time a rate says nothing. */
const shortest = 0.01;
/** So many intervals are kept; a transfer that has more gets coarser ones. */
const mostIntervals = 4096;
const none: Datagrams = { sent: 0, lost: 0, jitterMs: 0 };

/**
 * Counts what one end of a transfer moves, how long it takes, and what it costs. Processor time and memory are those of the
 * whole process: where two transfers run in one, each has the cost of both.
 */
export class Meter {
  /** Moved since `begin`. */
  bytes = 0;
  private begun = 0;
  private cpu: NodeJS.CpuUsage = { user: 0, system: 0 };
  private intervals: Interval[] = [];
  /** Where the present interval begins. */
  private lastSeconds = 0;
  private lastBytes = 0;
  private lastDatagrams: Datagrams = none;

  /** @param clock milliseconds on a clock that only goes forward */
  constructor(private readonly clock: () => number) {}

  /** Gives how many datagrams there have been so far, to be noted with each interval. */
  datagrams: (() => Datagrams | undefined) | undefined;

  /** The first byte is about to go. All is counted from here. */
  begin(): void {
    this.bytes = 0;
    this.intervals = [];
    this.lastSeconds = 0;
    this.lastBytes = 0;
    this.lastDatagrams = none;
    this.cpu = process.cpuUsage();
    this.begun = this.clock();
  }

  /** Bytes that a system call has moved. */
  add(bytes: number): void {
    this.bytes += bytes;
  }

  /** Ends the present interval, at the time that it is now: an interval is as long as it was, not as it was meant to be. */
  tick(): Interval {
    const interval = this.since((this.clock() - this.begun) / 1000);
    if (interval.end > interval.start) this.keep(interval);
    return interval;
  }

  /**
   * The last byte has gone.
   * @param calls the system calls of all streams, by name
   * @param waited ms that have passed since, waiting for more in vain
   */
  end(calls: CallCounts, waited = 0): EndFigures {
    const seconds = Math.max(0, (this.clock() - this.begun - waited) / 1000);
    const { user, system } = process.cpuUsage(this.cpu);
    this.endLast(seconds);
    const { bytes, intervals } = this;
    const count = Object.values(calls).reduce((sum, each) => sum + each, 0);
    return {
      bytes,
      seconds,
      gigabitsPerSecond: gigabitsPerSecond(bytes, seconds),
      intervals,
      cost: { userSeconds: user / 1e6, systemSeconds: system / 1e6, peakMemory: peakMemory(), calls: { ...calls } },
      callsPerGigabyte: perGigabyte(count, bytes),
    };
  }

  private since(seconds: number): Interval {
    const end = Math.max(seconds, this.lastSeconds);
    const datagrams = this.datagrams?.();
    const interval = {
      start: this.lastSeconds,
      end,
      bytes: this.bytes - this.lastBytes,
      ...(datagrams === undefined ? {} : { datagrams: less(datagrams, this.lastDatagrams) }),
    };
    if (end > this.lastSeconds) {
      this.lastDatagrams = datagrams ?? none;
      this.lastSeconds = end;
      this.lastBytes = this.bytes;
    }
    return interval;
  }

  private endLast(seconds: number): void {
    const last = this.since(seconds);
    const before = this.intervals.at(-1);
    if (before !== undefined && last.end - last.start < shortest) {
      this.intervals[this.intervals.length - 1] = together(before, last);
    } else if (last.end > last.start) this.keep(last);
  }

  private keep(interval: Interval): void {
    this.intervals.push(interval);
    if (this.intervals.length > mostIntervals) this.intervals = inPairs(this.intervals);
  }
}

function together(one: Interval, next: Interval): Interval {
  const interval = { start: one.start, end: next.end, bytes: one.bytes + next.bytes };
  if (one.datagrams === undefined || next.datagrams === undefined) return interval;
  const { sent, lost } = one.datagrams;
  return {
    ...interval,
    datagrams: { ...next.datagrams, sent: sent + next.datagrams.sent, lost: lost + next.datagrams.lost },
  };
}

function less(now: Datagrams, before: Datagrams): Datagrams {
  return { sent: now.sent - before.sent, lost: now.lost - before.lost, jitterMs: now.jitterMs };
}

/** Each two neighbours as one: half as many. */
export function inPairs(intervals: readonly Interval[]): Interval[] {
  const pairs: Interval[] = [];
  for (let at = 0; at < intervals.length; at += 2) {
    const next = intervals[at + 1];
    pairs.push(next === undefined ? intervals[at] : together(intervals[at], next));
  }
  return pairs;
}

/** 10^9 bits a second; 0 where no time has passed. */
export function gigabitsPerSecond(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / seconds / 1e9 : 0;
}

/** So much of something for 10^9 bytes; 0 where none were moved. */
export function perGigabyte(amount: number, bytes: number): number {
  return bytes > 0 ? (amount / bytes) * 1e9 : 0;
}

/** Bytes; 0 where the kernel does not tell. */
function peakMemory(): number {
  const [, kilobytes = '0'] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return Number(kilobytes) * 1024;
}
