import { MemoryBlock } from '../../native/memory.js';
import type { Settings } from '../conf/settings.js';

/** Bytes that the head of a request may have. */
export function headLimit({ clientHeaderBufferSize, largeClientHeaderBuffers }: Settings): number {
  return clientHeaderBufferSize + largeClientHeaderBuffers.count * largeClientHeaderBuffers.size;
}

/** Bytes of a connection that were read and not used yet: the rest of a head, pipelined requests, the start of a body. */
export class InputBuffer {
  private block: MemoryBlock;
  start = 0;
  end = 0;

  constructor(size: number) {
    this.block = new MemoryBlock(size);
  }

  get bytes(): Buffer {
    return this.block.bytes;
  }
  get address(): number {
    return this.block.address;
  }
  get size(): number {
    return this.block.size;
  }
  get room(): number {
    return this.block.size - this.end;
  }
  get isEmpty(): boolean {
    return this.start === this.end;
  }

  /** Takes over bytes; what it held is gone. They must fit. */
  set(source: Buffer, from: number, to: number): void {
    source.copy(this.block.bytes, 0, from, to);
    this.start = 0;
    this.end = to - from;
  }

  /** Makes room for more behind `end`: by moving what is there to the front, or by growing up to `limit` bytes. */
  makeRoom(step: number, limit: number): void {
    if (this.start > 0) {
      this.block.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
    if (this.room > 0) return;
    const larger = new MemoryBlock(Math.max(this.end + 1, Math.min(this.block.size + step, limit)));
    this.block.bytes.copy(larger.bytes, 0, 0, this.end);
    this.block = larger;
  }
}

/** Idle buffers that are kept; others are left to the garbage collector. */
const idleLimit = 64;
const usualSize = 8192;

/** Buffers of the usual size are used again and again. */
export class InputBufferPool {
  private readonly idle: InputBuffer[] = [];

  take(size: number): InputBuffer {
    if (size > usualSize) return new InputBuffer(size);
    return this.idle.pop() ?? new InputBuffer(usualSize);
  }

  giveBack(buffer: InputBuffer): void {
    if (buffer.size !== usualSize || this.idle.length === idleLimit) return;
    buffer.start = 0;
    buffer.end = 0;
    this.idle.push(buffer);
  }
}
