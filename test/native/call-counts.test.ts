import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCallsIn, countedCalls, counting } from '../../native/call-counts.js';
import { close } from '../../native/file.js';
import { describedCalls } from '../../native/ledger-calls.js';
import { send } from '../../native/socket.js';

const at = (name: (typeof countedCalls)[number]) => countedCalls.indexOf(name);

test('calls are counted under the kernel’s names, before they are made; what was counted so far comes along', () => {
  close(-1);
  const place = new Float64Array(countedCalls.length + 3);
  countCallsIn(place);
  const before = [place[at('close')], place[at('sendto')]];
  assert.ok(before[0] >= 1);
  assert.equal(close(-1), -9);
  assert.equal(send(-1, 0, 0, 0), -9);
  assert.equal(send(-1, 0, 0, 0), -9);
  assert.deepEqual([place[at('close')] - before[0], place[at('sendto')] - before[1]], [1, 2]);
  const other = new Float64Array(countedCalls.length);
  countCallsIn(other);
  assert.deepEqual([...other], [...place.subarray(0, countedCalls.length)]);
});

test('every argument is handed on, and the result back', () => {
  for (let parameters = 0; parameters <= 6; parameters++) {
    const args = Array.from({ length: parameters }, (_, index) => index + 1);
    const seen: number[][] = [];
    const call = counting('close', parameters, (...given) => {
      seen.push(given);
      return 40 + parameters;
    });
    assert.equal(call(...args), 40 + parameters);
    assert.deepEqual(seen, [args]);
  }
  assert.throws(() => counting('close', 7, () => 0), /6 parameters at most, and not 7/);
});

test('what makes no kernel call, or more than one, is left as it is', () => {
  const call = () => 5;
  assert.equal(counting('strlen', 1, call), call);
});

test('every kernel call that the ledger knows has a number, each name once, in order', () => {
  const described = new Set(Object.values(describedCalls).map(({ kernel }) => kernel));
  assert.deepEqual([...countedCalls], [...described].sort());
});
