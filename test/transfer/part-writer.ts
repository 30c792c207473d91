/**
 * Receives files as a transfer does, to be killed or raced with. Arguments: what it does, the target, and a number.
 *
 * `stream`: writes a file of that many bytes in four streams, and says "state" on a line when its state was saved; it never ends
 * by itself. `race`: opens, writes and commits that many times, and says how often it could and how often it was refused.
 */
import { check } from '../../native/errno.js';
import { pwrite } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { TransferError } from '../../src/transfer/failure.js';
import { PartFile } from '../../src/transfer/part-file.js';
import { streamIdentity } from './part-support.js';

const [what, target, number] = process.argv.slice(2) as [string, string, string];
const block = new MemoryBlock(64 * 1024);
const streams = 4;

/** What is to be at an offset: the number of its 8 bytes, from 1 on. */
function fill(offset: number, length: number): void {
  for (let at = 0; at < length; at += 8) block.bytes.writeDoubleLE((offset + at) / 8 + 1, at);
}

function writeAt(part: PartFile, offset: number, length: number): void {
  check(pwrite(part.fd, block.address, length, offset), 'pwrite64()');
  part.note(offset, offset + length);
}

function stream(size: number): void {
  const part = PartFile.open(target, { resume: true, overwrite: false, identity: streamIdentity(size) });
  process.stdout.write(`${part.done.bytes} ${part.restarted ?? ''}\n`);
  const share = size / streams;
  for (let at = 0; at < share; ) {
    const length = Math.min(4096, share - at);
    for (let index = 0; index < streams; index++) {
      const offset = index * share + at;
      if (part.done.has(offset, offset + length)) continue;
      fill(offset, length);
      writeAt(part, offset, length);
      // has the state saved after every block, so that a kill meets that too
      part.forget({ start: size, end: size });
    }
    at += length;
  }
  process.stdout.write('all\n');
  setInterval(() => {}, 1000);
}

function race(rounds: number): void {
  const counts = { committed: 0, refused: 0 };
  const options = { resume: false, overwrite: true, identity: { size: block.size, version: `${process.pid}` } };
  block.bytes.fill(process.pid % 251);
  for (let round = 0; round < rounds; round++) {
    try {
      const part = PartFile.open(target, options);
      for (let at = 0; at < block.size; at += 4096) writeAt(part, at, 4096);
      part.commit(block.size, { fsync: false });
      counts.committed += 1;
    } catch (error) {
      if (!(error instanceof TransferError) || error.kind !== 'refused') throw error;
      counts.refused += 1;
    }
  }
  process.stdout.write(JSON.stringify(counts));
}

if (what === 'race') race(Number(number));
else stream(Number(number));
