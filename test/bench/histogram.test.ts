import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '../../src/bench/histogram.js';

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

test('values below 128 are known exactly', () => {
  for (const value of [0, 1, 5, 63, 64, 100, 127]) assert.equal(of([value]).quantile(0.5), value);
});

test('larger ones to 1.6 %', () => {
  for (let value = 128; value < 4e9; value = Math.floor(value * 1.37) + 1) {
    const found = of([value, value * 2]).quantile(0.5);
    assert.ok(Math.abs(found - value) / value < 0.016, `${value}: ${found}`);
  }
});

test('quantiles of many values, in any order', () => {
  const values = Array.from({ length: 1000 }, (_, at) => ((at * 7919) % 1000) + 1);
  const histogram = of(values);
  assert.equal(histogram.count, 1000);
  for (const [share, expected] of [
    [0.001, 1],
    [0.05, 50],
    [0.5, 500],
    [0.99, 990],
    [1, 1000],
  ] as const) {
    const found = histogram.quantile(share);
    assert.ok(Math.abs(found - expected) <= expected * 0.016, `${share}: ${found}`);
  }
});

test('no quantile is above the largest value', () => {
  assert.equal(of([1001]).quantile(0.99), 1001);
  assert.equal(of([1001]).max, 1001);
});

test('nothing recorded', () => {
  assert.equal(new Histogram().quantile(0.5), 0);
  assert.deepEqual(new Histogram().octaves(), []);
});

test('what is below zero counts as zero, and what is beyond an hour as the most', () => {
  assert.equal(of([-5]).quantile(1), 0);
  assert.ok(of([1e12]).quantile(1) > 3.6e9);
});

test('powers of two, with those between that are empty', () => {
  assert.deepEqual(of([0, 1, 2, 3, 17]).octaves(), [
    { from: 0, to: 2, count: 2 },
    { from: 2, to: 4, count: 2 },
    { from: 4, to: 8, count: 0 },
    { from: 8, to: 16, count: 0 },
    { from: 16, to: 32, count: 1 },
  ]);
});

test('through JSON and together with another one', () => {
  const [one, other] = [of([10, 20, 5000]), of([30, 99_999])];
  const merged = new Histogram().merge(JSON.parse(JSON.stringify(one))).merge(JSON.parse(JSON.stringify(other)));
  assert.deepEqual(merged.toJSON(), of([10, 20, 5000, 30, 99_999]).toJSON());
  assert.equal(merged.max, 99_999);
});
