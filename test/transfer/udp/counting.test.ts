/** What is counted of datagrams: loss, order, duplicates and jitter, without a socket. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Jitter } from '../../../src/transfer/udp/jitter.js';
import { SequenceCount, windowSize } from '../../../src/transfer/udp/sequence-count.js';

interface Counts {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly outOfOrder: number;
  readonly duplicates: number;
}

function countsOf({ sent, received, lost, outOfOrder, duplicates }: SequenceCount): Counts {
  return { sent, received, lost, outOfOrder, duplicates };
}

const cases: readonly (readonly [what: string, come: readonly number[], told: number, expected: Counts])[] = [
  ['nothing', [], 0, { sent: 0, received: 0, lost: 0, outOfOrder: 0, duplicates: 0 }],
  ['all of them', [0, 1, 2], 3, { sent: 3, received: 3, lost: 0, outOfOrder: 0, duplicates: 0 }],
  ['a gap', [0, 3], 4, { sent: 4, received: 2, lost: 2, outOfOrder: 0, duplicates: 0 }],
  ['the first ones missing', [5, 6], 7, { sent: 7, received: 2, lost: 5, outOfOrder: 0, duplicates: 0 }],
  ['the last ones missing', [0, 1], 5, { sent: 5, received: 2, lost: 3, outOfOrder: 0, duplicates: 0 }],
  ['none at all of those sent', [], 5, { sent: 5, received: 0, lost: 5, outOfOrder: 0, duplicates: 0 }],
  ['neighbours swapped', [1, 0, 3, 2], 4, { sent: 4, received: 4, lost: 0, outOfOrder: 2, duplicates: 0 }],
  ['one twice', [0, 1, 1, 2], 3, { sent: 3, received: 3, lost: 0, outOfOrder: 0, duplicates: 1 }],
  ['a late one twice', [0, 2, 1, 1], 3, { sent: 3, received: 3, lost: 0, outOfOrder: 1, duplicates: 1 }],
  [
    'late by 40',
    [...Array.from({ length: 41 }, (_, at) => at + 1), 0],
    42,
    { sent: 42, received: 42, lost: 0, outOfOrder: 1, duplicates: 0 },
  ],
];

describe('datagrams are counted:', () => {
  for (const [what, come, told, expected] of cases) {
    test(what, () => {
      const count = new SequenceCount();
      const seen = new Set<number>();
      for (const sequence of come) {
        assert.equal(count.add(sequence), !seen.has(sequence));
        seen.add(sequence);
      }
      count.tell(told);
      assert.deepEqual(countsOf(count), expected);
    });
  }

  test('percents of what was sent', () => {
    const count = new SequenceCount();
    assert.equal(count.lossPercent, 0);
    for (let sequence = 0; sequence < 200; sequence += 4) count.add(sequence);
    count.tell(200);
    assert.equal(count.lossPercent, 75);
  });

  test('each kind, over a window that has moved on several times', () => {
    const count = new SequenceCount();
    const total = 3 * windowSize + 12_345;
    // every 100th is lost, every 70th comes 1000 later, every 30th comes twice
    let lost = 0;
    let late = 0;
    let twice = 0;
    for (let at = 0; at < total + 1000; at++) {
      const before = at - 1000;
      if (before >= 0 && before % 70 === 0 && before % 100 !== 0) {
        count.add(before);
        late += 1;
      }
      if (at >= total) continue;
      if (at % 100 === 0) lost += 1;
      else if (at % 70 !== 0) {
        count.add(at);
        if (at % 30 === 0) twice += 1;
        if (at % 30 === 0) count.add(at);
      }
    }
    count.tell(total);
    assert.deepEqual(countsOf(count), {
      sent: total,
      received: total - lost,
      lost,
      outOfOrder: late,
      duplicates: twice,
    });
  });

  test('one that is older than the window stays lost', () => {
    for (const highest of [windowSize, windowSize + 31, windowSize + 32, 5 * windowSize + 7]) {
      const count = new SequenceCount();
      count.add(highest);
      assert.equal(count.add(highest - windowSize), false, 'forgotten');
      assert.equal(count.add(highest - windowSize + 32), true, 'within');
      assert.deepEqual(countsOf(count), {
        sent: highest + 1,
        received: 2,
        lost: highest - 1,
        outOfOrder: 1,
        duplicates: 1,
      });
    }
  });

  test('a leap beyond the window leaves nothing of the old numbers', () => {
    const count = new SequenceCount();
    for (let sequence = 0; sequence < 100; sequence++) count.add(sequence);
    const leap = 7 * windowSize;
    count.add(leap + 99);
    for (let sequence = leap; sequence < leap + 99; sequence++) assert.equal(count.add(sequence), true);
    assert.deepEqual([count.received, count.outOfOrder, count.duplicates], [200, 99, 0]);
  });

  test('numbers as large as a double holds them', () => {
    const count = new SequenceCount();
    const last = Number.MAX_SAFE_INTEGER - 1;
    assert.equal(count.add(last - 1), true);
    assert.equal(count.add(last), true);
    assert.equal(count.add(last - 1), false);
    assert.equal(count.lost, last - 1);
  });
});

describe('jitter', () => {
  /** By the formula of RFC 3550, section 6.4.1, written out: J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16. */
  function reference(times: readonly (readonly [sent: number, arrived: number])[]): number {
    let jitter = 0;
    for (let i = 1; i < times.length; i++) {
      const difference = times[i][1] - times[i - 1][1] - (times[i][0] - times[i - 1][0]);
      jitter += (Math.abs(difference) - jitter) / 16;
    }
    return jitter;
  }

  const scenes: Record<string, readonly (readonly [number, number])[]> = {
    'none of one datagram': [[0, 1000]],
    'none where all travel alike': Array.from({ length: 50 }, (_, at) => [at * 100, 7_000_000 + at * 100] as const),
    'a single late one': [
      [0, 0],
      [100, 100],
      [200, 360],
      [300, 300],
    ],
    'out of order': [
      [0, 50],
      [200, 250],
      [100, 260],
      [300, 350],
    ],
    'another clock, which changes nothing': [
      [5e15, 10],
      [5e15 + 100, 130],
      [5e15 + 200, 190],
    ],
    'a long one': Array.from({ length: 1000 }, (_, at) => [at * 100, at * 100 + ((at * 7919) % 83)] as const),
  };
  for (const [what, times] of Object.entries(scenes)) {
    test(what, () => {
      const jitter = new Jitter();
      for (const [sent, arrived] of times) jitter.add(sent, arrived);
      assert.ok(Math.abs(jitter.value - reference(times)) < 1e-9, `${jitter.value} and ${reference(times)}`);
    });
  }

  test('comes near to the constant difference of travelling times', () => {
    const jitter = new Jitter();
    for (let at = 0; at < 500; at++) jitter.add(at * 100, at * 100 + (at % 2) * 40);
    assert.ok(Math.abs(jitter.value - 40) < 0.01, `${jitter.value}`);
  });
});
