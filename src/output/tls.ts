import { MemoryBlock } from '../../native/memory.js';
import { type Drain, settle } from './buffers.js';
import type { OutputBuffers } from './pool.js';
import type { Transfer } from './transfer.js';

/** What encrypts and writes, as far as the outputs know it. */
export interface TlsWriter {
  /** Gives the bytes taken, or a negative errno. */
  write(address: number, size: number): number;
}

/** A head and the first bytes of its file are put together here, to be one record. */
const joined = new MemoryBlock(16 * 1024);

/**
 * Writes what is in memory and in the output buffers through TLS in this process: one record at a time. Where the kernel encrypts
 * (kTLS) this is not used: there the socket is written to like any other.
 */
export class TlsDrain implements Drain {
  readonly call = 'SSL_write';
  private readonly largestRecord: number;

  /** @param largestRecord bytes (`ssl_buffer_size`) */
  constructor(
    private readonly session: TlsWriter,
    largestRecord: number,
  ) {
    this.largestRecord = Math.min(largestRecord, joined.size);
  }

  /** After EAGAIN OpenSSL wants the same bytes again, and gets them: nothing changes in a round but what was written. */
  drain(transfer: Transfer): number {
    const { memoryLength, memoryAddress, buffers } = transfer;
    const buffered = buffers === null ? 0 : buffers.filled - buffers.written;
    if (buffered === 0) return memoryLength === 0 ? 0 : this.write(transfer, memoryAddress, memoryLength);
    const { block, written } = buffers as OutputBuffers;
    if (memoryLength === 0) return this.write(transfer, block.address + written, buffered);
    if (memoryLength >= this.largestRecord) return this.write(transfer, memoryAddress, memoryLength);
    transfer.memoryBytes.copy(joined.bytes);
    block.bytes.copy(joined.bytes, memoryLength, written, written + buffered);
    return this.write(transfer, joined.address, memoryLength + buffered);
  }

  private write(transfer: Transfer, address: number, length: number): number {
    const count = this.session.write(address, Math.min(length, this.largestRecord));
    if (count > 0) settle(transfer, count);
    return count;
  }
}
