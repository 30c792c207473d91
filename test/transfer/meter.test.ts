import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Meter } from '../../src/transfer/meter.js';

/** A meter, and a clock that is set by hand (ms). */
function begun(at = 5000) {
  const time = { now: at };
  const meter = new Meter(() => time.now);
  meter.begin();
  return { meter, time };
}

describe('meter', () => {
  test('10 GB in 1.66 s are 51.7 Gbit/s, with an interval a second and a shorter last one (table 3)', () => {
    const { meter, time } = begun();
    const [first, second] = [Math.round(5.97 * 2 ** 30), Math.round(4.03 * 2 ** 30)];
    meter.add(first - 1000);
    meter.add(1000);
    time.now += 1000;
    assert.deepEqual(meter.tick(), { start: 0, end: 1, bytes: first });
    meter.add(second);
    time.now += 660;
    const figures = meter.end({ sendfile: 81_920, epoll_pwait: 80 });
    assert.equal(figures.bytes, 10 * 2 ** 30);
    assert.equal(figures.seconds, 1.66);
    assert.equal(figures.gigabitsPerSecond.toFixed(2), '51.75');
    assert.deepEqual(figures.intervals, [
      { start: 0, end: 1, bytes: first },
      { start: 1, end: 1.66, bytes: second },
    ]);
    assert.equal(figures.callsPerGigabyte.toFixed(1), (82_000 / 10.73741824).toFixed(1));
    assert.deepEqual(figures.cost.calls, { sendfile: 81_920, epoll_pwait: 80 });
  });

  test('an interval is as long as it was, when a tick came late', () => {
    const { meter, time } = begun();
    time.now += 1042;
    assert.deepEqual(meter.tick(), { start: 0, end: 1.042, bytes: 0 });
    time.now += 958;
    meter.add(7);
    assert.deepEqual(meter.tick(), { start: 1.042, end: 2, bytes: 7 });
    assert.equal(meter.end({}).intervals.length, 2);
  });

  test('a last interval below 10 ms belongs to the one before it', () => {
    const { meter, time } = begun();
    meter.add(100);
    time.now += 1000;
    meter.tick();
    meter.add(11);
    time.now += 9;
    assert.deepEqual(meter.end({}).intervals, [{ start: 0, end: 1.009, bytes: 111 }]);
  });

  test('bytes that come at the very moment of the end are not lost', () => {
    const { meter, time } = begun();
    time.now += 1000;
    meter.tick();
    meter.add(5);
    assert.deepEqual(meter.end({}).intervals, [{ start: 0, end: 1, bytes: 5 }]);
  });

  test('a transfer that is shorter than 10 ms has its one interval', () => {
    const { meter, time } = begun();
    meter.add(5);
    time.now += 2;
    assert.deepEqual(meter.end({}).intervals, [{ start: 0, end: 0.002, bytes: 5 }]);
  });

  test('of nothing, nothing is divided by nothing', () => {
    const figures = begun().meter.end({ recvfrom: 1 });
    const { seconds, gigabitsPerSecond, callsPerGigabyte, intervals } = figures;
    assert.deepEqual(
      { seconds, gigabitsPerSecond, callsPerGigabyte, intervals },
      {
        seconds: 0,
        gigabitsPerSecond: 0,
        callsPerGigabyte: 0,
        intervals: [],
      },
    );
  });

  test('a second begin counts anew', () => {
    const { meter, time } = begun();
    meter.add(9);
    time.now += 1000;
    meter.tick();
    meter.begin();
    time.now += 500;
    meter.add(4);
    const { bytes, seconds, intervals } = meter.end({});
    assert.deepEqual([bytes, seconds, intervals], [4, 0.5, [{ start: 0, end: 0.5, bytes: 4 }]]);
  });

  test('intervals are bounded, and none of their bytes or seconds is lost', () => {
    const { meter, time } = begun(0);
    for (let second = 1; second <= 20_001; second++) {
      meter.add(second);
      time.now += 1000;
      meter.tick();
    }
    const { intervals, bytes } = meter.end({});
    assert.ok(intervals.length <= 4096, `${intervals.length}`);
    assert.equal(
      intervals.reduce((sum, each) => sum + each.bytes, 0),
      bytes,
    );
    for (const [at, { start }] of intervals.entries()) assert.equal(start, at === 0 ? 0 : intervals[at - 1].end);
    assert.equal(intervals.at(-1)?.end, 20_001);
  });

  test('what was waited for in vain at the end is no part of it', () => {
    const { meter, time } = begun();
    meter.add(1000);
    time.now += 2300;
    const { seconds, intervals } = meter.end({}, 300);
    assert.equal(seconds, 2);
    assert.deepEqual(intervals, [{ start: 0, end: 2, bytes: 1000 }]);
  });

  test('datagrams are noted with each interval, and once', () => {
    const { meter, time } = begun();
    const so = { sent: 0, lost: 0, jitterMs: 0 };
    meter.datagrams = () => ({ ...so });
    const tick = (more: object) => {
      Object.assign(so, more);
      time.now += 1000;
      return meter.tick().datagrams;
    };
    assert.deepEqual(tick({ sent: 100, lost: 3, jitterMs: 0.5 }), { sent: 100, lost: 3, jitterMs: 0.5 });
    assert.deepEqual(tick({ sent: 150, lost: 1, jitterMs: 0.25 }), { sent: 50, lost: -2, jitterMs: 0.25 });
    Object.assign(so, { sent: 160, lost: 2 });
    time.now += 5;
    const { intervals } = meter.end({});
    assert.deepEqual(
      intervals.at(-1)?.datagrams,
      { sent: 60, lost: -1, jitterMs: 0.25 },
      'with the short one behind it',
    );
    meter.begin();
    assert.deepEqual(tick({}), { sent: 160, lost: 2, jitterMs: 0.25 }, 'from the beginning again');
  });

  test('processor time and memory are those of this process', () => {
    const { meter, time } = begun();
    const before = process.cpuUsage();
    while (process.cpuUsage(before).user < 20_000) Math.sqrt(Math.random());
    time.now += 1000;
    const { cost } = meter.end({});
    assert.ok(cost.userSeconds >= 0.02 && cost.systemSeconds >= 0, JSON.stringify(cost));
    // the kernel counts pages of each thread by batches, so that the two need not be equal
    const { rss } = process.memoryUsage();
    assert.ok(cost.peakMemory > rss / 2 && cost.peakMemory < rss * 20, `${cost.peakMemory} ${rss}`);
  });
});
