import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CertificateCache } from '../../src/tls/certificate-cache.js';

/** Something that was loaded, and tells when it is let go of. */
class Item {
  isFree = false;

  constructor(readonly source: string) {}

  free(): void {
    assert.equal(this.isFree, false, 'it is freed but once');
    this.isFree = true;
  }
}

describe('the cache of certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-cache-'));
  after(() => rmSync(folder, { recursive: true }));

  let now = 0;
  const load = (source: string) => new Item(source);
  const cacheOf = (max: number) => new CertificateCache({ max, inactive: 10_000, valid: 60_000 }, () => now);
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test('gives what it has; a certificate and its key in one file are two', () => {
    const cache = cacheOf(10);
    const path = write('one', 'one');
    const first = cache.fetch('certificate', path, load);
    assert.equal(cache.fetch('certificate', path, load), first);
    assert.notEqual(cache.fetch('key', path, load), first);
    assert.equal(cache.size, 2);
    cache.free();
    assert.equal(first.isFree, true);
    assert.equal(cache.size, 0);
  });

  test('the one that was not used for the longest time makes room', () => {
    const cache = cacheOf(2);
    const [a, b] = ['a', 'b'].map(name => cache.fetch('key', write(name, name), load));
    assert.equal(cache.fetch('key', a.source, load), a);
    const c = cache.fetch('key', write('c', 'c'), load);
    assert.deepEqual([a.isFree, b.isFree, c.isFree], [false, true, false]);
    assert.equal(cache.size, 2);
    for (let i = 0; i < 100; i++) cache.fetch('key', `data:${i}`, load);
    assert.equal(cache.size, 2);
    cache.free();
  });

  test('what is not used for a while goes when another comes', () => {
    const cache = cacheOf(10);
    const a = cache.fetch('key', write('a', 'a'), load);
    now += 9999;
    cache.fetch('key', write('b', 'b'), load);
    assert.equal(a.isFree, false);
    now += 1;
    cache.fetch('key', write('c', 'c'), load);
    assert.equal(a.isFree, true);
    assert.equal(cache.size, 2);
    cache.free();
  });

  test('a file that was replaced is seen when its time is over, one that was not is kept', () => {
    const cache = cacheOf(10);
    const path = write('old', 'old');
    const first = cache.fetch('key', path, load);
    now += 60_001;
    assert.equal(cache.fetch('key', path, load), first);
    renameSync(write('new', 'new'), path);
    now += 60_000;
    assert.equal(cache.fetch('key', path, load), first);
    now += 1;
    const second = cache.fetch('key', path, load);
    assert.notEqual(second, first);
    assert.equal(first.isFree, true);
    rmSync(path);
    now += 60_001;
    assert.notEqual(cache.fetch('key', path, load), second);
    cache.free();
  });

  test('text is kept whatever the time', () => {
    const cache = cacheOf(10);
    const first = cache.fetch('key', 'data:text', load);
    now += 100_000;
    assert.equal(cache.fetch('key', 'data:text', load), first);
    assert.notEqual(cache.fetch('key', 'data:other', load), first);
    cache.free();
  });

  test('what cannot be loaded leaves nothing, and what was there before is gone', () => {
    const cache = cacheOf(10);
    const fail = () => {
      throw new Error('broken');
    };
    assert.throws(() => cache.fetch('key', join(folder, 'none'), fail), /broken/);
    assert.equal(cache.size, 0);
    const path = write('good', 'good');
    const good = cache.fetch('key', path, load);
    write('good', 'not any more');
    now += 60_001;
    assert.throws(() => cache.fetch('key', path, fail), /broken/);
    assert.deepEqual([good.isFree, cache.size], [true, 0]);
    assert.notEqual(cache.fetch('key', path, load), good);
    cache.free();
  });
});
