import { bind } from './libc.js';
import { cString, MemoryBlock } from './memory.js';

/** glob(3), for `include`. For start-up only: it reads folders. */

const callGlob = bind('int glob(uintptr_t pattern, int flags, uintptr_t errfunc, uintptr_t glob)');
const callGlobFree = bind('void globfree(uintptr_t glob)');
const callStrlen = bind('uint64_t strlen(uintptr_t text)');
const callMemcpy = bind('uintptr_t memcpy(uintptr_t to, uintptr_t from, uint64_t size)');

/** `glob_t` begins with the count of paths (size_t) and the address of their array. */
const found = new MemoryBlock(256);
const longestPath = 4096;
const path = new MemoryBlock(longestPath);

/**
 * The paths that a pattern names.
 * @param pattern a byte string
 * @returns byte strings, sorted; none when nothing matches
 */
export function glob(pattern: string): string[] {
  const address = cString(pattern);
  if (address < 0 || callGlob(address, 0, 0, found.address) !== 0) return [];
  const count = Number(found.bytes.readBigUInt64LE(0));
  const paths = Array.from({ length: count }, (_, index) => pathAt(index));
  callGlobFree(found.address);
  return paths;
}

function pathAt(index: number): string {
  const array = Number(found.bytes.readBigUInt64LE(8));
  callMemcpy(path.address, array + 8 * index, 8);
  const text = Number(path.bytes.readBigUInt64LE(0));
  const length = Math.min(callStrlen(text), longestPath);
  callMemcpy(path.address, text, length);
  return path.bytes.latin1Slice(0, length);
}
