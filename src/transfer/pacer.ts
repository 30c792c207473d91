/** What the bucket holds at most, in ms of the rate: what a late turn of the loop can be made up for. */
const bucketTime = 50;
/** What is waited for, in ms of the rate, where that is less than a block: not every byte is worth a wait. */
const stepTime = 10;
/** The default of --block-size. */
const defaultBlock = 128 * 1024;

/**
 * Keeps a transfer at a rate: a token bucket, filled as time goes by and emptied by what is sent. It starts empty, so that the
 * average since the beginning is never above the rate; below it only where the sender was late by more than the bucket holds.
 */
export class Pacer {
  private readonly bytesPerMs: number;
  private readonly bucket: number;
  /** What is worth a call: 10 ms of the rate, or a block where that is less. */
  readonly step: number;
  /** Bytes that may go; below 0 where more went than might. */
  private level = 0;
  private filledAt: number;

  /**
   * @param bytesPerSecond 0: no limit
   * @param now ms on a clock that only goes forward
   * @param block bytes that may always go at once: the bucket is no smaller
   */
  constructor(
    bytesPerSecond: number,
    private readonly now: () => number,
    block = defaultBlock,
  ) {
    this.bytesPerMs = bytesPerSecond / 1000;
    this.bucket = Math.max(block, this.bytesPerMs * bucketTime);
    this.step = Math.max(1, Math.min(block, this.bytesPerMs * stepTime));
    this.filledAt = now();
  }

  /** Whole bytes that may go now; Infinity without a limit. */
  allowance(now = this.now()): number {
    if (this.bytesPerMs === 0) return Number.POSITIVE_INFINITY;
    this.level = Math.min(this.bucket, this.level + (now - this.filledAt) * this.bytesPerMs);
    this.filledAt = now;
    return Math.max(0, Math.floor(this.level));
  }

  /** So many bytes have gone. More than the allowance is made up for by a longer wait. */
  spend(bytes: number): void {
    this.level -= bytes;
  }

  /**
   * How long to wait.
   * @param bytes that are to go then (a datagram); as a rule 10 ms of the rate, or a block where that is less
   * @returns ms, with fractions; 0 where they may go now
   */
  delay(bytes = this.step): number {
    if (this.bytesPerMs === 0) return 0;
    this.allowance();
    return Math.max(0, (bytes - this.level) / this.bytesPerMs);
  }
}
