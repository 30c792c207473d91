import { EAGAIN } from '../../native/errno.js';
import { MemoryBlock } from '../../native/memory.js';
import { type Drain, settle } from './buffers.js';
import type { OutputBuffers } from './pool.js';
import type { Transfer } from './transfer.js';

/** What encrypts and writes, as far as the outputs know it. */
export interface TlsWriter {
  /** Gives the bytes taken, or a negative errno. */
  write(address: number, size: number): number;
  /** What is written may not be on the socket, however little it is: it has to be gathered and flushed. */
  readonly mustFlush: boolean;
  /** Has what is written wait in a buffer of so many bytes for `flush`, until `endGather`. Gives whether it does. */
  gather(size: number): boolean;
  /** Gives 1 when all of it is on the socket, or a negative errno. */
  flush(): number;
  endGather(): void;
}

/** A head and the first bytes of its file are put together here, to be one record. */
const joined = new MemoryBlock(16 * 1024);

/** What is encrypted before it is written: as much as output buffers hold that nobody has set otherwise. */
const gatheredBytes = 64 * 1024;
/** No record is longer than what is in it by more than this. */
const recordOverhead = 256;

/**
 * Writes what is in memory and in the output buffers through TLS in this process. Where much is to be written, several records leave by
 * one call: they are gathered first. Where the kernel encrypts (kTLS) this is not used: there the socket is written to like any other.
 */
export class TlsDrain implements Drain {
  readonly call = 'SSL_write';
  private readonly largestRecord: number;
  /** Bytes that are gathered, and not on the socket yet: they stay in the transfer until then. */
  private waiting = 0;
  private isGathering = false;

  /** @param largestRecord bytes (`ssl_buffer_size`) */
  constructor(
    private readonly writer: TlsWriter,
    largestRecord: number,
  ) {
    this.largestRecord = Math.min(largestRecord, joined.size);
  }

  /** After EAGAIN OpenSSL wants the same bytes again, and gets them: nothing changes in a round but what was written. */
  drain(transfer: Transfer): number {
    if (this.waiting > 0) return this.flush(transfer);
    const length = transfer.memoryLength + bufferedIn(transfer);
    if (length >= 2 * this.largestRecord || this.writer.mustFlush)
      this.isGathering ||= this.writer.gather(this.roomForRecords);
    if (this.isGathering) return this.gather(transfer, length);
    const count = length === 0 ? 0 : this.writeRecord(transfer, 0);
    if (count > 0) settle(transfer, count);
    return count;
  }

  /** The last record may be a short one: the head has taken of the first one's bytes. */
  private get roomForRecords(): number {
    return Math.ceil(gatheredBytes / this.largestRecord + 1) * (this.largestRecord + recordOverhead);
  }

  private gather(transfer: Transfer, length: number): number {
    const end = Math.min(length, gatheredBytes + this.largestRecord);
    while (this.waiting < end) {
      const count = this.writeRecord(transfer, this.waiting);
      // OpenSSL may have had something of its own to say: what is there goes first
      if (count === -EAGAIN) break;
      if (count < 0) return count;
      this.waiting += count;
    }
    return this.flush(transfer);
  }

  private flush(transfer: Transfer): number {
    const flushed = this.writer.flush();
    if (flushed < 0) return flushed;
    const count = this.waiting;
    this.waiting = 0;
    if (count === 0 && transfer.memoryLength + bufferedIn(transfer) > 0) return -EAGAIN;
    settle(transfer, count);
    if (transfer.isDone && bufferedIn(transfer) === 0) {
      this.isGathering = false;
      this.writer.endGather();
    }
    return count;
  }

  /** Has one record made of what comes after the first `skipped` bytes, of which there are more. Gives the bytes taken, or a negative errno. */
  private writeRecord(transfer: Transfer, skipped: number): number {
    const { memoryLength, memoryAddress } = transfer;
    const buffers = transfer.buffers as OutputBuffers;
    const buffered = bufferedIn(transfer);
    if (skipped >= memoryLength) {
      const from = skipped - memoryLength;
      return this.write(buffers.block.address + buffers.written + from, buffered - from);
    }
    const inMemory = memoryLength - skipped;
    if (buffered === 0 || inMemory >= this.largestRecord) return this.write(memoryAddress + skipped, inMemory);
    transfer.memoryBytes.copy(joined.bytes, 0, skipped);
    buffers.block.bytes.copy(joined.bytes, inMemory, buffers.written, buffers.filled);
    return this.write(joined.address, inMemory + buffered);
  }

  private write(address: number, length: number): number {
    return this.writer.write(address, Math.min(length, this.largestRecord));
  }
}

/** Bytes in the output buffers that are to be written. */
function bufferedIn({ buffers }: Transfer): number {
  return buffers === null ? 0 : buffers.filled - buffers.written;
}
