import { EAGAIN, EOPNOTSUPP } from '../../native/errno.js';
import { MemoryBlock } from '../../native/memory.js';
import { cachedPages, pageSize, preadNow } from '../../native/page-cache.js';

/**
 * What of a file can be sent without waiting for the disk. cachestat(2) counts the pages that are in the cache; but the kernel puts
 * pages there when it begins to read them, and a byte that can be read without waiting says of one that it has arrived.
 *
 * Which byte? The kernel reads ahead from what was asked for to the next page that it has, and what it reads arrives in order. So pages
 * that are on their way in a range without a gap begin before it, and its first byte is not there; or go up to its end, and its last
 * byte is not there. In its middle they can only be where somebody else fills a gap at this very moment. A response that has met
 * gaps in its file looks more closely.
 */

/** How far apart bytes are asked for in a file with gaps. */
const step = 128 * 1024;
/** The same where cachestat cannot say that no page is missing in between. */
const fineStep = 32 * 1024;

const byte = new MemoryBlock(128);

/**
 * Bytes from `offset` on, `length` at most, that the kernel says are in memory. A file's end and its errors count as that.
 * @param isWarm no gap was met in this file so far
 */
export function cachedBytes(fd: number, offset: number, length: number, isWarm: boolean): number {
  const last = offset + length - 1;
  const pages = pagesOf(offset, length);
  // of one or two of them each is asked for a byte
  const missing = pages <= 2 ? 0 : missingPages(fd, offset, length);
  if (missing === 0 && (isWarm || pages <= 2) && isThere(fd, last) && (pages === 1 || isThere(fd, offset)))
    return length;
  return missing < 0 ? steps(fd, offset, length, fineStep, false) : steps(fd, offset, length, step, missing > 0);
}

/** As cachedBytes, in steps. @param hasGaps pages are missing somewhere */
function steps(fd: number, offset: number, length: number, stride: number, hasGaps: boolean): number {
  const end = offset + length;
  let at = offset;
  while (at < end && (at > offset || isThere(fd, offset))) {
    const next = Math.min(end, at - (at % stride) + stride);
    if (hasGaps && missingPages(fd, at, next - at) > 0) break;
    if (!isThere(fd, next - 1)) break;
    at = next;
  }
  return at - offset;
}

function pagesOf(offset: number, length: number): number {
  return Math.floor((offset + length - 1) / pageSize) - Math.floor(offset / pageSize) + 1;
}

/** Pages of a range that are not in the page cache, or a negative errno where nobody can say. */
function missingPages(fd: number, offset: number, length: number): number {
  const cached = cachedPages(fd, offset, length);
  if (cached < 0) return cached;
  return pagesOf(offset, length) - cached;
}

/** Whether a byte can be read without waiting: a page in the cache may still be on its way from the disk. */
function isThere(fd: number, offset: number): boolean {
  const count = preadNow(fd, byte.address, 1, offset);
  return count !== -EAGAIN && count !== -EOPNOTSUPP;
}
