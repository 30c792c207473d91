import { EINTR, EINVAL } from '../../native/errno.js';
import { O_WRONLY, openAt } from '../../native/file.js';
import { Int64Cell } from '../../native/memory.js';
import { sendfileInThread } from '../../native/thread-calls.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { Job, ThreadPool } from '../threads/pool.js';
import { cachedBytes } from './cached.js';
import type { SourceFile } from './transfer.js';

/** What a thread reads in at once: little at first, so that the client sees something soon, and then twice as much each time. */
const firstWindow = 128 * 1024;
const largestWindow = 1024 * 1024;
/** How much is asked about at once: as much as the socket seems to take before it is full. */
const leastAsked = 128 * 1024;
const firstAsked = 512 * 1024;
const mostAsked = 2 * 1024 * 1024;

/** Opened when it is first needed, and kept. */
let nowhere = -1;

/** Who is told that pages have been read in. It must not throw. */
export interface PagesOwner {
  onPagesRead(): void;
}

/**
 * Sees to it that the pages of a response's files are in memory before the loop touches them (`aio threads`). Pages that are
 * not there are read in by a thread, which sends the range to /dev/null: sendfile(2) waits for each page, and copies none.
 *
 * The thread has no memory of ours, only the file's descriptor, which stays open until it returns. A connection has one range
 * in flight at most.
 */
export class PageReader implements Job {
  /** Why the last range could not be read: an errno (positive), or 0. */
  error = 0;
  /** The range that is known to be in memory: `file` from `from` to `end`. */
  private file: SourceFile | null = null;
  private from = 0;
  private end = 0;
  /** A thread has read it in; else it was there. */
  private byThread = false;
  /** How much to ask the kernel about, and how much of the last answer was used. */
  private asked = firstAsked;
  private used = 0;
  /** Nothing of the response was missing so far. */
  private isWarm = true;
  /** Bytes that the next thread is to read. */
  private window = firstWindow;
  /** What a thread reads, or will. */
  private reading: SourceFile | null = null;
  private readingFrom = 0;
  private readingLength = 0;
  private readonly offset = new Int64Cell();

  constructor(
    readonly pool: ThreadPool,
    private owner: PagesOwner | null,
  ) {}

  /** A thread reads, or will; the response waits for it. */
  get isBusy(): boolean {
    return this.reading !== null;
  }

  /** Another response begins. */
  begin(): void {
    this.file = null;
    this.asked = firstAsked;
    this.isWarm = true;
    this.window = firstWindow;
    this.error = 0;
  }

  /** Some time passes before more is sent: what is in memory now may not be then, and to ask about more than is used costs time. */
  forget(): void {
    this.file = null;
    this.asked = Math.min(Math.max(2 * this.used, leastAsked), mostAsked);
    this.used = 0;
  }

  /** Bytes from `offset` on that are known to be in memory. */
  known(file: SourceFile, offset: number): number {
    return file === this.file && offset >= this.from && offset < this.end ? this.end - offset : 0;
  }

  /**
   * Bytes from `offset` on that can be sent without waiting for the disk: those that are known to be in memory, or else those that
   * the kernel says are. Where it cannot say, none.
   * @param length bytes that are wanted
   */
  ready(file: SourceFile, offset: number, length: number): number {
    const known = Math.min(this.known(file, offset), length);
    if (known > 0) return known;
    // all of the last answer was used before the socket was full
    if (this.used >= this.asked) this.asked = Math.min(this.asked * 2, mostAsked);
    const asked = Math.min(length, this.asked);
    const cached = cachedBytes(file.fd, offset, asked, this.isWarm);
    if (cached < asked) this.isWarm = false;
    if (cached > 0) this.learn(file, offset, cached);
    return cached;
  }

  /** Bytes were moved that are in the range of `ready`, or that were there when they were read without waiting. */
  moved(file: SourceFile, offset: number, count: number): void {
    const byThread = this.byThread && this.known(file, offset) > 0;
    this.used += count;
    counters[byThread ? Counter.threadBytes : Counter.cachedBytes] += count;
  }

  /**
   * Has a thread read in what comes from `offset` on; the owner is told.
   * @param length bytes that are left of the file piece
   * @returns false when the pool's queue is full
   */
  read(file: SourceFile, offset: number, length: number): boolean {
    this.readingFrom = offset;
    this.readingLength = Math.min(length, this.window);
    this.window = Math.min(this.window * 2, largestWindow);
    this.reading = file;
    file.hold();
    if (this.pool.submit(this)) return true;
    this.endReading();
    return false;
  }

  start(done: (result: number) => void): void {
    if (nowhere < 0) nowhere = openAt('/dev/null', O_WRONLY);
    this.offset.value = this.readingFrom;
    sendfileInThread(nowhere, (this.reading as SourceFile).fd, this.offset, this.readingLength, done);
  }

  ended(result: number): void {
    const file = this.endReading();
    if (result < 0 && result !== -EINTR && result !== -EINVAL) this.error = -result;
    // where the file ends, or is none that sendfile takes, the response itself is to meet it
    else if (result !== -EINTR) this.learn(file, this.readingFrom, result > 0 ? result : this.readingLength);
    this.byThread = true;
    this.owner?.onPagesRead();
  }

  /** The response is not sent any more. A range that a thread reads is read to its end, and nobody hears of it. */
  cancel(): void {
    if (this.reading === null) return;
    this.owner = null;
    if (this.pool.cancel(this)) this.endReading();
  }

  private endReading(): SourceFile {
    const file = this.reading as SourceFile;
    this.reading = null;
    file.release();
    return file;
  }

  private learn(file: SourceFile, offset: number, length: number): void {
    this.file = file;
    this.from = offset;
    this.end = offset + length;
    this.byThread = false;
  }
}
