import { pread } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { preadNow } from '../../native/page-cache.js';
import type { Response } from '../modules/module.js';
import type { ServedFile } from './files.js';

/**
 * The bytes of a body, read at once.
 * @param cachedOnly asks no disk
 * @returns null where they cannot be had: the file has become shorter, or they are not in memory
 */
export function readBody({ body, contentLength }: Response, cachedOnly: boolean): Buffer | null {
  const block = new MemoryBlock(Math.max(contentLength, 1));
  let used = 0;
  for (const segment of body) {
    if ('bytes' in segment) {
      used += segment.bytes.copy(block.bytes, used);
      continue;
    }
    const { fd } = segment.file as ServedFile;
    const read = cachedOnly ? preadNow : pread;
    const count = read(fd, block.address + used, Math.min(segment.length, contentLength - used), segment.offset);
    if (count !== segment.length) return null;
    used += count;
  }
  return used === contentLength ? block.bytes.subarray(0, used) : null;
}
