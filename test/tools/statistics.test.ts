import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile, summarize } from '../../src/tools/statistics.js';

const quantiles: [samples: number[], share: number, expected: number][] = [
  [[7], 0.5, 7],
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[10, 9, 1, 2, 3], 0.25, 2],
  [[10, 9, 1, 2, 3], 0.75, 9],
  [[1, 2, 3, 4], 0.25, 1.75],
  [[1, 2, 3, 4], 0, 1],
  [[1, 2, 3, 4], 1, 4],
];

for (const [samples, share, expected] of quantiles) {
  test(`the ${share} quantile of ${samples} is ${expected}`, () => {
    assert.equal(quantile(samples, share), expected);
  });
}

test('numbers are sorted as numbers, and the samples stay in their order', () => {
  const samples = [100, 9, 20];
  assert.equal(quantile(samples, 0.5), 20);
  assert.deepEqual(samples, [100, 9, 20]);
});

test('no samples have no quantile', () => {
  assert.throws(() => quantile([], 0.5), RangeError);
  assert.throws(() => summarize([]), RangeError);
});

test('the spread is the interquartile range as a share of the median', () => {
  assert.deepEqual(summarize([90, 100, 110, 120, 80]), { median: 100, spread: 0.2, samples: [90, 100, 110, 120, 80] });
  assert.equal(summarize([5]).spread, 0);
  assert.equal(summarize([0, 0, 0]).spread, 0);
});
