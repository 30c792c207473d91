import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Pacer } from '../../src/transfer/pacer.js';
import { seeded } from '../http/parse-helpers.js';

/** A clock that the test turns on. */
class Clock {
  now = 1_000_000.25;
  readonly read = () => this.now;
}

const block = 131_072;
const rates = [10, 1000, 56_000, 1e6, 1.25e8, 1e9, 1.25e10];

/** Sends as a stream does: what may go by blocks, then a wait. @param late ms that a wait takes longer than asked for */
function send(pacer: Pacer, clock: Clock, milliseconds: number, late: () => number): { bytes: number; waits: number } {
  const end = clock.now + milliseconds;
  let bytes = 0;
  let waits = 0;
  while (clock.now < end) {
    const allowed = Math.min(block, pacer.allowance());
    if (allowed >= 1) {
      pacer.spend(allowed);
      bytes += allowed;
    } else {
      // the loop waits whole milliseconds
      clock.now += Math.max(1, Math.ceil(pacer.delay())) + late();
      waits += 1;
    }
  }
  return { bytes, waits };
}

describe('a pacer', () => {
  for (const rate of rates) {
    test(`keeps ${rate} bytes a second over a minute, whenever it is asked`, () => {
      const random = seeded(61);
      for (const late of [() => 0, () => random() * 5, () => (random() < 0.05 ? 40 : 0)]) {
        const clock = new Clock();
        const begun = clock.now;
        const pacer = new Pacer(rate, clock.read);
        const { bytes, waits } = send(pacer, clock, 60_000, late);
        const due = (rate * (clock.now - begun)) / 1000;
        assert.ok(bytes <= due, `${bytes} of ${due}`);
        // all but what came due in the last wait, of up to 51 ms (or of a byte, where the rate is low)
        assert.ok(bytes >= due - rate * 0.055 - 1, `${bytes} of ${due}`);
        // it does not wait for every byte: for 10 ms of the rate, or a block
        const step = Math.max(1, Math.min(10, (block / rate) * 1000));
        assert.ok(waits <= 60_000 / step + 1, `${waits} waits`);
      }
    });
  }

  test('is steady: every tenth of a second has its share', () => {
    for (const rate of [1e6, 1.25e8, 1.25e10]) {
      const clock = new Clock();
      const pacer = new Pacer(rate, clock.read);
      send(pacer, clock, 100, () => 0);
      for (let part = 0; part < 50; part++) {
        const begun = clock.now;
        const { bytes } = send(pacer, clock, 100, () => 0);
        const due = (rate * (clock.now - begun)) / 1000;
        assert.ok(Math.abs(bytes - due) <= rate * 0.012 + 1, `${bytes} of ${due}`);
      }
    }
  });

  test('lets no more go at once after a rest than fits in its bucket', () => {
    for (const [rate, bucket] of [
      [1000, block],
      [1e9, 5e7],
    ]) {
      const clock = new Clock();
      const pacer = new Pacer(rate, clock.read);
      assert.equal(pacer.allowance(), 0);
      clock.now += 3_600_000;
      assert.equal(pacer.allowance(), bucket);
    }
  });

  test('makes up for what went beyond what might', () => {
    const clock = new Clock();
    const pacer = new Pacer(1_000_000, clock.read);
    clock.now += 10;
    assert.equal(pacer.allowance(), 10_000);
    pacer.spend(15_000);
    assert.equal(pacer.allowance(), 0);
    // 5 ms for what is owed, 10 ms for the next step
    assert.equal(pacer.delay(), 15);
    clock.now += 5;
    assert.equal(pacer.allowance(), 0);
    clock.now += 10;
    assert.deepEqual([pacer.allowance(), pacer.delay()], [10_000, 0]);
  });

  test('says how long a datagram has to wait', () => {
    const clock = new Clock();
    const pacer = new Pacer(100_000, clock.read, 1470);
    assert.equal(pacer.delay(1470), 14.7);
    clock.now += 14.7;
    assert.ok(pacer.delay(1470) < 1e-6);
    clock.now += 1;
    assert.ok(pacer.allowance() >= 1470);
    pacer.spend(1470);
    assert.ok(pacer.delay(1470) > 13);
  });

  test('has no limit where the rate is 0', () => {
    const clock = new Clock();
    const pacer = new Pacer(0, clock.read);
    pacer.spend(1e12);
    assert.deepEqual([pacer.allowance(), pacer.delay(), pacer.delay(1e9)], [Number.POSITIVE_INFINITY, 0, 0]);
  });

  test('goes by the clock that it is handed', () => {
    const clock = new Clock();
    const pacer = new Pacer(1_000_000, clock.read);
    assert.equal(pacer.allowance(clock.now + 2), 2000);
  });
});
