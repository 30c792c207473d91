import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  intervalFor,
  intervalLines,
  longer,
  paperLines,
  paperRates,
  rateOverTime,
  together,
} from '../../src/experiments/intervals.js';
import { combined } from '../../src/experiments/network.js';
import { table3 } from '../../src/experiments/paper.js';
import { end } from './samples.js';

/** One interval after the other, of the same length. */
function steps(length: number, ...bytes: number[]) {
  return bytes.map((each, index) => ({ start: index * length, end: (index + 1) * length, bytes: each }));
}

test("the paper's lines come out as it prints them", () => {
  assert.deepEqual(paperLines(table3.zeroCopy), [
    'Interval (sec)  Transfer (GBytes)  Bandwidth (Gbps)',
    '0.00-1.00                    5.97              51.3',
    '1.00-1.66                    4.01              51.9',
  ]);
  assert.deepEqual(paperRates(table3.copy).at(-1), [3.24, 24.8]);
});

test('our own lines are of seconds, or finer where it took but one', () => {
  const [head, ...lines] = intervalLines(steps(0.1, ...Array.from({ length: 25 }, () => 2 ** 30)));
  assert.equal(head, paperLines([])[0]);
  assert.deepEqual(lines, [
    '0.00-1.00                   10.00              85.9',
    '1.00-2.00                   10.00              85.9',
    '2.00-2.50                    5.00              85.9',
  ]);
  assert.equal(intervalLines(steps(0.1, 1, 2, 3)).length, 4);
  assert.equal(intervalLines(steps(0.001, 1, 2, 3)).length, 4);
});

test('a rate stands at the middle of its interval; an empty one has none', () => {
  assert.deepEqual(rateOverTime([...steps(2, 1e9, 2e9), { start: 4, end: 4, bytes: 0 }]), [
    [1, 4],
    [3, 8],
  ]);
});

describe('intervals are joined to seconds', () => {
  test('that end near the whole ones, though each step is a little late', () => {
    const late = Array.from({ length: 25 }, (_, index) => ({
      start: index * 0.1002,
      end: (index + 1) * 0.1002,
      bytes: 10,
    }));
    const joined = longer(late, 1);
    assert.deepEqual(
      joined.map(each => each.bytes),
      [100, 100, 50],
    );
    assert.deepEqual(
      joined.map(each => each.end.toFixed(2)),
      ['1.00', '2.00', '2.50'],
    );
  });

  test('and lose nothing', () => {
    const many = steps(0.3, 1, 2, 3, 4, 5, 6, 7);
    const joined = longer(many, 1);
    assert.equal(
      joined.reduce((sum, { bytes }) => sum + bytes, 0),
      28,
    );
    assert.ok(joined.every(({ start }, index) => index === 0 || start === joined[index - 1].end));
    assert.deepEqual(longer([], 1), []);
  });
});

test('an interval is short for a short transfer, and never more than a second', () => {
  const lengths = [1e6, 2 ** 30, 10 * 2 ** 30, 40 * 2 ** 30, 1e12].map(intervalFor);
  assert.deepEqual(
    lengths,
    [...lengths].sort((a, b) => a - b),
  );
  assert.equal(lengths.at(-1), 1);
});

describe('transfers side by side', () => {
  test('count for the time that they have in common', () => {
    // the first one has a fast second by itself, which does not count
    const first = { begun: 100, intervals: steps(1, 9e9, 1e9, 1e9) };
    const second = { begun: 101, intervals: steps(1, 2e9, 2e9, 7e9) };
    assert.deepEqual(together([first, second]), { rate: 24, share: 2 / 3 });
  });

  test('count in parts of intervals', () => {
    const first = { begun: 0, intervals: steps(2, 4e9) };
    const second = { begun: 1, intervals: steps(2, 8e9) };
    assert.deepEqual(together([first, second]), { rate: 48, share: 0.5 });
  });

  test('count for all the time where they did not meet', () => {
    const first = { begun: 0, intervals: steps(1, 4e9) };
    assert.deepEqual(together([first, { begun: 3, intervals: steps(1, 4e9) }]), { rate: 16, share: 0 });
  });

  test('cost what they cost together', () => {
    const transfer = (endedAt: number, cpuSeconds: number) => ({
      sender: end({ role: 'send', cpuSeconds }),
      receiver: end({ role: 'receive', intervals: steps(1, 5e9, 5e9) }),
      endedAt,
    });
    const { sample, share } = combined([transfer(2000, 1), transfer(2000, 3)]);
    assert.equal(sample.gigabitsPerSecond, 80);
    assert.equal(share, 1);
    assert.equal(sample.senderCpuPerGB, 0.2);
  });
});
