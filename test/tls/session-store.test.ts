import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { largestSession, SessionStore } from '../../src/tls/session-store.js';
import { noise } from '../server/harness.js';

const sessions = 64;

/** An id of the same group as all others that end differently. */
function idOf(group: number, end: number): Buffer {
  const id = Buffer.alloc(32, end);
  id.writeUInt32LE(group);
  return id;
}

describe('a store of sessions', () => {
  test('gives what was put, to all who share the memory, and nothing else', () => {
    const memory = new ArrayBuffer(SessionStore.sizeFor(sessions));
    const [one, other] = [new SessionStore(memory), new SessionStore(memory)];
    const id = randomBytes(32);
    assert.equal(one.put(id, noise(200), 1), true);
    assert.deepEqual(other.get(id), noise(200));
    assert.equal(other.get(randomBytes(32)), null);
    assert.equal(other.get(id.subarray(0, 31)), null);
    for (const wrong of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(33)]) assert.equal(one.get(wrong), null);
    other.put(id, noise(300, 1), 2);
    assert.deepEqual(one.get(id), noise(300, 1));
    one.remove(id);
    assert.equal(other.get(id), null);
  });

  test('what is too large is not kept', () => {
    const store = new SessionStore(new ArrayBuffer(SessionStore.sizeFor(sessions)));
    assert.equal(store.put(idOf(0, 1), noise(largestSession), 1), true);
    assert.equal(store.put(idOf(0, 2), noise(largestSession + 1), 1), false);
    assert.equal(store.put(Buffer.alloc(33), noise(10), 1), false);
    assert.deepEqual(store.get(idOf(0, 1)), noise(largestSession));
  });

  test('the oldest of a group makes room, one that was removed before it', () => {
    const store = new SessionStore(new ArrayBuffer(SessionStore.sizeFor(sessions)));
    for (let i = 1; i <= 4; i++) store.put(idOf(3, i), noise(100, i), 100 - i);
    store.put(idOf(3, 5), noise(100, 5), 200);
    assert.deepEqual(
      [1, 2, 3, 4, 5].filter(i => store.get(idOf(3, i)) !== null),
      [1, 2, 3, 5],
    );
    store.remove(idOf(3, 1));
    store.put(idOf(3, 6), noise(100, 6), 201);
    assert.deepEqual(
      [1, 2, 3, 5, 6].filter(i => store.get(idOf(3, i)) !== null),
      [2, 3, 5, 6],
    );
    assert.ok(store.put(idOf(4, 1), noise(100), 1));
  });

  test('what was written by two at once is no session', () => {
    const memory = new ArrayBuffer(SessionStore.sizeFor(sessions));
    const store = new SessionStore(memory);
    const id = idOf(0, 1);
    store.put(id, noise(200), 1);
    const bytes = Buffer.from(memory);
    const at = bytes.indexOf(noise(200));
    bytes[at + 100] ^= 1;
    assert.equal(store.get(id), null);
    bytes[at + 100] ^= 1;
    assert.notEqual(store.get(id), null);
  });
});
