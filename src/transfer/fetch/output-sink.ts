import { EAGAIN, EINTR, EIO, EPIPE, errnoText } from '../../../native/errno.js';
import { F_GETFL, F_SETFL, fcntl, O_NONBLOCK, write } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import { recv } from '../../../native/socket.js';
import { TransferError } from '../failure.js';
import type { OnStored, Sink } from '../paths/path.js';

const standardOutput = 1;

/** Writes what comes to standard output, in order. The loop waits for whoever reads there. */
export class OutputSink implements Sink {
  readonly name = 'read+write';
  readonly calls = { recvfrom: 0, write: 0 };
  private readonly block: MemoryBlock;

  constructor(
    blockSize: number,
    private readonly onStored: OnStored,
  ) {
    this.block = new MemoryBlock(blockSize);
    const flags = fcntl(standardOutput, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) !== 0) fcntl(standardOutput, F_SETFL, flags & ~O_NONBLOCK);
  }

  take(socket: number, offset: number, count: number): number {
    for (;;) {
      this.calls.recvfrom += 1;
      const size = recv(socket, this.block.address, Math.min(count, this.block.size));
      if (size === -EINTR) continue;
      if (size > 0) this.store(this.block.address, size, offset);
      return size;
    }
  }

  store(address: number, count: number, offset: number): void {
    for (let done = 0; done < count; ) {
      this.calls.write += 1;
      const size = write(standardOutput, address + done, count - done);
      if (size > 0) done += size;
      else if (size !== -EINTR && size !== -EAGAIN) throw failure(size === 0 ? EIO : -size);
    }
    this.onStored(offset, offset + count);
  }

  flush(): void {}

  close(): void {}
}

function failure(errno: number): TransferError {
  const reason = errno === EPIPE ? 'nobody reads it any more' : errnoText(errno);
  return new TransferError(`write() to standard output failed: ${reason}`, 'store');
}
