import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorRing, requestRing, Scoreboard } from '../../src/scoreboard/board.js';
import { RecentRecords } from '../../src/scoreboard/recent.js';
import { recordError, recordRequest, recordsRequests, useSlot } from '../../src/scoreboard/records.js';

function request(number: number, line = `GET /${number} HTTP/1.1`) {
  return {
    ...{ startedAt: 1000, status: 200, client: '2001:db8::1', line, bytes: 2 ** 40 + number, path: 1 },
    ...{ sendfile: 3, pread: 0, writev: 1, eagain: 2, complete: true },
  };
}

/** A slot of its own: this process records there from now on. */
function freshSlot() {
  const board = Scoreboard.create();
  const slot = board.slot(board.take());
  useSlot(slot);
  return slot;
}

test('a record comes out as it went in, once', () => {
  const recent = new RecentRecords(freshSlot());
  recordRequest(request(7), 1250);
  const [{ at, took, ...rest }] = recent.newRequests();
  const { startedAt, ...expected } = request(7);
  assert.deepEqual([at, took, startedAt], [1250, 250, 1000]);
  assert.deepEqual(rest, expected);
  assert.deepEqual(recent.newRequests(), []);
  recordError('[error] one');
  recordError('[alert] two \xff');
  assert.deepEqual(recent.newErrors(), ['[error] one', '[alert] two \xff']);
  assert.deepEqual(recent.newErrors(), []);
});

test('long texts are cut, and do not run into the next record', () => {
  const recent = new RecentRecords(freshSlot());
  for (const number of [1, 2]) recordRequest(request(number, `GET /${'x'.repeat(9000)}`), 1);
  recordError('y'.repeat(9000));
  assert.deepEqual(
    recent.newRequests().map(({ line, client }) => [line.length, client]),
    [
      [300, '2001:db8::1'],
      [300, '2001:db8::1'],
    ],
  );
  assert.equal(recent.newErrors()[0].length, 300);
});

test('of more than a ring holds, the last ones are read, in order', () => {
  const slot = freshSlot();
  const recent = new RecentRecords(slot);
  for (let number = 0; number < 1000; number++) recordRequest(request(number), 1);
  for (let number = 0; number < 1000; number++) recordError(`${number}`);
  const lines = recent.newRequests().map(({ line }) => line);
  assert.deepEqual(
    lines,
    Array.from({ length: requestRing.records - 1 }, (_, index) => `GET /${1000 - lines.length + index} HTTP/1.1`),
  );
  assert.deepEqual(recent.newErrors().slice(-2), ['998', '999']);
});

test('heads may run over', () => {
  const slot = freshSlot();
  slot.heads.fill(0x7fff_fffe);
  const recent = new RecentRecords(slot);
  recent.newRequests();
  recent.newErrors();
  for (let number = 0; number < 5; number++) {
    recordRequest(request(number), 1);
    recordError(`${number}`);
  }
  assert.equal(recent.newRequests().length, 5);
  assert.deepEqual(recent.newErrors(), ['0', '1', '2', '3', '4']);
  assert.ok(errorRing.records > 5 && slot.heads[0] === 3);
});

test('of a flood, no more are recorded than can be read', () => {
  freshSlot();
  const now = Date.now();
  let recorded = 0;
  for (let count = 0; count < 10_000; count++) if (recordsRequests(now)) recorded += 1;
  assert.equal(recorded, requestRing.records);
  assert.equal(recordsRequests(now + 99), false);
  assert.equal(recordsRequests(now + 100), true);
  // a clock that is set back does not end the recording
  assert.equal(recordsRequests(now - 3_600_000), true);
});
