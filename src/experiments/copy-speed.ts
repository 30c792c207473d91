/**
 * A program: how fast one core copies memory in blocks. Arguments: bytes of a block, bytes in all, seconds for each of the two.
 * Prints CopySpeeds (see explain.ts) as JSON.
 */
import type { CopySpeeds } from './explain.js';

const [blockSize, span, seconds] = process.argv.slice(2).map(Number);

/** Bytes a second. @param count blocks that are taken in turn */
function copySpeed(from: Buffer, into: Buffer, count: number): number {
  const begun = performance.now();
  let bytes = 0;
  let elapsed = 0;
  for (let at = 0; elapsed < seconds * 1000; elapsed = performance.now() - begun) {
    // the clock is not read after each block
    for (let turn = 0; turn < 64; turn++, at = (at + 1) % count) {
      from.copy(into, 0, at * blockSize, (at + 1) * blockSize);
    }
    bytes += 64 * blockSize;
  }
  return (bytes / elapsed) * 1000;
}

const count = Math.max(1, Math.floor(span / blockSize));
// written to, so that there is memory behind each page
const memory = Buffer.alloc(count * blockSize, 1);
const block = Buffer.alloc(blockSize, 1);
const speeds: CopySpeeds = { fixed: copySpeed(memory, block, 1), moving: copySpeed(memory, block, count) };
process.stdout.write(JSON.stringify(speeds));
