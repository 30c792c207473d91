import type { Rate } from '../modules/limit-rate.js';

const second = 1000;

/** Keeps a response to its rate (`limit_rate`), by nginx's rules: what one second may have goes out at once, and then it waits. */
export class Pace {
  /** Milliseconds to wait before more may go out. */
  delay = 0;

  /**
   * @param begun milliseconds since 1970: when the request came
   */
  constructor(
    private readonly rate: Rate,
    private readonly begun: number,
  ) {}

  /**
   * What may go out now.
   * @param sent bytes so far
   * @param now milliseconds since 1970
   * @returns bytes; 0 where it has to wait, `delay` milliseconds
   */
  next(sent: number, now: number): number {
    const { bytes, after } = this.rate;
    const seconds = Math.floor(now / second) - Math.floor(this.begun / second) + 1;
    const allowed = bytes * seconds - (sent - after);
    if (allowed <= 0) {
      this.delay = Math.floor((-allowed * second) / bytes) + 1;
      return 0;
    }
    return allowed;
  }

  /** Takes note of what went out, and says whether it has to wait now. */
  hasSent(before: number, after: number): boolean {
    const free = this.rate.after;
    const counted = Math.max(0, after - free) - Math.max(0, before - free);
    this.delay = Math.floor((counted * second) / this.rate.bytes);
    return this.delay > 0;
  }
}
