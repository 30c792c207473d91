import type { Outcome, Turns } from '../modules/module.js';
import type { Job, ThreadPool } from '../threads/pool.js';

/** What work yields that waits for a thread: makes its job, which calls `wake` when it has ended. */
export type Wait = (wake: () => void) => Job;

/** Work that a request has done in turns of the loop, with waits for threads between them. */
export class TurnWork {
  private isOver = false;
  /** The pool has a job of it. Where a thread has begun it, what it uses must stay until it has ended. */
  private inThread = false;
  private job: Job | null = null;

  /**
   * @param post asks for a turn
   * @param pool whose threads do what would wait for a disk
   */
  constructor(
    private readonly work: Turns<Outcome>,
    private readonly post: () => void,
    private readonly pool: () => ThreadPool,
  ) {}

  /**
   * Does one step.
   * @returns the outcome of the work; -1 where there is more to do; the pool, where that takes no more jobs
   */
  step(): Outcome | ThreadPool {
    const { done, value } = this.work.next();
    if (done) {
      this.isOver = true;
      return value as Outcome;
    }
    if (value === null) {
      this.post();
      return -1;
    }
    return this.wait(value as Wait);
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.inThread || (this.job !== null && this.pool().cancel(this.job))) this.work.return(0);
  }

  private wait(wait: Wait): Outcome | ThreadPool {
    const pool = this.pool();
    this.inThread = true;
    this.job = wait(() => {
      this.inThread = false;
      if (this.isOver) this.work.return(0);
      else this.post();
    });
    if (pool.submit(this.job)) return -1;
    this.inThread = false;
    this.cancel();
    return pool;
  }
}
