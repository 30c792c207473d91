import type { Job, ThreadPool } from '../threads/pool.js';

/** What the phases of a request wait for, one thing at a time: a delay, or what a thread does for them. */
export class Waiting {
  private task: (() => void) | null = null;
  private isThere = false;
  /** Events by which a client gives up a request that waits. */
  private givingUp = 0;
  /** Whose job is waited for, and may still be in its queue. */
  private threads: ThreadPool | null = null;
  private job: Job | null = null;

  /**
   * @param task what is then to be done, in a turn of the loop
   * @param givingUp a mask of epoll
   */
  begin(task: () => void, givingUp: number): void {
    this.task = task;
    this.givingUp = givingUp;
    this.isThere = false;
  }

  /** As `begin`, for what a thread does. @returns false where the queue is full, and nothing is waited for */
  beginJob(job: Job, threads: ThreadPool, task: () => void, givingUp: number): boolean {
    this.begin(task, givingUp);
    this.job = job;
    this.threads = threads;
    if (threads.submit(job)) return true;
    this.end();
    return false;
  }

  /** Nobody waits any more: a job that no thread has begun leaves its queue. */
  end(): void {
    if (this.job !== null) this.threads?.cancel(this.job);
    this.threads = null;
    this.job = null;
    this.task = null;
    this.isThere = false;
  }

  isGivenUp(mask: number): boolean {
    return this.task !== null && (mask & this.givingUp) !== 0;
  }

  /** What a task waits for is there. @returns false where nobody waits for it any more */
  arrive(task: () => void): boolean {
    this.isThere = this.task === task;
    return this.isThere;
  }

  /** Does what was waited for. @returns false where it is not there */
  takeUp(): boolean {
    if (!this.isThere) return false;
    const { task } = this;
    this.end();
    task?.();
    return true;
  }

  /** A delay is over. */
  timeIsUp(): void {
    this.isThere = true;
    this.takeUp();
  }
}
