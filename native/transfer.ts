import { bind, result } from './libc.js';
import { Int64Cell } from './memory.js';

/** Moving bytes between descriptors inside the kernel (sendfile(2), splice(2)). */

export const SPLICE_F_MOVE = 1;
export const SPLICE_F_NONBLOCK = 2;
export const SPLICE_F_MORE = 4;

const NULL = 0;

const callSendfile = bind('int64_t sendfile(int out, int in, uintptr_t offset, uint64_t count)');

const callSplice = bind('int64_t splice(int in, uintptr_t at, int out, uintptr_t to, uint64_t count, uint32_t flags)');

const offsetCell = new Int64Cell();
const outOffsetCell = new Int64Cell();

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

/**
 * Moves pages between a pipe and another descriptor; one of the two is a pipe.
 * @param inOffset bytes from the file's start, whose own position stays where it is; -1 for what has none (a pipe, a socket)
 * @param outOffset likewise
 * @returns bytes moved, 0 at the end of the input, or the negative errno
 */
export function splice(
  input: number,
  inOffset: number,
  output: number,
  outOffset: number,
  count: number,
  flags: number,
): number {
  if (inOffset >= 0) offsetCell.value = inOffset;
  if (outOffset >= 0) outOffsetCell.value = outOffset;
  const from = inOffset < 0 ? NULL : offsetCell.address;
  const to = outOffset < 0 ? NULL : outOffsetCell.address;
  return result(callSplice(input, from, output, to, count, flags));
}
