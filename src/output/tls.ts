import { type Drain, settle } from './buffers.js';
import type { OutputBuffers } from './pool.js';
import type { Transfer } from './transfer.js';

/** What encrypts and writes, as far as the outputs know it. */
export interface TlsWriter {
  /** Gives the bytes taken, or a negative errno. */
  write(address: number, size: number): number;
}

/**
 * Writes what is in memory and in the output buffers through TLS in this process: one record at a time. Where the kernel encrypts
 * (kTLS) this is not used: there the socket is written to like any other.
 */
export class TlsDrain implements Drain {
  readonly call = 'SSL_write';

  /** @param largestRecord bytes (`ssl_buffer_size`) */
  constructor(
    private readonly session: TlsWriter,
    private readonly largestRecord: number,
  ) {}

  drain(transfer: Transfer): number {
    const { memoryLength, memoryAddress, buffers } = transfer;
    if (memoryLength > 0) return this.write(transfer, memoryAddress, memoryLength);
    if (buffers === null || buffers.written === buffers.filled) return 0;
    return this.write(transfer, addressOf(buffers), buffers.filled - buffers.written);
  }

  private write(transfer: Transfer, address: number, length: number): number {
    const count = this.session.write(address, Math.min(length, this.largestRecord));
    if (count > 0) settle(transfer, count);
    return count;
  }
}

function addressOf({ block, written }: OutputBuffers): number {
  return block.address + written;
}
