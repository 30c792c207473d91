import { check, SystemError } from '../../native/errno.js';
import { close, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';
import { Counter, counterCount, gauges } from './counters.js';

/**
 * The scoreboard: memory that a master shares with its workers (Apache's word for the same thing). Each worker has a slot that it alone
 * writes; the master, and whoever wants sums, only read. Slot 0 is the master's: it keeps what workers had done that have gone.
 *
 * A slot is its numbers (`counters`, and the kernel calls by name) and its records, two rings of the last requests and the last lines
 * of the error log (records.ts). The numbers of all slots come first, so that a sum touches few pages.
 */

/** Workers that can be at work at once, those that are leaving included. A worker without a slot serves, and is not seen. */
export const slotCount = 512;

const callsAt = counterCount * 8;
const numbersSize = 1024;
export const requestRing = { records: 128, size: 512 } as const;
export const errorRing = { records: 32, size: 512 } as const;
/** Two heads of 32 bits stand before the rings: how many records were ever written. */
const headsSize = 64;
const ringsSize = 84 * 1024;
const boardSize = slotCount * (numbersSize + ringsSize);

/** One process's part. */
export interface Slot {
  readonly counters: Float64Array;
  /** In the order of `countedCalls`. */
  readonly calls: Float64Array;
  /** How many requests and how many lines were ever recorded, to 32 bits. */
  readonly heads: Int32Array;
  readonly requests: Ring;
  readonly errors: Ring;
}

export interface Ring {
  readonly bytes: Buffer;
  readonly numbers: Float64Array;
}

export class Scoreboard {
  private readonly slots: (Slot | undefined)[] = [];
  private readonly taken = new Set<number>();

  private constructor(
    private readonly memory: ArrayBuffer,
    /** What another process maps; -1 where the memory is this process's own. */
    readonly fd: number,
  ) {}

  /**
   * Memory to share.
   * @throws SystemError where the kernel gives none
   */
  static create(): Scoreboard {
    const fd = check(memfdCreate('zerocopy-scoreboard'), 'memfd_create()');
    try {
      check(ftruncate(fd, boardSize), 'ftruncate()');
      return new Scoreboard(mapped(fd), fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** What another process has made. The descriptor is closed. @throws SystemError */
  static open(fd: number): Scoreboard {
    const memory = mapped(fd);
    close(fd);
    return new Scoreboard(memory, -1);
  }

  slot(number: number): Slot {
    this.slots[number] ??= this.makeSlot(number);
    return this.slots[number];
  }

  /** A slot for a new worker, from 1 on; -1 where all are taken. */
  take(): number {
    for (let number = 1; number < slotCount; number++) {
      if (this.taken.has(number)) continue;
      this.taken.add(number);
      const { counters } = this.slot(0);
      counters[Counter.highestSlot] = Math.max(counters[Counter.highestSlot], number);
      return number;
    }
    return -1;
  }

  /** The worker has gone: what it has done is added to slot 0, and its slot is free again, and empty. */
  giveBack(number: number): void {
    if (!this.taken.delete(number)) return;
    const past = this.slot(0);
    const { counters, calls, heads } = this.slot(number);
    for (let index = 0; index < counterCount; index++) {
      if (!gauges.includes(index)) past.counters[index] += counters[index];
    }
    for (let index = 0; index < calls.length; index++) past.calls[index] += calls[index];
    counters.fill(0);
    calls.fill(0);
    heads.fill(0);
  }

  /** One of the numbers, of all processes together. */
  sum(counter: number): number {
    const highest = this.slot(0).counters[Counter.highestSlot];
    let sum = 0;
    for (let number = 0; number <= highest; number++) sum += this.slot(number).counters[counter];
    return sum;
  }

  private makeSlot(number: number): Slot {
    const numbersAt = number * numbersSize;
    const ringsAt = slotCount * numbersSize + number * ringsSize;
    const requestsAt = ringsAt + headsSize;
    const errorsAt = requestsAt + requestRing.records * requestRing.size;
    return {
      counters: new Float64Array(this.memory, numbersAt, counterCount),
      calls: new Float64Array(this.memory, numbersAt + callsAt, (numbersSize - callsAt) / 8),
      heads: new Int32Array(this.memory, ringsAt, 2),
      requests: this.makeRing(requestsAt, requestRing),
      errors: this.makeRing(errorsAt, errorRing),
    };
  }

  private makeRing(at: number, { records, size }: { readonly records: number; readonly size: number }): Ring {
    const length = records * size;
    return { bytes: Buffer.from(this.memory, at, length), numbers: new Float64Array(this.memory, at, length / 8) };
  }
}

function mapped(fd: number): ArrayBuffer {
  const memory = mapShared(fd, boardSize);
  if (typeof memory === 'number') throw new SystemError('mmap()', -memory);
  return memory;
}
