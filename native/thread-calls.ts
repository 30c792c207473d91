import { bindForThreads } from './libc.js';
import type { Int64Cell } from './memory.js';

/** Kernel calls that may wait for a disk, made by threads. `done` is told the result, or the negative errno. */

const callSendfile = bindForThreads('int64_t sendfile(int out, int in, uintptr_t offset, uint64_t count)');

/** As sendfile in transfer.ts. `offset` is its own until `done` is called. */
export function sendfileInThread(
  out: number,
  file: number,
  offset: Int64Cell,
  count: number,
  done: (result: number) => void,
): void {
  callSendfile(done, out, file, offset.address, count);
}
