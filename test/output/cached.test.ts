import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fadvise, fdatasync, POSIX_FADV_DONTNEED, pread } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { cachedPages, pageSize } from '../../native/page-cache.js';
import { cachedBytes } from '../../src/output/cached.js';
import { Source } from './support.js';

/** The kernel reads what is asked for, and nothing ahead. */
const POSIX_FADV_RANDOM = 1;
const pages = 700;
const size = pages * pageSize - 100;
/** As far as an answer may end before a gap (bytes). */
const step = 128 * 1024;
const block = new MemoryBlock(size);

describe('what of a file is in memory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
  let source: Source;
  before(() => {
    source = new Source(folder, size);
    fdatasync(source.fd);
    fadvise(source.fd, 0, 0, POSIX_FADV_RANDOM);
  });
  after(() => {
    source.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(t => {
    fadvise(source.fd, 0, 0, POSIX_FADV_DONTNEED);
    if ('skip' in t && cachedPages(source.fd, 0, size) !== 0) {
      t.skip('the file system keeps its pages, or the kernel cannot say which there are');
    }
  });

  const readIn = (page: number, count: number) => pread(source.fd, block.address, count * pageSize, page * pageSize);

  test('nothing', () => {
    for (const isWarm of [true, false]) {
      assert.equal(cachedBytes(source.fd, 0, size, isWarm), 0);
      // to ask for a byte that is not there begins to read it, and it may come at once: so one page alone is not asked about
      fadvise(source.fd, 0, 0, POSIX_FADV_DONTNEED);
    }
  });

  test('everything, from wherever to wherever', () => {
    readIn(0, pages);
    for (const [offset, length] of [
      [0, size],
      [1, size - 1],
      [4095, 2],
      [4096, 1],
      [size - 1, 1],
      [131_072, 131_072],
      [131_071, 600_000],
    ]) {
      for (const isWarm of [true, false]) assert.equal(cachedBytes(source.fd, offset, length, isWarm), length);
    }
  });

  test('up to a gap of one page, wherever it is', () => {
    for (const gap of [1, 2, 31, 32, 33, 350, pages - 1]) {
      fadvise(source.fd, 0, 0, POSIX_FADV_DONTNEED);
      readIn(0, gap);
      if (gap + 1 < pages) readIn(gap + 1, pages - gap - 1);
      for (const isWarm of [true, false]) {
        const found = cachedBytes(source.fd, 77, size - 77, isWarm);
        const gapAt = gap * pageSize - 77;
        assert.ok(found <= gapAt && found > gapAt - step, `gap ${gap}: ${found} of ${gapAt}`);
      }
    }
  });

  test('ranges of one and two pages', () => {
    for (const isWarm of [true, false]) {
      fadvise(source.fd, 0, 0, POSIX_FADV_DONTNEED);
      readIn(5, 1);
      readIn(7, 2);
      const of = (page: number, count: number) => cachedBytes(source.fd, page * pageSize, count * pageSize, isWarm);
      assert.deepEqual([of(5, 1), of(7, 2)], [pageSize, 2 * pageSize]);
    }
  });
});
