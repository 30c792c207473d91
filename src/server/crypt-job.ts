import { cryptInThread } from '../../native/crypt.js';
import type { Job } from '../threads/pool.js';

/** A thread hashes a password. */
export class CryptJob implements Job {
  /** What came of it, once it has ended. */
  hash: string | number = 0;

  constructor(
    private readonly password: string,
    private readonly setting: string,
    private readonly whenDone: () => void,
  ) {}

  start(done: (result: number) => void): void {
    cryptInThread(this.password, this.setting, hash => {
      this.hash = hash;
      done(0);
    });
  }

  ended(): void {
    this.whenDone();
  }
}
