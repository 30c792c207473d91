import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lru } from '../src/lru.js';

test('values are in the order of their last use', () => {
  const lru = new Lru<number>();
  const oldest = () => lru.oldest?.key;
  assert.equal(oldest(), undefined);
  for (const [at, key] of ['a', 'b', 'c', 'd'].entries()) lru.set(key, at);
  assert.deepEqual([...lru.values()], [0, 1, 2, 3]);
  assert.equal(lru.use('b'), 1);
  assert.equal(lru.use('d'), 3);
  assert.equal(lru.use('d'), 3);
  assert.equal(lru.peek('a'), 0);
  assert.deepEqual([...lru.values()], [0, 2, 1, 3]);
  lru.set('a', 10);
  assert.equal(oldest(), 'c');
  lru.delete('c');
  lru.delete('none');
  assert.deepEqual([...lru.values()], [1, 3, 10]);
  assert.equal(lru.use('c'), undefined);
  assert.equal(lru.peek('c'), undefined);
  assert.equal(lru.size, 3);
  lru.clear();
  assert.equal(lru.size, 0);
  assert.equal(oldest(), undefined);
  lru.set('e', 5);
  assert.deepEqual([...lru.values()], [5]);
});

test('makes room: what is over goes, and the oldest where there are too many', () => {
  const lru = new Lru<number>();
  const gone: number[] = [];
  const makeRoom = (most: number, least: number) =>
    lru.makeRoom(
      most,
      value => value < least,
      value => gone.push(value),
    );
  makeRoom(1, 10);
  for (const value of [1, 2, 3, 4, 5]) lru.set(`${value}`, value);
  makeRoom(10, 3);
  assert.deepEqual(gone, [1, 2]);
  makeRoom(3, 0);
  assert.deepEqual(gone, [1, 2, 3]);
  assert.deepEqual([...lru.values()], [4, 5]);
});

test('as many random steps as a Map takes, with the same end', () => {
  const lru = new Lru<number>();
  const map = new Map<string, number>();
  let seed = 7;
  const random = (most: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % most;
  };
  for (let step = 0; step < 20_000; step++) {
    const key = `${random(50)}`;
    const known = map.get(key);
    map.delete(key);
    if (random(3) === 0) {
      lru.delete(key);
    } else if (random(2) === 0) {
      lru.set(key, step);
      map.set(key, step);
    } else {
      assert.equal(lru.use(key), known);
      if (known !== undefined) map.set(key, known);
    }
    assert.equal(lru.oldest?.key, map.keys().next().value);
  }
  assert.deepEqual([...lru.values()], [...map.values()]);
  assert.equal(lru.size, map.size);
});
