import { bind, result } from './libc.js';
import { Int64Cell } from './memory.js';

/** Moving bytes between descriptors inside the kernel (sendfile(2)). */

const callSendfile = bind('int64_t sendfile(int out, int in, uintptr_t offset, uint64_t count)');

const offsetCell = new Int64Cell();

/**
 * Has the kernel put file pages on a socket; the file's own position stays where it is.
 * @param offset bytes from the file's start
 * @param count bytes at most (the kernel takes 2 GiB - 4 KiB in one call)
 * @returns bytes sent, 0 at the end of the file, or the negative errno
 */
export function sendfile(out: number, file: number, offset: number, count: number): number {
  offsetCell.value = offset;
  return result(callSendfile(out, file, offsetCell.address, count));
}
