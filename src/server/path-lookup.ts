import { lookUpInThread } from '../../native/thread-calls.js';
import type { Job } from '../threads/pool.js';

/** A thread looks up a path that the kernel would have to ask a disk for, so that opening it does not wait on the loop. */
export class PathLookup implements Job {
  constructor(
    private readonly path: string,
    private readonly whenDone: () => void,
  ) {}

  start(done: (result: number) => void): void {
    lookUpInThread(this.path, done);
  }

  /** What came of it is asked again, on the loop. */
  ended(): void {
    this.whenDone();
  }
}
