import { EAGAIN } from '../../native/errno.js';
import { pread } from '../../native/file.js';
import { preadInThread } from '../../native/thread-calls.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { Job, ThreadPool } from '../threads/pool.js';
import type { PagesOwner } from './pages.js';
import type { OutputBuffers } from './pool.js';
import type { SourceFile } from './transfer.js';

/** Who is told what comes of it. Nothing of it may throw. */
export interface DirectOwner extends PagesOwner {
  /** The file is read as ever from now on: the kernel does not take these blocks. `errno` is positive. */
  onRefused(file: SourceFile, errno: number): void;
}

/**
 * Reads a response's file past the page cache (`directio`): whole blocks, from a block's start, into memory that is aligned as they
 * are. What is before the first whole block and behind the last one is read as ever, by the file's other descriptor.
 *
 * With `aio threads` a thread reads, into the output buffers of the response: they stay with it until it returns, whoever has
 * left meanwhile. A response has one read in flight at most.
 */
export class DirectReader implements Job {
  /** What a thread reads into, or will. */
  private buffers: OutputBuffers | null = null;
  private address = 0;
  private length = 0;
  private offset = 0;
  /** What the thread has come to, until it is asked for. */
  private outcome: number | null = null;
  /** Nobody waits for the thread any more: gives the buffers back when it returns. */
  private free: (() => void) | null = null;

  /**
   * @param fd a second descriptor of the file, which the file closes with its first
   * @param alignment bytes (`directio_alignment`)
   * @param pool null where the loop may wait for the disk
   */
  constructor(
    readonly file: SourceFile,
    private readonly fd: number,
    readonly alignment: number,
    readonly pool: ThreadPool | null,
    private readonly owner: DirectOwner,
  ) {}

  get isBusy(): boolean {
    return this.buffers !== null;
  }

  /** How far the bytes at `offset` are from a block's start: as far as they are to be from a buffer's. */
  skew(offset: number): number {
    return offset % this.alignment;
  }

  /**
   * Bytes from `offset` on that the next read takes, of the `length` that are left: whole blocks, or what leads to the next one, or the
   * end, which is less than one. 0 where there is no room for these.
   */
  portion(offset: number, length: number, room: number): number {
    const skew = this.skew(offset);
    if (skew > 0) return Math.min(length, this.alignment - skew);
    const most = Math.min(length, room);
    if (most >= this.alignment) return most - (most % this.alignment);
    return length <= room ? length : 0;
  }

  /** Whether that portion is one of whole blocks. */
  takes(offset: number, portion: number): boolean {
    return this.skew(offset) === 0 && portion % this.alignment === 0;
  }

  /** Reads whole blocks behind what the buffers hold; EAGAIN where a thread does it (`isBusy`), or where none is to be had. */
  read(buffers: OutputBuffers, length: number, offset: number): number {
    const { pool, outcome } = this;
    const address = buffers.block.address + buffers.filled;
    if (pool === null) return pread(this.fd, address, length, offset);
    if (outcome !== null) {
      this.outcome = null;
      return outcome;
    }
    this.buffers = buffers;
    this.address = address;
    this.length = length;
    this.offset = offset;
    this.file.hold();
    if (!pool.submit(this)) this.letGo();
    return -EAGAIN;
  }

  refused(errno: number): void {
    this.owner.onRefused(this.file, errno);
  }

  start(done: (result: number) => void): void {
    preadInThread(this.fd, this.address, this.length, this.offset, done);
  }

  ended(result: number): void {
    this.letGo();
    if (this.free !== null) {
      this.free();
      return;
    }
    this.outcome = result;
    if (result > 0) counters[Counter.threadBytes] += result;
    this.owner.onPagesRead();
  }

  /** The response is not sent any more. @param free gives back its buffers: now, or when the thread that reads into them has returned */
  leave(free: () => void): void {
    if (this.buffers === null || this.pool?.cancel(this)) {
      if (this.isBusy) this.letGo();
      free();
    } else this.free = free;
  }

  private letGo(): void {
    this.buffers = null;
    this.file.release();
  }
}
