import { EINTR } from '../../../native/errno.js';
import { AlignedBlock } from '../../../native/memory.js';
import { recv } from '../../../native/socket.js';
import { directUnit, upToUnit } from './direct.js';
import type { OnStored, Sink } from './path.js';
import { StoredFile } from './stored-file.js';

/** Receives into a block until it is full, then writes it whole at its place (the paper's figure 8). */
export class ReadWriteSink implements Sink {
  readonly name = 'read+write';
  readonly calls = { recvfrom: 0, pwrite64: 0 };
  private readonly file: StoredFile;
  private readonly block: AlignedBlock;
  private readonly isAligned: boolean;
  /** Where the bytes in the block begin: in memory, and in the file. */
  private address = 0;
  private start = 0;
  /** Bytes that are in the block, that it has room for, and that have been written of it. */
  private filled = 0;
  private room = 0;
  private written = 0;

  /** @param direct the same file opened with O_DIRECT, closed with this; or -1 */
  constructor(
    file: number,
    path: string,
    private readonly blockSize: number,
    direct: number,
    onStored: OnStored,
  ) {
    this.file = new StoredFile(file, path, direct, this.calls, onStored);
    this.block = new AlignedBlock(upToUnit(blockSize));
    this.isAligned = blockSize % directUnit === 0;
  }

  take(socket: number, offset: number, count: number): number {
    if (this.filled === this.room || offset !== this.start + this.filled) {
      const error = this.write();
      if (error < 0) return error;
      this.begin(offset);
    }
    const got = this.receive(socket, Math.min(count, this.room - this.filled));
    if (got > 0) {
      this.filled += got;
      // where the kernel has no memory now, the block stays full until the next call
      if (this.filled === this.room) this.write();
    }
    return got;
  }

  private receive(socket: number, size: number): number {
    for (;;) {
      this.calls.recvfrom += 1;
      const got = recv(socket, this.address + this.filled, size);
      if (got !== -EINTR) return got;
    }
  }

  /** A first block that begins within a page of the file is shorter, so that all others begin with a page: O_DIRECT needs that. */
  private begin(offset: number): void {
    const within = this.isAligned ? offset % directUnit : 0;
    this.address = this.block.address + within;
    this.start = offset;
    this.room = this.blockSize - within;
  }

  /** Writes what the block holds; 0, or the negative errno of a soft error. */
  private write(): number {
    while (this.written < this.filled) {
      const { written } = this;
      const count = this.file.write(this.address + written, this.filled - written, this.start + written);
      if (count < 0) return count;
      this.written += count;
    }
    this.empty();
    return 0;
  }

  private empty(): void {
    this.filled = 0;
    this.room = 0;
    this.written = 0;
  }

  store(address: number, count: number, offset: number): void {
    this.flush();
    this.file.writeAll(address, count, offset);
  }

  flush(): void {
    this.file.writeAll(this.address + this.written, this.filled - this.written, this.start + this.written);
    this.empty();
  }

  close(): void {
    this.file.close();
  }
}
