import { addressOf } from './memory.js';

/** A `struct iovec` is an address and a length, 8 bytes each (readv(2)). */
const wordsPerEntry = 4;

/** Linux takes at most UIO_MAXIOV entries in one call. */
export const maxEntries = 1024;

/** The array of buffers that writev gathers from. One is filled, written and cleared again; it is not kept across events. */
export class IoVec {
  private readonly words: Uint32Array;
  readonly address: number;
  count = 0;
  /** Bytes in all entries. */
  total = 0;

  constructor(readonly capacity: number) {
    this.words = new Uint32Array(new ArrayBuffer(capacity * wordsPerEntry * 4));
    this.address = addressOf(new Uint8Array(this.words.buffer));
  }

  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  /** @param length bytes, less than 2^32 */
  push(address: number, length: number): void {
    const at = this.count * wordsPerEntry;
    this.words[at] = address >>> 0;
    this.words[at + 1] = (address / 0x1_0000_0000) >>> 0;
    this.words[at + 2] = length;
    this.words[at + 3] = 0;
    this.count += 1;
    this.total += length;
  }
}
