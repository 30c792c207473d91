import { countCallsIn } from '../../native/call-counts.js';

/**
 * What this process has done so far: plain numbers in memory that its master sees (board.ts). They are counted where things happen, as
 * `counters[Counter.requests] += 1`, which costs about a nanosecond; nobody is told.
 */

/** The places of the numbers. Bytes are those that the kernel has taken. */
export const Counter = {
  /** Connections that accept4 gave. */
  accepted: 0,
  /** Those of them that there was room for (`worker_connections`). */
  handled: 1,
  requests: 2,
  /** Gauges: connections that are open; of these, those whose request's head is being read, and those that are being answered. */
  active: 3,
  reading: 4,
  writing: 5,
  /** How often a socket was full in mid-answer. */
  eagain: 6,
  /** File pages that the kernel moved. */
  sendfileBytes: 7,
  /** Files by way of output buffers. */
  bufferBytes: 8,
  /** Heads and what else is in memory. */
  memoryBytes: 9,
  /** The first of five: responses by the first digit of their status, from 1xx on. */
  statuses: 10,
  /** File bytes of encrypted connections: encrypted by this process, and by the kernel. */
  tlsBytes: 15,
  ktlsBytes: 16,
  /** Where threads read from the disk (`aio threads`): file bytes that were in the page cache, and that a thread had to read in first. */
  cachedBytes: 17,
  threadBytes: 18,
  /** What threads have begun to do, and what they were not given because the queue was full. */
  threadJobs: 19,
  threadOverflows: 20,
  /** Gauges: threads that are busy, and what waits for one. */
  threadsBusy: 21,
  threadQueue: 22,
  /** In slot 0 alone: the highest slot that was ever in use. */
  highestSlot: 63,
} as const;

/** Those that say how things are now; all others only grow. */
export const gauges: readonly number[] = [
  Counter.active,
  Counter.reading,
  Counter.writing,
  Counter.threadsBusy,
  Counter.threadQueue,
];

/** Room for numbers of later versions. */
export const counterCount = 64;

export let counters: Float64Array = new Float64Array(counterCount);

/** Has everything counted elsewhere from now on; what was counted so far comes along. */
export function countIn(place: { readonly counters: Float64Array; readonly calls: Float64Array }): void {
  for (let index = 0; index < counterCount; index++) place.counters[index] += counters[index];
  counters = place.counters;
  countCallsIn(place.calls);
}
