/**
 * What limits count, by key, in memory that all workers share. A key has one of the sixteen places of two groups; where all are
 * taken, whoever looks for one says which may go. A lock of one word guards it all: what is done under it takes less than a
 * microsecond, and a lock whose owner has died is taken over.
 */
import { createHash, randomInt } from 'node:crypto';

const entrySize = 64;
const entryWords = entrySize / 4;
const groupEntries = 8;
/** A page of its own: all that is behind it can be forgotten at once. */
export const headSize = 4096;
/** In an entry: the length of its key (0: free; longKey: it is a digest), a count, two numbers, the key. */
const countAt = 1;
const numberAt = 1;
const keyAt = 24;
const longestKey = entrySize - keyAt;
const longKey = 255;
/** In the head: who has the lock, and what hashes begin with. */
const lockAt = 0;
const seedAt = 1;
const lastSeed = 0x7fff_ffff;

/** Looks at the lock, before its owner is looked at: about a tenth of a millisecond. Then it gets the processor for one. */
const patience = 4000;
const breath = 1;
const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
/** A lock that its owner does not give up (ms): it was stopped within, or another process has its number by now. */
const longestWait = 1000;

/** A place: the index of its entry, or -1. */
export type Place = number;

export class LimitTable {
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  private readonly groups: number;
  /** The bytes of the key that was looked for. */
  private readonly key = Buffer.from(new ArrayBuffer(longestKey));
  private readonly keyWords = new Int32Array(this.key.buffer);
  private keyMark = 0;
  private first = 0;
  private second = 0;

  /** @param memory zeroed when it is new */
  constructor(memory: ArrayBuffer) {
    this.words = new Int32Array(memory, 0, Math.floor(memory.byteLength / 8) * 2);
    this.numbers = new Float64Array(memory, 0, Math.floor(memory.byteLength / 8));
    this.groups = Math.floor((memory.byteLength - headSize) / (groupEntries * entrySize));
    Atomics.compareExchange(this.words, seedAt, 0, randomInt(1, lastSeed));
  }

  /** Has something done while nobody else is at it. */
  locked<T>(task: () => T): T {
    this.lock();
    try {
      return task();
    } finally {
      Atomics.compareExchange(this.words, lockAt, process.pid, 0);
    }
  }

  /** The place of a key; -1 where it has none. Under the lock. */
  find(key: string): Place {
    this.look(key);
    const place = this.findIn(this.first);
    return place >= 0 ? place : this.findIn(this.second);
  }

  private findIn(group: Place): Place {
    for (let entry = group; entry < group + groupEntries; entry++) if (this.isAt(entry)) return entry;
    return -1;
  }

  /**
   * Takes a place for the key that `find` has just not found. What was there is gone, and all is 0.
   * @param rank of a place that is taken: the one with the lowest goes; none whose rank is Infinity
   * @returns -1 where no place can be had
   */
  take(rank: (place: Place) => number): Place {
    const free = this.freePlace();
    const place = free >= 0 ? free : this.lowest(rank);
    if (place >= 0) this.fill(place);
    return place;
  }

  /** One in the emptier of the two groups: that keeps all of them about equally full. */
  private freePlace(): Place {
    return this.freeIn(this.first) >= this.freeIn(this.second) ? this.freeOf(this.first) : this.freeOf(this.second);
  }

  private freeIn(group: Place): number {
    let free = 0;
    for (let entry = group; entry < group + groupEntries; entry++) {
      if (this.words[this.wordOf(entry)] === 0) free += 1;
    }
    return free;
  }

  private freeOf(group: Place): Place {
    for (let entry = group; entry < group + groupEntries; entry++) {
      if (this.words[this.wordOf(entry)] === 0) return entry;
    }
    return -1;
  }

  private lowest(rank: (place: Place) => number): Place {
    let best = -1;
    let lowest = Number.POSITIVE_INFINITY;
    for (const group of [this.first, this.second]) {
      for (let entry = group; entry < group + groupEntries; entry++) {
        const own = rank(entry);
        if (own >= lowest) continue;
        best = entry;
        lowest = own;
      }
    }
    return best;
  }

  /** Gives up a place. */
  free(place: Place): void {
    this.words[this.wordOf(place)] = 0;
  }

  count(place: Place): number {
    return this.words[this.wordOf(place) + countAt]!;
  }
  setCount(place: Place, count: number): void {
    this.words[this.wordOf(place) + countAt] = count;
  }

  /** @param which of the two numbers of a place: 0 or 1 */
  number(place: Place, which: number): number {
    return this.numbers[this.wordOf(place) / 2 + numberAt + which]!;
  }
  setNumber(place: Place, which: number, value: number): void {
    this.numbers[this.wordOf(place) / 2 + numberAt + which] = value;
  }

  private wordOf(place: Place): number {
    return headSize / 4 + place * entryWords;
  }

  private look(key: string): void {
    if (key.length > longestKey) {
      this.keyMark = longKey;
      this.key.fill(0);
      createHash('sha256').update(key, 'latin1').digest().copy(this.key);
    } else {
      this.keyMark = key.length + 1;
      this.key.latin1Write(key, 0, key.length);
      this.key.fill(0, key.length);
    }
    this.hash();
  }

  /** Finds the two groups: a multiplicative hash of the key's words, with a beginning that nobody outside knows. */
  private hash(): void {
    let one = Atomics.load(this.words, seedAt);
    let other = ~one;
    for (let i = 0; i < this.keyWords.length; i++) {
      const word = this.keyWords[i]!;
      one = Math.imul(one ^ word, 0x9e3779b1);
      one ^= one >>> 15;
      other = Math.imul(other + word, 0x85ebca6b);
      other ^= other >>> 13;
    }
    this.first = ((one >>> 0) % this.groups) * groupEntries;
    this.second = ((other >>> 0) % this.groups) * groupEntries;
  }

  private isAt(entry: Place): boolean {
    const word = this.wordOf(entry);
    if (this.words[word] !== this.keyMark) return false;
    for (let i = 0; i < this.keyWords.length; i++) {
      if (this.words[word + keyAt / 4 + i] !== this.keyWords[i]) return false;
    }
    return true;
  }

  private fill(entry: Place): void {
    const word = this.wordOf(entry);
    this.words.fill(0, word, word + entryWords);
    this.words.set(this.keyWords, word + keyAt / 4);
    this.words[word] = this.keyMark;
  }

  private lock(): void {
    const { words } = this;
    const { pid } = process;
    let begun = 0;
    for (let tries = 1; ; tries++) {
      const owner = Atomics.compareExchange(words, lockAt, 0, pid);
      if (owner === 0 || owner === pid) return;
      if (tries % patience !== 0) continue;
      if (begun === 0) begun = performance.now();
      const isOver = !isAlive(owner) || performance.now() - begun > longestWait;
      if (isOver && Atomics.compareExchange(words, lockAt, owner, pid) === owner) return;
      Atomics.wait(nobodyWakes, 0, 0, breath);
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
