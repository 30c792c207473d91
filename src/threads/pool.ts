import { Counter, counters } from '../scoreboard/counters.js';

/** What a thread does for somebody. One object is used again and again, but it is in one pool once at most. */
export interface Job {
  /** A thread is free: makes the call. @param done to be called once, with the result or the negative errno */
  start(done: (result: number) => void): void;
  /** The call has returned. It runs on Node's loop, and must not throw. */
  ended(result: number): void;
}

/**
 * A bounded number of threads (`thread_pool`) and a bounded queue of what waits for one. First come, first served: with one job
 * in flight for each connection, that is fair between connections.
 *
 * The threads are libuv's, plain ones without a JavaScript heap; how many there are in all is said when a process starts
 * (UV_THREADPOOL_SIZE). A pool only counts how many of them it keeps busy.
 */
export class ThreadPool {
  /** Jobs that a thread has. */
  running = 0;
  private readonly queue = new Set<Job>();

  constructor(
    readonly name: string,
    readonly threads: number,
    readonly maxQueue: number,
  ) {}

  /** Jobs that wait for a thread. */
  get waiting(): number {
    return this.queue.size;
  }

  /** @returns false when the queue is full: the job is then not taken */
  submit(job: Job): boolean {
    if (this.running < this.threads) {
      this.start(job);
      return true;
    }
    if (this.queue.size >= this.maxQueue) {
      counters[Counter.threadOverflows] += 1;
      return false;
    }
    this.queue.add(job);
    counters[Counter.threadQueue] += 1;
    return true;
  }

  /**
   * Takes back a job that waits.
   * @returns false when a thread has it: it will end, and `ended` will be told
   */
  cancel(job: Job): boolean {
    if (!this.queue.delete(job)) return false;
    counters[Counter.threadQueue] -= 1;
    return true;
  }

  private start(job: Job): void {
    this.running += 1;
    counters[Counter.threadsBusy] += 1;
    counters[Counter.threadJobs] += 1;
    job.start(result => {
      this.running -= 1;
      counters[Counter.threadsBusy] -= 1;
      this.startNext();
      job.ended(result);
    });
  }

  private startNext(): void {
    const [next] = this.queue;
    if (next === undefined || this.running >= this.threads) return;
    this.queue.delete(next);
    counters[Counter.threadQueue] -= 1;
    this.start(next);
  }
}
