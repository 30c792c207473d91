/** A request that waits for a thread: what a client that leaves has asked for is not done for nobody. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Waiting } from '../../src/server/waiting.js';
import { ThreadPool } from '../../src/threads/pool.js';

/** A job, and what ends it. */
function heldJob() {
  const job = { starts: 0, start: (done: (result: number) => void) => begun(done), ended: () => {}, finish: () => {} };
  const begun = (done: (result: number) => void) => {
    job.starts += 1;
    job.finish = () => done(0);
  };
  return job;
}

const hangUp = 0x10;

describe('a request that waits for a thread', () => {
  test('its job leaves the queue when it is given up, and others move up', () => {
    const pool = new ThreadPool('one', 1, 10);
    const [busy, left, other] = [heldJob(), heldJob(), heldJob()];
    pool.submit(busy);
    const [waiting, behind] = [new Waiting(), new Waiting()];
    assert.ok(waiting.beginJob(left, pool, () => assert.fail('given up'), hangUp));
    assert.ok(behind.beginJob(other, pool, () => {}, hangUp));
    assert.deepEqual([pool.waiting, waiting.isGivenUp(hangUp), waiting.isGivenUp(1)], [2, true, false]);
    waiting.end();
    assert.deepEqual([pool.waiting, waiting.isGivenUp(hangUp)], [1, false]);
    busy.finish();
    assert.deepEqual([left.starts, other.starts, pool.waiting], [0, 1, 0]);
  });

  test('one that a thread has begun ends there, and nobody is told', () => {
    const pool = new ThreadPool('one', 1, 10);
    const job = heldJob();
    const waiting = new Waiting();
    const task = () => assert.fail('given up');
    waiting.beginJob(job, pool, task, hangUp);
    waiting.end();
    assert.equal(pool.running, 1);
    job.finish();
    assert.deepEqual([pool.running, waiting.arrive(task), waiting.takeUp()], [0, false, false]);
  });

  test('where the queue is full, nothing is waited for', () => {
    const pool = new ThreadPool('none', 1, 0);
    pool.submit(heldJob());
    const waiting = new Waiting();
    assert.equal(
      waiting.beginJob(heldJob(), pool, () => {}, hangUp),
      false,
    );
    assert.equal(waiting.isGivenUp(hangUp), false);
  });

  test('what is there is taken up once', () => {
    let times = 0;
    const task = () => {
      times += 1;
    };
    const waiting = new Waiting();
    waiting.beginJob(heldJob(), new ThreadPool('one', 1, 0), task, hangUp);
    assert.equal(waiting.takeUp(), false);
    assert.ok(waiting.arrive(task));
    assert.deepEqual([waiting.takeUp(), waiting.takeUp(), times], [true, false, 1]);
  });
});
