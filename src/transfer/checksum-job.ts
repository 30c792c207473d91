export type Algorithm = 'xxh64' | 'sha-256';

/** Bytes that the thread reads at once: they stay in a processor's own cache until they are hashed. */
export const readSize = 256 * 1024;
/** Steps of the mark, in bytes: the thread is woken once for each at most. */
const step = 4 * readSize;

/** What the thread is handed. */
export interface ChecksumJob {
  readonly fd: number;
  readonly algorithm: Algorithm;
  /** First byte. */
  readonly start: number;
  readonly memory: SharedArrayBuffer;
}

/** What it answers, once for each job. */
export type ChecksumAnswer =
  | { readonly value: string }
  /** The file ended there. */
  | { readonly endsAt: number }
  /** Reading failed; errno is positive. */
  | { readonly errno: number }
  | { readonly cancelled: true };

/** Places of the 32-bit numbers in the shared memory. */
const signal = 0;
const available = 1;
const state = 2;
const hashed = 3;
/** And of the 64-bit one. */
const end = 2;
const memorySize = 24;

/** The state, until it is one of the others. */
const following = 0;
const ending = 1;
const cancelled = 2;

/**
 * How far the thread may go, and how far it has come. Both sides make one over the same memory.
 *
 * The mark counts whole steps, so that it is one 32-bit number and the transfer allocates nothing; where the end is known, it is
 * written before the state says so.
 */
export class ChecksumMark {
  private readonly words: Int32Array;
  private readonly places: Float64Array;
  private published = 0;

  constructor(
    readonly start: number,
    readonly memory = new SharedArrayBuffer(memorySize),
  ) {
    this.words = new Int32Array(memory);
    this.places = new Float64Array(memory);
  }

  /** The bytes are there up to `to`. */
  advance(to: number): void {
    const steps = Math.floor((to - this.start) / step);
    if (steps <= this.published) return;
    this.published = steps;
    Atomics.store(this.words, available, steps);
    this.wake();
  }

  /**
   * All bytes are there up to `to`, and it ends there.
   * @throws RangeError where more than that has been said to be there
   */
  finish(to: number): void {
    const least = this.start + this.published * step;
    if (!(to >= least)) throw new RangeError(`a checksum cannot end at ${to}: the bytes up to ${least} are in it`);
    this.places[end] = to;
    // what was called off stays so
    Atomics.compareExchange(this.words, state, following, ending);
    this.wake();
  }

  cancel(): void {
    Atomics.store(this.words, state, cancelled);
    this.wake();
  }

  /** Bytes that have been hashed, in whole reads. */
  get hashed(): number {
    return Atomics.load(this.words, hashed) * readSize;
  }

  /** For the thread: the bytes are hashed up to `to`. */
  hashedUpTo(to: number): void {
    Atomics.store(this.words, hashed, Math.floor((to - this.start) / readSize));
  }

  /**
   * For the thread: waits until the bytes from `from` on may be read.
   * @returns where to stop, more than `from`; `from` itself at the end; -1 where nobody wants the checksum any more
   */
  wait(from: number): number {
    for (;;) {
      const seen = Atomics.load(this.words, signal);
      const now = Atomics.load(this.words, state);
      if (now === cancelled) return -1;
      if (now === ending) return Math.max(from, this.places[end]);
      const to = this.start + Atomics.load(this.words, available) * step;
      if (to > from) return to;
      Atomics.wait(this.words, signal, seen);
    }
  }

  private wake(): void {
    Atomics.add(this.words, signal, 1);
    Atomics.notify(this.words, signal);
  }
}
