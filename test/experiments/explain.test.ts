/** The reasons follow from the figures: other figures, other reasons. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cellOf, ratioOf } from '../../src/experiments/cells.js';
import {
  bottleneckOf,
  describeCaches,
  describeLoad,
  describeOffset,
  explainRatio,
  loadOf,
  receiverNotes,
} from '../../src/experiments/explain.js';
import { sample } from './samples.js';

/** A cell whose ends compute for so many seconds in each second. */
function cell(gigabitsPerSecond: number, sender: number, receiver: number) {
  const perGB = (share: number) => share / (gigabitsPerSecond / 8);
  const one = sample({ gigabitsPerSecond, senderCpuPerGB: perGB(sender), receiverCpuPerGB: perGB(receiver) });
  return cellOf({ row: 'way', column: 'moving offset' }, [one]);
}

test('a load is CPU in each second', () => {
  const { sender, receiver, senderPerGB } = loadOf(cell(80, 0.95, 0.4).samples);
  assert.equal(sender.toFixed(3), '0.950');
  assert.equal(receiver.toFixed(3), '0.400');
  assert.equal(senderPerGB.toFixed(3), '0.095');
});

test('who is the bottleneck', () => {
  const cases: [sender: number, receiver: number, cores: number, expected: string][] = [
    [0.97, 0.5, 2, 'sender'],
    [0.5, 0.97, 2, 'receiver'],
    [0.95, 0.95, 4, 'both'],
    [0.5, 0.45, 1, 'processors'],
    [0.3, 0.2, 2, 'neither'],
    [0.55, 0.43, 2, 'turns'],
    [0.15, 0.85, 2, 'neither'],
  ];
  for (const [sender, receiver, cores, expected] of cases) {
    assert.equal(bottleneckOf({ sender, receiver, senderPerGB: 0, receiverPerGB: 0 }, cores), expected);
    const text = describeLoad('way', cell(40, sender, receiver).samples, cores);
    assert.match(
      text,
      expected === 'processors'
        ? /use up the one core/
        : new RegExp(expected === 'both' ? 'both ends are saturated' : expected),
    );
  }
});

describe('a ratio', () => {
  const explain = (zero: ReturnType<typeof cell>, copy: ReturnType<typeof cell>, paper: number) =>
    explainRatio(ratioOf('zero copy / read+write', zero, copy, paper), zero, copy, 2);

  test("follows the sender's cost where the sender is the bottleneck both ways", () => {
    const text = explain(cell(75, 0.99, 0.5), cell(25, 0.99, 0.3), 2.1);
    assert.match(
      text,
      /^zero copy \/ read\+write: 3\.00, more than the paper has \(2\.10\)\. The sender is the bottleneck both ways/,
    );
    assert.match(text, /3\.00 times as much/);
  });

  test('is held down by a receiver that is saturated, and the text says so', () => {
    const text = explain(cell(40, 0.6, 0.99), cell(25, 0.99, 0.6), 2.1);
    assert.match(text, /1\.60, less than the paper has \(2\.10\)/);
    assert.match(text, /with zero copy the sender waits for the receiver, which is saturated\./);
    assert.doesNotMatch(text, /with read\+write (the|both|neither)/);
  });

  test('of transfers that wait for something else', () => {
    const text = explain(cell(10, 0.2, 0.3), cell(10, 0.3, 0.3), 1);
    assert.match(text, /1\.00, as in the paper \(1\.00\)/);
    assert.match(text, /with zero copy neither end is saturated; with read\+write neither end is saturated/);
  });
});

test("the receiver's copy costs more after sendfile, or not, and only then it is told of", () => {
  const samples = (receiverCpuPerGB: number) => [sample({ receiverCpuPerGB })];
  assert.deepEqual(receiverNotes(samples(0.31), samples(0.3)), []);
  assert.match(
    receiverNotes(samples(0.5), samples(0.4))[0],
    /0\.500 s of CPU if it was sent with zero copy, and 0\.400 s .* the file's own/,
  );
  assert.match(
    receiverNotes(samples(0.3), samples(0.4))[0],
    /^A GB costs the receiver 0\.300 s .* 0\.400 s if with read\+write\.$/,
  );
});

test('what a fixed offset does', () => {
  const effect = (fixed: number, moving: number) =>
    describeOffset({ way: 'read+write', fixed: cell(fixed, 0.99, 0.3), moving: cell(moving, 0.99, 0.3), paper: 1.18 });
  assert.match(effect(45, 30), /a fixed offset is 1\.50 times a moving one \(the paper's: 1\.18\)/);
  assert.match(effect(31, 30), /as fast at a fixed offset as at a moving one \(1\.03;/);
});

test('the caches are the reason only where copying within them is faster', () => {
  const caches = [
    { level: 1, bytes: 48 * 1024 },
    { level: 2, bytes: 2 ** 21 },
  ];
  const text = describeCaches({ fixed: 40e9, moving: 10e9 }, 128 * 1024, caches);
  assert.match(text, /copies 40\.0 GB\/s of the same 128 KB .* the level 2 cache, and 10\.0 GB\/s/);
  assert.match(text, /costs 0\.0750 s less/);
  assert.match(describeCaches({ fixed: 10.5e9, moving: 10e9 }, 128 * 1024, caches), /make no difference/);
  assert.match(describeCaches({ fixed: 40e9, moving: 10e9 }, 2 ** 22, caches), /no cache that the kernel names/);
});
