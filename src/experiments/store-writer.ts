/**
 * A program: what a store takes by itself. It writes blocks to a new file one after the other, and has it on the disk in the end.
 * Argument: StoreSettings as JSON; prints StoreFigures as JSON. A call that fails ends it with exit code 1 and the reason.
 */
import { randomFillSync } from 'node:crypto';
import { check, EINTR } from '../../native/errno.js';
import { close, fsync, O_CREAT, O_DIRECT, O_TRUNC, O_WRONLY, openAt, write } from '../../native/file.js';
import { AlignedBlock } from '../../native/memory.js';
import type { Interval } from '../transfer/meter.js';

export interface StoreSettings {
  /** A byte string. */
  readonly path: string;
  /** Whole blocks are written: the last one goes beyond, if need be. */
  readonly bytes: number;
  readonly blockSize: number;
  /** O_DIRECT: the block size is to be a multiple of the disk's. */
  readonly direct: boolean;
  /** Seconds. */
  readonly interval: number;
}

export interface StoreFigures {
  readonly bytes: number;
  /** From the first write until all is on the disk. */
  readonly seconds: number;
  /** Of these, in fsync at the end. */
  readonly syncSeconds: number;
  readonly cpuSeconds: number;
  readonly writes: number;
  /** Of the writes; what fsync takes is no interval. */
  readonly intervals: readonly Interval[];
}

function main({ path, bytes, blockSize, direct, interval }: StoreSettings): StoreFigures {
  const block = new AlignedBlock(blockSize);
  randomFillSync(block.bytes);
  const flags = O_WRONLY | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0);
  const fd = check(openAt(path, flags), `open() "${path}"${direct ? ' with O_DIRECT' : ''}`);
  const intervals: Interval[] = [];
  const before = process.cpuUsage();
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  let written = 0;
  let writes = 0;
  let last = { seconds: 0, bytes: 0 };
  const tick = (now: number) => {
    intervals.push({ start: last.seconds, end: now, bytes: written - last.bytes });
    last = { seconds: now, bytes: written };
  };
  while (written < bytes) {
    // where a write was cut short, the rest of the block: an offset that O_DIRECT takes
    const begin = written % blockSize;
    const count = write(fd, block.address + begin, blockSize - begin);
    writes += 1;
    if (count !== -EINTR) written += check(count, `write() to "${path}"${direct ? ' with O_DIRECT' : ''}`);
    const now = elapsed();
    if (now - last.seconds >= interval) tick(now);
  }
  const end = elapsed();
  if (written > last.bytes) tick(end);
  check(fsync(fd), `fsync() of "${path}"`);
  const seconds = elapsed();
  close(fd);
  const { user, system } = process.cpuUsage(before);
  return { bytes: written, seconds, syncSeconds: seconds - end, cpuSeconds: (user + system) / 1e6, writes, intervals };
}

try {
  process.stdout.write(JSON.stringify(main(JSON.parse(process.argv[2]) as StoreSettings)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
