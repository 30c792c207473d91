import { EOPNOTSUPP } from './errno.js';
import { IoVec } from './iovec.js';
import { bind, bindNumbered, bindWhereKnown, result } from './libc.js';
import { MemoryBlock } from './memory.js';

/** What of a file is in memory, and reading that alone (cachestat(2), preadv2(2) with RWF_NOWAIT). */

/** Bytes. */
export const pageSize = bind('int getpagesize()')();

const RWF_NOWAIT = 8;
/** The same number on every architecture that came after 2020's common table. */
const SYS_cachestat = 451;

const callCachestat = bindNumbered('cachestat', SYS_cachestat);
const callPreadv2 = bindWhereKnown('int64_t preadv2(int fd, uintptr_t iov, int count, int64_t offset, int flags)');

/** `struct cachestat_range` (offset and length), and 64 bytes behind its start `struct cachestat`, whose first number is that of the pages. */
const block = new MemoryBlock(128);
const words = new Uint32Array(block.bytes.buffer, block.bytes.byteOffset, 32);
const countsAt = 64;

const iov = new IoVec(1);

/**
 * How many pages of a range are in the page cache. Some of them may still be on their way from the disk.
 * @param length bytes
 * @returns the pages, or the negative errno: ENOSYS before Linux 6.5, EPERM for files that are not this user's
 */
export function cachedPages(fd: number, offset: number, length: number): number {
  words[0] = offset >>> 0;
  words[1] = offset / 0x1_0000_0000;
  words[2] = length >>> 0;
  words[3] = length / 0x1_0000_0000;
  const returned = result(callCachestat(fd, block.address, block.address + countsAt, 0));
  return returned < 0 ? returned : words[countsAt / 4];
}

/**
 * As pread, of bytes that are in memory alone.
 * @returns bytes, which may be fewer than `size`; 0 at the end of the file; or the negative errno: EAGAIN where the first byte is not
 * in memory, EOPNOTSUPP where the file system (or the C library) cannot tell
 */
export function preadNow(fd: number, address: number, size: number, offset: number): number {
  if (callPreadv2 === null) return -EOPNOTSUPP;
  iov.clear();
  iov.push(address, size);
  return result(callPreadv2(fd, iov.address, 1, offset, RWF_NOWAIT));
}
