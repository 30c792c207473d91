import type { CallCounts } from './paths/path.js';

/** Adds up how often calls were made by several paths. */
export function sumOfCalls(counts: Iterable<CallCounts>): CallCounts {
  const sum = new Map<string, number>();
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sum.set(name, (sum.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sum);
}
