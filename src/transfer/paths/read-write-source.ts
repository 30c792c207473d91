import { EINTR } from '../../../native/errno.js';
import { close, pread } from '../../../native/file.js';
import { AlignedBlock } from '../../../native/memory.js';
import { send } from '../../../native/socket.js';
import { connectionFailure, sourceFailure, type TransferError } from '../failure.js';
import type { Blocks } from './blocks.js';
import { directUnit, upToUnit } from './direct.js';
import type { Source } from './path.js';

/**
 * Reads a block, and sends until all of it is out; then the next (the paper's figure 3). What a full socket did not take of a
 * block is kept until it has room.
 */
export class ReadWriteSource implements Source {
  readonly name = 'read+write';
  readonly calls = { pread64: 0, sendto: 0 };
  private readonly block: AlignedBlock;
  /** Of the stream: what is to be sent next of the block. */
  private next = 0;
  /** Of the block's bytes: the one to be sent next, and how many are left from there. */
  private position = 0;
  private left = 0;
  private readFailed = false;

  /**
   * @param file opened with O_DIRECT or without
   * @param isDirect it is with, and closed with this
   */
  constructor(
    private readonly file: number,
    private readonly path: string,
    private readonly blocks: Blocks,
    private readonly isDirect: boolean,
  ) {
    this.block = new AlignedBlock(upToUnit(blocks.largest));
  }

  send(socket: number, offset: number, count: number): number {
    if (this.left === 0 || this.next !== offset) {
      const read = this.read(offset);
      if (read <= 0) return read;
    }
    const size = Math.min(this.left, count);
    for (;;) {
      this.calls.sendto += 1;
      const sent = send(socket, this.block.address + this.position, size);
      if (sent === -EINTR) continue;
      if (sent > 0) {
        this.position += sent;
        this.left -= sent;
        this.next += sent;
      }
      return sent;
    }
  }

  /** Fills the block with the bytes at `offset`; gives how many there are, or the negative errno. */
  private read(offset: number): number {
    this.left = 0;
    const place = this.blocks.place(offset);
    // a first block that begins within a unit is shorter, so that the next ones do not
    const before = this.isDirect ? place % directUnit : 0;
    const size = this.blocks.size(place, this.block.size - before);
    const got = this.readAt(place - before, this.isDirect ? upToUnit(before + size) : size);
    this.readFailed = got < 0;
    if (got < 0) return got;
    this.position = before;
    this.left = Math.max(0, Math.min(got - before, size));
    this.next = offset;
    return this.left;
  }

  private readAt(place: number, size: number): number {
    for (;;) {
      this.calls.pread64 += 1;
      const got = pread(this.file, this.block.address, size, place);
      if (got !== -EINTR) return got;
    }
  }

  failure(errno: number, peer: string): TransferError {
    if (this.readFailed) return sourceFailure(errno, 'pread64', this.path);
    return connectionFailure(errno, 'sendto', peer);
  }

  reset(): void {
    this.left = 0;
  }

  close(): void {
    if (this.isDirect) close(this.file);
  }
}
