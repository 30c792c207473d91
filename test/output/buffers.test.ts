import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BufferedOutput } from '../../src/output/buffers.js';
import { OutputBufferPool } from '../../src/output/pool.js';
import { Progress } from '../../src/output/transfer.js';
import { Exchange, expected, limits, withSource } from './support.js';

describe('output buffers', () => {
  test('a round is one pread64 a buffer and one writev', () => {
    withSource(10_000, source => {
      const pool = new OutputBufferPool();
      const exchange = new Exchange(new BufferedOutput(pool));
      exchange.transfer.begin('head', [source.piece(0, 10_000)], { ...limits, bufferNumber: 3, bufferSize: 1000 });
      assert.equal(exchange.finish(), Progress.Done);
      const { preadCalls, writevCalls, sendfileCalls, eagainCount, bytesSent } = exchange.transfer;
      assert.deepEqual([preadCalls, writevCalls, sendfileCalls, eagainCount, bytesSent], [10, 4, 0, 0, 10_004]);
      exchange.end(pool);
      exchange.close();
    });
  });

  test('more buffers than one writev takes', () => {
    withSource(60_000, source => {
      const pool = new OutputBufferPool();
      const exchange = new Exchange(new BufferedOutput(pool));
      const pieces = [source.piece(0, 60_000)];
      exchange.transfer.begin('head', pieces, { ...limits, bufferNumber: 3000, bufferSize: 20 });
      assert.equal(exchange.finish(), Progress.Done);
      assert.ok(exchange.transfer.writevCalls >= 3);
      const bytes = expected('head', pieces);
      assert.ok(exchange.all(bytes.length).equals(bytes));
      exchange.end(pool);
      exchange.close();
    });
  });

  test('are lent, come back, and are lent again by number and size', () => {
    const pool = new OutputBufferPool();
    const first = pool.take(2, 1000);
    const second = pool.take(2, 1000);
    assert.equal(pool.lent, 2);
    assert.notEqual(first, second);
    first.filled = first.written = 5;
    pool.giveBack(first);
    assert.notEqual(pool.take(1000, 2), first);
    const again = pool.take(2, 1000);
    assert.equal(again, first);
    assert.deepEqual([again.filled, again.written], [0, 0]);
  });

  test('are kept to 16 MiB in all', () => {
    const pool = new OutputBufferPool();
    const sets = Array.from({ length: 5 }, () => pool.take(1, 4 * 2 ** 20));
    for (const set of sets) pool.giveBack(set);
    assert.equal(pool.lent, 0);
    const known = new Set(sets);
    const next = Array.from({ length: 5 }, () => pool.take(1, 4 * 2 ** 20));
    assert.equal(next.filter(set => known.has(set)).length, 4);
  });
});
