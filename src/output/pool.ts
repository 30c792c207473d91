import { AlignedBlock } from '../../native/memory.js';

/** The output buffers of one response (`output_buffers NUMBER SIZE`): one block, filled and written in order. It begins with a page, as `directio` wants it. */
export class OutputBuffers {
  readonly block: AlignedBlock;
  /** Bytes of the block that hold file data, and bytes of these that are on the socket. */
  filled = 0;
  written = 0;

  constructor(
    readonly number: number,
    readonly size: number,
  ) {
    this.block = new AlignedBlock(number * size);
  }
}

/** Memory that is kept for the next response once one ends, in bytes and all sizes together. */
const idleLimit = 16 * 1024 * 1024;

/**
 * Output buffers are lent to a response while it sends and come back when it ends. What is lent is bounded by
 * worker_connections; what lies idle by `idleLimit`: the rest is given back to the system.
 */
export class OutputBufferPool {
  private readonly idle = new Map<number, OutputBuffers[]>();
  private idleBytes = 0;
  /** Buffer sets that are lent at present. */
  lent = 0;

  take(number: number, size: number): OutputBuffers {
    this.lent += 1;
    const buffers = this.idle.get(number * 0x1_0000_0000 + size)?.pop();
    if (buffers === undefined) return new OutputBuffers(number, size);
    this.idleBytes -= buffers.block.size;
    return buffers;
  }

  giveBack(buffers: OutputBuffers): void {
    this.lent -= 1;
    buffers.filled = 0;
    buffers.written = 0;
    if (this.idleBytes + buffers.block.size > idleLimit) return;
    this.idleBytes += buffers.block.size;
    const key = buffers.number * 0x1_0000_0000 + buffers.size;
    const list = this.idle.get(key);
    if (list === undefined) this.idle.set(key, [buffers]);
    else list.push(buffers);
  }
}
