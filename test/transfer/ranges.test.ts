import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Range, RangeSet } from '../../src/transfer/ranges.js';

/** A generator of numbers from 0 up to 1 (mulberry32), so that a failure comes again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const size = 120;

/** The model: one flag a byte. */
function stretches(flags: readonly boolean[], wanted: boolean, upTo = flags.length): Range[] {
  const found: Range[] = [];
  for (let at = 0; at < upTo; at++) {
    if (flags[at] !== wanted) continue;
    const start = at;
    while (at < upTo && flags[at] === wanted) at++;
    found.push({ start, end: at });
  }
  return found;
}

function compare(set: RangeSet, flags: readonly boolean[], say: string): void {
  const expected = stretches(flags, true);
  assert.deepEqual(set.toArray(), expected, say);
  assert.equal(set.bytes, flags.filter(Boolean).length, say);
  assert.equal(set.prefix, expected[0]?.start === 0 ? expected[0].end : 0, say);
  assert.equal(set.end, expected.at(-1)?.end ?? 0, say);
}

test('any operations in any order give what a flag for each byte gives', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const below = (limit: number) => Math.floor(next() * limit);
    const set = new RangeSet();
    const flags: boolean[] = Array.from({ length: size }, () => false);
    let at = 0;
    for (let step = 0; step < 150; step++) {
      // one in two goes on where the last one ended, as a stream does
      const start = next() < 0.5 ? at : below(size);
      const end = Math.min(size, start + below(12));
      const removes = next() < 0.25;
      if (removes) set.remove(start, end);
      else set.add(start, end);
      flags.fill(!removes, start, end);
      at = end;
      const say = `seed ${seed}, step ${step}: ${removes ? 'remove' : 'add'} ${start} to ${end}`;
      compare(set, flags, say);
      const [low, high] = [below(size), below(size + 1)];
      assert.equal(set.has(low, high), flags.slice(low, high).every(Boolean), `${say}, has ${low} to ${high}`);
      const limit = below(size + 20);
      const padded = [...flags, ...Array.from({ length: 20 }, () => false)];
      assert.deepEqual(set.missing(limit), stretches(padded, false, limit), `${say}, missing of ${limit}`);
    }
    compare(new RangeSet(set.toArray().reverse()), flags, `seed ${seed}, made anew from the last to the first`);
  }
});

describe('places beyond 4 GiB', () => {
  const [start, end] = [100 * 2 ** 30, 100 * 2 ** 30 + 5];
  test('are kept to the byte', () => {
    const set = new RangeSet([{ start, end }]);
    assert.deepEqual(set.missing(end + 1), [
      { start: 0, end: start },
      { start: end, end: end + 1 },
    ]);
    set.add(0, start);
    assert.deepEqual(set.toArray(), [{ start: 0, end }]);
    assert.equal(set.prefix, end);
  });
});

test('what is no part of a file is a mistake', () => {
  const set = new RangeSet();
  for (const [start, end] of [
    [-1, 5],
    [5, 4],
    [0.5, 2],
    [0, Number.NaN],
    [0, 2 ** 53],
  ]) {
    assert.throws(() => set.add(start, end), RangeError);
    assert.throws(() => set.remove(start, end), RangeError);
  }
  assert.equal(set.bytes, 0);
});

test('an array that is handed out is a copy', () => {
  const set = new RangeSet([{ start: 0, end: 4 }]);
  set.toArray().length = 0;
  assert.equal(set.bytes, 4);
  assert.deepEqual(set.toArray(), [{ start: 0, end: 4 }]);
});
