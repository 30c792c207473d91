import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  cellOf,
  milliseconds,
  noiseNotes,
  ratioOf,
  receiverCpu,
  samplesOf,
  typical,
} from '../../src/experiments/cells.js';
import { end, sample } from './samples.js';

const place = { row: 'zero copy', column: 'fixed offset' };
const rates = (...values: number[]) => values.map(gigabitsPerSecond => sample({ gigabitsPerSecond }));

test("a sample has the receiver's time, and both ends' costs for 10^9 bytes", () => {
  const sender = end({ role: 'send', seconds: 1.5, cpuSeconds: 1, calls: 80_000 });
  const receiver = end({ role: 'receive', seconds: 2, cpuSeconds: 0.5, calls: 20_000 });
  assert.deepEqual(samplesOf([{ sender, receiver }]), [
    {
      ...{ gigabitsPerSecond: 40, seconds: 2, senderCpuPerGB: 0.1, receiverCpuPerGB: 0.05 },
      callsPerGB: { sender: 8000, receiver: 2000 },
    },
  ]);
});

describe('a cell', () => {
  test('has the median, and the interquartile range over it', () => {
    const { label, median, spread, unit } = cellOf(place, rates(50, 40, 60));
    assert.equal(label, 'zero copy, fixed offset');
    assert.equal(median, 50);
    assert.equal(spread, 0.2);
    assert.equal(unit, 'Gbit/s');
  });

  test('has what is measured in its unit', () => {
    assert.equal(cellOf({ ...place, measure: milliseconds }, [sample({ seconds: 0.25 })]).median, 250);
    assert.equal(cellOf({ ...place, measure: receiverCpu }, [sample({ receiverCpuPerGB: 0.3 })]).median, 0.3);
    assert.equal(cellOf({ ...place, values: [7, 9, 8] }, rates(50)).median, 8);
  });

  test('has the paper and a peer only where there are such', () => {
    const alone = cellOf({ ...place, peer: { name: 'C loop', values: [] } }, rates(50));
    assert.ok(!('paper' in alone) && !('peer' in alone));
    const compared = cellOf(
      { ...place, paper: 73.7, peer: { name: 'C loop', values: [90, 100, 110] } },
      rates(50, 80, 90),
    );
    assert.equal(compared.paper, 73.7);
    assert.deepEqual(compared.peer, { name: 'C loop', median: 100, ratio: 0.8 });
  });

  test('needs a sample', () => {
    assert.throws(() => cellOf(place, []), RangeError);
  });
});

test('a ratio is of medians', () => {
  const [above, below] = [cellOf(place, rates(70, 80, 10)), cellOf(place, rates(20, 28, 90))];
  assert.deepEqual(ratioOf('a', above, below, 2.1), { label: 'a', ours: 2.5, paper: 2.1 });
  assert.deepEqual(ratioOf('a', above, below), { label: 'a', ours: 2.5 });
});

test('the typical run is the one with the median rate, the upper one of two', () => {
  const run = (seconds: number) => ({ sender: end({ role: 'send' }), receiver: end({ role: 'receive', seconds }) });
  assert.equal(typical([run(1), run(9), run(3)]).receiver.seconds, 3);
  assert.equal(typical([run(1), run(9)]).receiver.seconds, 1);
  assert.throws(() => typical([]), RangeError);
});

test('noise is said where the spread is wide, and that one run is but one', () => {
  assert.deepEqual(noiseNotes([cellOf(place, rates(50, 50, 51))]), []);
  const wide = cellOf(place, rates(20, 50, 90));
  const [note, ...others] = noiseNotes([wide, cellOf(place, rates(50, 50)), { ...wide, label: 'other' }]);
  assert.match(note, /: zero copy, fixed offset \(Gbit\/s\) 70 %; other \(Gbit\/s\) 70 %\. Run/);
  assert.deepEqual(others, []);
  assert.match(noiseNotes([cellOf(place, rates(20))])[0], /^One run/);
  const brief = [0.01, 0.02].map(seconds => sample({ seconds }));
  assert.match(noiseNotes([cellOf(place, brief)]).join(), /less than 50 ms, .* larger --size/);
  assert.deepEqual(noiseNotes([cellOf({ ...place, measure: milliseconds, values: [10, 10] }, brief)]), []);
});
