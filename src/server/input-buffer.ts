import { MemoryBlock } from '../../native/memory.js';
import type { Settings } from '../conf/settings.js';
import type { EventLoop, TurnEnd } from '../event/loop.js';

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

/** Bytes. A turn's heads are a few hundred bytes each; where they are more, the rest of them is answered at once. */
const turnInputSize = 64 * 1024;

/** The heads that have come in the first half of a turn of the loop, one behind the other, until its second half answers them. */
export class TurnInput implements TurnEnd {
  readonly block = new MemoryBlock(turnInputSize);
  used = 0;

  constructor(private readonly loop: EventLoop) {}

  /** Whether `size` bytes may be read to behind those that are used, for the second half. */
  takes(size: number): boolean {
    return this.loop.isCrowded && this.used + size <= turnInputSize;
  }

  /** So many have come. */
  add(count: number): void {
    if (this.used === 0) this.loop.atTurnEnd(this);
    this.used += count;
  }

  onTurnEnd(): void {
    this.used = 0;
  }
}
