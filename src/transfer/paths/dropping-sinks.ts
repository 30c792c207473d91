import { EINTR } from '../../../native/errno.js';
import { MemoryBlock } from '../../../native/memory.js';
import { MSG_TRUNC, recv } from '../../../native/socket.js';
import type { OnStored, Sink } from './path.js';

/** So much is dropped in one call at most; the loop's other work has its turn in between. */
const mostAtOnce = 16 * 1024 * 1024;

/** What both sinks that store nothing have in common: what is taken is done with. */
abstract class DroppingSink implements Sink {
  abstract readonly name: 'discard' | 'memory';
  readonly calls = { recvfrom: 0 };

  constructor(private readonly onStored: OnStored) {}

  protected abstract receive(socket: number, count: number): number;

  take(socket: number, offset: number, count: number): number {
    for (;;) {
      this.calls.recvfrom += 1;
      const got = this.receive(socket, count);
      if (got > 0) this.onStored(offset, offset + got);
      if (got !== -EINTR) return got;
    }
  }

  store(_address: number, count: number, offset: number): void {
    this.onStored(offset, offset + count);
  }

  flush(): void {
    // nothing is held back
  }

  close(): void {
    // nothing was opened
  }
}

/**
 * Has the kernel drop the bytes: with MSG_TRUNC they are taken off a TCP socket and not copied (tcp(7)), so that it is the
 * sender's cost that is measured.
 */
export class DiscardSink extends DroppingSink {
  readonly name = 'discard';
  /** Nothing is written to it; a null pointer would be at the mercy of whoever looks at the call. */
  private readonly block = new MemoryBlock(4096);

  protected receive(socket: number, count: number): number {
    return recv(socket, this.block.address, Math.min(count, mostAtOnce), MSG_TRUNC);
  }
}

/** Receives into one block again and again (the paper's figure 15). */
export class MemorySink extends DroppingSink {
  readonly name = 'memory';
  private readonly block: MemoryBlock;

  constructor(blockSize: number, onStored: OnStored) {
    super(onStored);
    this.block = new MemoryBlock(blockSize);
  }

  protected receive(socket: number, count: number): number {
    return recv(socket, this.block.address, Math.min(count, this.block.size));
  }
}
