import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addressOf } from '../../native/memory.js';
import { InputBuffer, InputBufferPool } from '../../src/server/input-buffer.js';

const text = (buffer: InputBuffer) => buffer.bytes.latin1Slice(buffer.start, buffer.end);

function filled(size: number, content: string): InputBuffer {
  const buffer = new InputBuffer(size);
  buffer.set(Buffer.from(`<${content}>`, 'latin1'), 1, 1 + content.length);
  return buffer;
}

describe('an input buffer', () => {
  test('takes bytes over', () => {
    const buffer = filled(10, 'abc');
    assert.deepEqual([text(buffer), buffer.start, buffer.end, buffer.room, buffer.isEmpty], ['abc', 0, 3, 7, false]);
    buffer.start = 3;
    assert.equal(buffer.isEmpty, true);
    buffer.set(Buffer.from('0123456789'), 0, 10);
    assert.deepEqual([text(buffer), buffer.room], ['0123456789', 0]);
  });

  test('makes room by moving what is left to the front', () => {
    const buffer = filled(10, '0123456789');
    const { address } = buffer;
    buffer.start = 4;
    buffer.makeRoom(100, 1000);
    assert.deepEqual([text(buffer), buffer.start, buffer.room, buffer.size], ['456789', 0, 4, 10]);
    assert.equal(buffer.address, address);
  });

  test('makes room by growing, a step at a time and to the limit', () => {
    const buffer = filled(10, '0123456789');
    buffer.makeRoom(10, 25);
    assert.deepEqual([text(buffer), buffer.size, buffer.room], ['0123456789', 20, 10]);
    assert.equal(addressOf(buffer.bytes), buffer.address);
    buffer.bytes.latin1Write('abcdefghij', 10);
    buffer.end = 20;
    buffer.makeRoom(10, 25);
    assert.deepEqual([text(buffer), buffer.size], ['0123456789abcdefghij', 25]);
  });

  test('has room in any case, for a read of nothing would look like the end of the stream', () => {
    const buffer = filled(10, '0123456789');
    buffer.makeRoom(10, 10);
    assert.ok(buffer.room > 0);
    assert.equal(text(buffer), '0123456789');
  });

  test('does nothing when there is room', () => {
    const buffer = filled(10, 'abc');
    buffer.makeRoom(10, 100);
    assert.deepEqual([text(buffer), buffer.size], ['abc', 10]);
  });
});

describe('the pool', () => {
  test('lends buffers again, empty', () => {
    const pool = new InputBufferPool();
    const first = pool.take(1000);
    const second = pool.take(1000);
    assert.notEqual(first, second);
    assert.ok(first.size >= 1000);
    first.set(Buffer.from('secret'), 0, 6);
    pool.giveBack(first);
    const again = pool.take(8192);
    assert.equal(again, first);
    assert.equal(again.isEmpty, true);
  });

  test('gives larger ones where larger ones are asked for, and does not keep them', () => {
    const pool = new InputBufferPool();
    const large = pool.take(8193);
    assert.ok(large.size >= 8193);
    pool.giveBack(large);
    assert.notEqual(pool.take(100), large);
    const grown = pool.take(100);
    grown.end = grown.size;
    grown.makeRoom(8192, 100_000);
    pool.giveBack(grown);
    assert.notEqual(pool.take(100), grown);
  });

  test('keeps 64 of them', () => {
    const pool = new InputBufferPool();
    const lent = Array.from({ length: 100 }, () => pool.take(100));
    for (const buffer of lent) pool.giveBack(buffer);
    const known = new Set(lent);
    assert.equal(lent.filter(() => known.has(pool.take(100))).length, 64);
  });
});
