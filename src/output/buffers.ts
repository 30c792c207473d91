import { EAGAIN, EINTR, EINVAL, EOPNOTSUPP } from '../../native/errno.js';
import { pread } from '../../native/file.js';
import { IoVec, maxEntries } from '../../native/iovec.js';
import { preadNow } from '../../native/page-cache.js';
import { writev } from '../../native/socket.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { DirectReader } from './direct.js';
import type { OutputBufferPool, OutputBuffers } from './pool.js';
import { type Output, type OutputLimits, Progress, type SourceFile, type Transfer } from './transfer.js';

const iov = new IoVec(maxEntries);

/** How what is in memory and in the buffers reaches the socket. */
export interface Drain {
  /** The call's name, for messages. */
  readonly call: string;
  /** Makes one call, and gives what came of it: bytes, or a negative errno; 0 where nothing is to be written. */
  drain(transfer: Transfer): number;
}

/**
 * `sendfile off`: every byte is read into this process and written out again. Each round fills all output buffers, one
 * pread64 each, and writes them with one writev; what the socket did not take is written before the next round.
 */
export class BufferedOutput implements Output {
  constructor(
    readonly pool: OutputBufferPool,
    private readonly drain: Drain = writevDrain,
  ) {}

  send(transfer: Transfer): Progress {
    const { share } = transfer;
    let sent = 0;
    for (;;) {
      if (transfer.roundIsOver) {
        transfer.advance();
        const filled = this.fill(transfer);
        if (filled !== Progress.Done) return filled;
        transfer.roundIsOver = false;
      }
      const count = this.drain.drain(transfer);
      if (count === -EINTR) continue;
      if (count === -EAGAIN) return transfer.full();
      if (count < 0) return transfer.fail(this.drain.call, -count);
      sent += count;
      transfer.roundIsOver = isDrained(transfer);
      if (transfer.roundIsOver && transfer.isDone) return Progress.Done;
      if (share > 0 && sent >= share) {
        transfer.keepMemory();
        return Progress.Share;
      }
    }
  }

  /** Reads the next bytes of the file into the buffers: Done, or Failed when the file does not give them, or Waiting. */
  private fill(transfer: Transfer): Progress {
    const { fileLength, file, pages } = transfer;
    if (fileLength === 0 || file === null) return Progress.Done;
    if (pages !== null && pages.error !== 0) return transfer.fail('pread64', pages.error);
    const { bufferNumber, bufferSize } = transfer.limits as OutputLimits;
    const { direct, share } = transfer;
    transfer.buffers ??= this.pool.take(bufferNumber, Math.max(bufferSize, direct?.alignment ?? 0));
    const { buffers } = transfer;
    if (direct?.file === file) return fillDirectly(transfer, direct, buffers);
    buffers.filled = 0;
    buffers.written = 0;
    const most = share > 0 ? Math.min(share, buffers.block.size) : buffers.block.size;
    while (buffers.filled < most && transfer.fileLength > 0) {
      const wanted = Math.min(buffers.size, most - buffers.filled, transfer.fileLength);
      const count = readNext(transfer, file, buffers.block.address + buffers.filled, wanted);
      transfer.preadCalls += 1;
      if (count === -EINTR) continue;
      if (pages !== null && isMiss(count)) {
        // what was there is written first: the disk may take its time
        if (buffers.filled > 0) break;
        return transfer.readPages(pages);
      }
      if (count <= 0) return transfer.fail('pread64', Math.abs(count));
      pages?.moved(file, transfer.fileOffset, count);
      taken(transfer, buffers, count);
      // a short read leaves a hole in the rhythm of whole buffers: write first, and read on behind it
      if (count < wanted) break;
    }
    return Progress.Done;
  }
}

/**
 * The same, of a file that is read past the page cache: as far as its bytes are from a block's start in the file, so far they are in
 * the buffers. Whole blocks are one read, however many buffers they fill: each read waits for the disk.
 */
function fillDirectly(transfer: Transfer, direct: DirectReader, buffers: OutputBuffers): Progress {
  const { file, pages } = transfer;
  const start = direct.skew(transfer.fileOffset);
  buffers.filled = start;
  buffers.written = start;
  const { share } = transfer;
  // a block at least, for less cannot be read
  const most = share > 0 ? Math.min(start + Math.max(share, direct.alignment), buffers.block.size) : buffers.block.size;
  while (buffers.filled < most && transfer.fileLength > 0) {
    const { fileOffset, fileLength } = transfer;
    const wanted = direct.portion(fileOffset, fileLength, most - buffers.filled);
    const isWhole = direct.takes(fileOffset, wanted);
    // what a thread reads into is not to change meanwhile
    if (wanted === 0 || (isWhole && direct.pool !== null && buffers.filled > start)) break;
    const count = isWhole
      ? direct.read(buffers, wanted, fileOffset)
      : readNext(transfer, file as SourceFile, buffers.block.address + buffers.filled, wanted);
    transfer.preadCalls += 1;
    if (count === -EINTR) continue;
    if (isWhole && count === -EAGAIN) return transfer.wait(direct.isBusy);
    if (isWhole && count === -EINVAL) {
      direct.refused(EINVAL);
      transfer.direct = null;
      break;
    }
    if (pages !== null && isMiss(count)) {
      if (buffers.filled > start) break;
      return transfer.wait(pages.read(file as SourceFile, fileOffset, wanted));
    }
    if (count <= 0) return transfer.fail('pread64', Math.abs(count));
    if (!isWhole) pages?.moved(file as SourceFile, fileOffset, count);
    taken(transfer, buffers, count);
    if (count < wanted) break;
  }
  return Progress.Done;
}

/** Bytes of the file are in the buffers. */
function taken(transfer: Transfer, buffers: OutputBuffers, count: number): void {
  buffers.filled += count;
  transfer.fileTaken(count);
}

/** Reads into a buffer. Where threads read from the disk, only what is in memory: a miss is EAGAIN, or EOPNOTSUPP where nobody knows. */
function readNext({ pages, fileOffset }: Transfer, file: SourceFile, address: number, wanted: number): number {
  if (pages === null) return pread(file.fd, address, wanted, fileOffset);
  const known = pages.known(file, fileOffset);
  if (known > 0) return pread(file.fd, address, Math.min(wanted, known), fileOffset);
  return preadNow(file.fd, address, wanted, fileOffset);
}

function isMiss(count: number): boolean {
  return count === -EAGAIN || count === -EOPNOTSUPP;
}

/** Whether all that was read or built is on the socket. */
function isDrained(transfer: Transfer): boolean {
  const { buffers } = transfer;
  return transfer.memoryLength === 0 && (buffers === null || buffers.written === buffers.filled);
}

/** Writes all of it with one writev. */
function drainByWritev(transfer: Transfer): number {
  iov.clear();
  if (transfer.memoryLength > 0) iov.push(transfer.memoryAddress, transfer.memoryLength);
  const { buffers } = transfer;
  if (buffers !== null) pushBuffers(buffers);
  if (iov.count === 0) return 0;
  transfer.writevCalls += 1;
  const count = writev(transfer.fd, iov);
  if (count > 0) settle(transfer, count);
  return count;
}

const writevDrain: Drain = { call: 'writev', drain: drainByWritev };

/** One entry a buffer, as far as it is not written yet; what one writev cannot hold is left to the next. */
function pushBuffers(buffers: OutputBuffers): void {
  const { size, block, filled } = buffers;
  let at = buffers.written;
  while (at < filled && iov.count < maxEntries) {
    const end = Math.min(filled, at - (at % size) + size);
    iov.push(block.address + at, end - at);
    at = end;
  }
}

/** Takes note of bytes that were written: those in memory come first. */
export function settle(transfer: Transfer, count: number): void {
  const fromMemory = Math.min(count, transfer.memoryLength);
  if (fromMemory > 0) transfer.memorySent(fromMemory);
  const rest = count - fromMemory;
  if (rest === 0) return;
  (transfer.buffers as OutputBuffers).written += rest;
  transfer.bytesSent += rest;
  counters[transfer.secured < 0 ? Counter.bufferBytes : transfer.secured] += rest;
}
