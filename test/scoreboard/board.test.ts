import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countedCalls } from '../../native/call-counts.js';
import { Scoreboard, slotCount } from '../../src/scoreboard/board.js';
import { Counter, counterCount } from '../../src/scoreboard/counters.js';

test('slots do not overlap, up to the last one', () => {
  const board = Scoreboard.create();
  const numbers = [0, 1, slotCount - 1];
  for (const number of numbers) {
    const { counters, calls, heads, requests, errors } = board.slot(number);
    assert.ok(counters.length === counterCount && calls.length >= countedCalls.length);
    for (const place of [counters, calls, heads, requests.bytes, errors.bytes]) place.fill((number % 100) + 1);
  }
  for (const number of numbers) {
    const { counters, calls, heads, requests, errors } = board.slot(number);
    const places: (Float64Array | Int32Array | Buffer)[] = [counters, calls, heads, requests.bytes, errors.bytes];
    for (const place of places) assert.ok(place.every(each => each === (number % 100) + 1));
  }
});

test('what a worker has done stays when it has gone; what it had open does not', () => {
  const board = Scoreboard.create();
  const [one, two] = [board.take(), board.take()];
  assert.deepEqual([one, two], [1, 2]);
  for (const [number, requests] of [
    [one, 10],
    [two, 20],
  ]) {
    board.slot(number).counters[Counter.requests] = requests;
    board.slot(number).counters[Counter.active] = 3;
    board.slot(number).calls[7] = requests;
  }
  assert.equal(board.sum(Counter.requests), 30);
  assert.equal(board.sum(Counter.active), 6);
  board.giveBack(one);
  board.giveBack(one);
  assert.equal(board.sum(Counter.requests), 30);
  assert.equal(board.sum(Counter.active), 3);
  assert.equal(board.slot(0).calls[7], 10);
  assert.equal(board.take(), one);
  assert.ok(board.slot(one).counters.every(each => each === 0));
});

test('there are only so many slots', () => {
  const board = Scoreboard.create();
  const taken = Array.from({ length: slotCount - 1 }, () => board.take());
  assert.equal(new Set(taken).size, slotCount - 1);
  assert.equal(board.take(), -1);
  board.giveBack(-1);
  board.giveBack(17);
  assert.equal(board.take(), 17);
});
