import { parseHttpDate } from '../../http/dates.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { TransferError } from '../failure.js';
import { BrokenConnection } from './broken.js';

/** Ms. */
const firstPause = 500;
const longestPause = 60_000;
/** What a server may ask for with Retry-After, in ms; who asks for more is not waited for. */
const longestAsked = 5 * 60_000;
/** Bytes: after so much, a failure is the first in a row. */
const progress = 1024 * 1024;

/** The server answers, but not with the file: it may later. */
export class NotNow extends BrokenConnection {
  /** @param askedMs how long the server asks to wait, in ms; 0 where it does not */
  constructor(
    message: string,
    readonly askedMs: number,
  ) {
    super(message, 'peer');
  }
}

/** How often something was tried in vain, and how long to wait before the next try: twice as long each time, and never for all at the same moment. */
export class Retries {
  private failed = 0;
  /** Bytes that were there when a failure was last forgiven, or first counted. */
  private best = 0;

  /**
   * @param most tries after the first one
   * @param random 0 to 1
   */
  constructor(
    readonly most: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** How many failures there were in a row. */
  get count(): number {
    return this.failed;
  }

  /**
   * One more failure.
   * @param there bytes that are there by now, which may be fewer than at the last failure: where there is clearly more than ever
   * before, the failures until now are forgotten
   * @param askedMs how long the server asks to wait, in ms
   * @returns ms to wait, or null where the tries are used up
   */
  next(there: number, askedMs = 0): number | null {
    if (there >= this.best + progress) {
      this.best = there;
      this.failed = 0;
    }
    if (this.failed >= this.most || askedMs > longestAsked) return null;
    const pause = Math.min(longestPause, firstPause * 2 ** this.failed);
    this.failed += 1;
    return Math.max(askedMs, pause * (0.5 + this.random() / 2));
  }

  /** What the user is told. @param wait ms, what `next` gave */
  announce(wait: number): string {
    const seconds = Math.max(0.1, wait / 1000).toFixed(1);
    return `again in ${seconds} s (try ${this.failed + 1} of ${this.most + 1})`;
  }
}

/** Whether another try may help: the connection broke or could not be made, or the server asks for patience. */
export function isPassing(error: unknown): error is TransferError {
  return error instanceof BrokenConnection || (error instanceof TransferError && error.kind === 'network');
}

/** How long the server asks to wait, in ms; 0 where it does not. */
export function askedMs(error: unknown): number {
  return error instanceof NotNow ? error.askedMs : 0;
}

/** Whether a status says that it may be another one later (RFC 9110 section 15): 408, 429, and 5xx but for what the server cannot do. */
export function isPassingStatus(status: number): boolean {
  if (status === 408 || status === 429) return true;
  return status >= 500 && status <= 599 && status !== 501 && status !== 505;
}

/**
 * What Retry-After asks for (RFC 9110 section 10.2.3).
 * @param now ms since 1970
 * @returns ms; 0 where there is none, or none that can be read
 */
export function retryAfter(head: ReceivedHead, now: number): number {
  const text = head.get('retry-after') ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text);
  return date < 0 ? 0 : Math.max(0, date * 1000 - now);
}
