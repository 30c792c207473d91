/** The thread of checksum-worker.ts: hashes one file after the other, as its messages say (checksum-job.ts). */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import createXxhash from 'xxhash-wasm';
import { type Algorithm, type ChecksumAnswer, type ChecksumJob, ChecksumMark, readSize } from './checksum-job.js';

const { create64 } = await createXxhash();
const block = Buffer.alloc(readSize);

interface Hash {
  update(bytes: Uint8Array): void;
  hex(): string;
}

function createHashOf(algorithm: Algorithm): Hash {
  if (algorithm === 'xxh64') {
    const hash = create64();
    return { update: bytes => hash.update(bytes), hex: () => hash.digest().toString(16).padStart(16, '0') };
  }
  const hash = createHash('sha256');
  return { update: bytes => hash.update(bytes), hex: () => hash.digest('hex') };
}

function run({ fd, algorithm, start, memory }: ChecksumJob): ChecksumAnswer {
  const mark = new ChecksumMark(start, memory);
  const hash = createHashOf(algorithm);
  for (let at = start; ; ) {
    const to = mark.wait(at);
    if (to < 0) return { cancelled: true };
    if (to === at) return { value: hash.hex() };
    const length = readSync(fd, block, 0, Math.min(readSize, to - at), at);
    if (length === 0) return { endsAt: at };
    hash.update(length === readSize ? block : block.subarray(0, length));
    at += length;
    mark.hashedUpTo(at);
  }
}

function answer(job: ChecksumJob): ChecksumAnswer {
  try {
    return run(job);
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return { errno: -errno };
  }
}

parentPort?.on('message', (job: ChecksumJob) => parentPort?.postMessage(answer(job)));
