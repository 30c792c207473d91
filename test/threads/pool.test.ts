import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Counter, counters } from '../../src/scoreboard/counters.js';
import { type Job, ThreadPool } from '../../src/threads/pool.js';

/** A job whose thread returns when the test says so. */
class TestJob implements Job {
  done: ((result: number) => void) | null = null;
  results: number[] = [];
  starts = 0;

  start(done: (result: number) => void): void {
    this.starts += 1;
    this.done = done;
  }
  ended(result: number): void {
    this.results.push(result);
  }
  finish(result: number): void {
    this.done?.(result);
  }
}

const jobs = (count: number) => Array.from({ length: count }, () => new TestJob());
const started = (all: readonly TestJob[]) => all.map(job => job.starts);

describe('a pool of threads', () => {
  test('keeps so many busy, and takes the others in the order in which they came', () => {
    const pool = new ThreadPool('p', 2, 10);
    const all = jobs(5);
    for (const job of all) assert.ok(pool.submit(job));
    assert.deepEqual([started(all), pool.running, pool.waiting], [[1, 1, 0, 0, 0], 2, 3]);
    all[1].finish(7);
    assert.deepEqual([started(all), all[1].results], [[1, 1, 1, 0, 0], [7]]);
    all[0].finish(-5);
    all[2].finish(1);
    assert.deepEqual([started(all), pool.running, pool.waiting], [[1, 1, 1, 1, 1], 2, 0]);
    all[3].finish(1);
    all[4].finish(1);
    assert.deepEqual([pool.running, pool.waiting], [0, 0]);
  });

  test('refuses what its queue does not hold, and counts it', () => {
    const pool = new ThreadPool('p', 1, 1);
    const all = jobs(3);
    const before = counters[Counter.threadOverflows];
    assert.deepEqual(
      all.map(job => pool.submit(job)),
      [true, true, false],
    );
    assert.equal(counters[Counter.threadOverflows] - before, 1);
    all[0].finish(1);
    assert.ok(pool.submit(all[2]));
    all[1].finish(1);
    all[2].finish(1);
    assert.deepEqual(started(all), [1, 1, 1]);
  });

  test('gives back what waits, and not what a thread has', () => {
    const pool = new ThreadPool('p', 1, 5);
    const all = jobs(3);
    for (const job of all) pool.submit(job);
    assert.deepEqual([pool.cancel(all[0]), pool.cancel(all[1]), pool.cancel(all[1])], [false, true, false]);
    all[0].finish(3);
    assert.deepEqual([started(all), all[0].results], [[1, 0, 1], [3]]);
    all[2].finish(1);
  });

  test('a job may come again as soon as it has ended', () => {
    const pool = new ThreadPool('p', 1, 0);
    let again = true;
    class Endless extends TestJob {
      override ended(result: number): void {
        super.ended(result);
        if (again) assert.ok(pool.submit(this));
      }
    }
    const job = new Endless();
    pool.submit(job);
    job.finish(1);
    again = false;
    job.finish(2);
    assert.deepEqual([job.starts, job.results, pool.running], [2, [1, 2], 0]);
  });

  test('the gauges come back to where they were', () => {
    const gauges = () => [counters[Counter.threadsBusy], counters[Counter.threadQueue]];
    const before = gauges();
    const pool = new ThreadPool('p', 1, 5);
    const all = jobs(3);
    for (const job of all) pool.submit(job);
    assert.deepEqual(gauges(), [before[0] + 1, before[1] + 2]);
    pool.cancel(all[2]);
    all[0].finish(1);
    all[1].finish(1);
    assert.deepEqual(gauges(), before);
  });
});
