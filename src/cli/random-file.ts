import { createHash } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const CHUNK = 4 * 1024 * 1024;

/** xoshiro128** of Blackman and Vigna: bytes that no compression makes smaller, the same ones on every machine. */
class RandomWords {
  private a: number;
  private b = 0x9e3779b9;
  private c = 0x243f6a88;
  private d = 0xb7e15162;

  constructor(seed: number) {
    this.a = seed;
  }

  fill(words: Uint32Array): void {
    let { a, b, c, d } = this;
    for (let index = 0; index < words.length; index++) {
      const scrambled = Math.imul(b, 5);
      words[index] = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    Object.assign(this, { a, b, c, d });
  }
}

/**
 * Writes a file of random-looking content that is the same for every call of that size. It appears under its name when it
 * is complete.
 * @param size bytes
 * @returns the SHA-256 of the content, in hexadecimal
 */
export function writeRandomFile(path: string, size: number): string {
  const unfinished = `${path}.${process.pid}`;
  const random = new RandomWords(1);
  const words = new Uint32Array(CHUNK / 4);
  const bytes = Buffer.from(words.buffer);
  const hash = createHash('sha256');
  const fd = openSync(unfinished, 'w');
  try {
    for (let at = 0; at < size; at += CHUNK) {
      random.fill(words);
      const part = bytes.subarray(0, Math.min(CHUNK, size - at));
      hash.update(part);
      for (let done = 0; done < part.length; ) done += writeSync(fd, part, done);
    }
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}
