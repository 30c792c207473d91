import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Timer, Timers } from '../../src/event/timers.js';
import { seeded } from '../http/parse-helpers.js';

const owner = { onTimer() {} };
const off = Number.POSITIVE_INFINITY;

describe('timers', () => {
  test('10,000 of them, in any order, expire as a plain list says', () => {
    const random = seeded(4);
    const timers = new Timers();
    const all = Array.from({ length: 10_000 }, () => new Timer(owner));
    const naive = new Map<Timer, number>();
    let now = 0;
    const change = () => {
      const timer = all[Math.floor(random() * all.length)];
      const what = random();
      if (what < 0.7) {
        // whole numbers of a small range, or equal deadlines would be rare
        const deadline = now + Math.floor(random() * 500) - 5;
        timers.set(timer, deadline);
        naive.set(timer, deadline);
      } else if (what < 0.85) {
        timers.clear(timer);
        naive.delete(timer);
      } else {
        timers.remove(timer);
        naive.delete(timer);
        assert.equal(timer.place, -1);
      }
      assert.equal(timer.isSet, naive.has(timer));
    };
    const expire = () => {
      now += Math.floor(random() * 40);
      const due = [...naive].filter(([, deadline]) => deadline <= now).sort((a, b) => a[1] - b[1]);
      const taken: Timer[] = [];
      for (let timer = timers.takeDue(now); timer !== undefined; timer = timers.takeDue(now)) {
        assert.equal(timer.isSet, false);
        taken.push(timer);
      }
      assert.deepEqual(
        taken.map(timer => naive.get(timer)),
        due.map(([, deadline]) => deadline),
      );
      assert.equal(new Set(taken).size, due.length);
      for (const timer of taken) naive.delete(timer);
      assert.equal(timers.next(), Math.min(off, ...naive.values()));
    };
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 2000; i++) change();
      expire();
    }
    for (const timer of all) timers.remove(timer);
    assert.equal(timers.size, 0);
    assert.equal(timers.next(), off);
  });

  test('one that is moved later does not move in the heap, and is not lost', () => {
    const timers = new Timers();
    const all = Array.from({ length: 100 }, (_, i) => {
      const timer = new Timer(owner);
      timers.set(timer, i);
      return timer;
    });
    const { heap } = timers as unknown as { heap: Timer[] };
    const before = [...heap];
    for (let later = 1; later <= 1000; later++) {
      for (const [i, timer] of all.entries()) timers.set(timer, i + later);
      for (const timer of all.slice(0, 10)) timers.clear(timer);
      for (const [i, timer] of all.slice(0, 10).entries()) timers.set(timer, i + later);
    }
    assert.deepEqual(heap, before);
    assert.equal(timers.takeDue(999), undefined);
    for (let now = 1000; now < 1100; now++) {
      assert.equal(timers.takeDue(now), all[now - 1000]);
      assert.equal(timers.takeDue(now), undefined);
    }
    assert.equal(timers.size, 0);
  });

  test('one that is switched off and set earlier is due at its new time', () => {
    const timers = new Timers();
    const [a, b] = [new Timer(owner), new Timer(owner)];
    timers.set(a, 100);
    timers.set(b, 50);
    timers.clear(a);
    timers.set(a, 20);
    assert.equal(timers.next(), 20);
    assert.equal(timers.takeDue(30), a);
    assert.equal(timers.takeDue(49), undefined);
    assert.equal(timers.takeDue(50), b);
  });

  test('what is switched off leaves the heap when its old time comes up', () => {
    const timers = new Timers();
    for (let i = 0; i < 50; i++) {
      const timer = new Timer(owner);
      timers.set(timer, i);
      timers.clear(timer);
    }
    assert.equal(timers.next(), off);
    assert.equal(timers.size, 0);
  });

  test('removing what is in no heap does nothing', () => {
    const timers = new Timers();
    const [inside, outside] = [new Timer(owner), new Timer(owner)];
    timers.set(inside, 5);
    timers.remove(outside);
    timers.remove(outside);
    assert.equal(timers.size, 1);
    assert.equal(timers.next(), 5);
  });
});
