import type { ReceivedHead } from '../../http/received-head.js';
import type { Ask } from './ask.js';

/** Whether an answer is the one that has to come. */

/** A 304 has no body, whatever its fields say (RFC 9110 section 15.4.5). */
export function bodyLengthOf(head: ReceivedHead): number {
  return head.status === 304 ? 0 : Number(head.get('content-length') ?? Number.NaN);
}

/** What is wrong with a head, as the end of a sentence that begins with the server; '' where nothing is. */
export function wrongHead(head: ReceivedHead, ask: Ask): string {
  if (head.status !== ask.status) return `answered "${head.statusText}" and not ${ask.status}`;
  if (head.status === 304) return '';
  const length = head.get('content-length');
  if (length === undefined) return 'sent no Content-Length';
  if (Number(length) !== ask.length) return `sent a Content-Length of ${length} and not of ${ask.length}`;
  const range = head.get('content-range');
  if (ask.contentRange !== undefined && range !== ask.contentRange) {
    return `sent the Content-Range "${range ?? ''}" and not "${ask.contentRange}"`;
  }
  const coding = head.get('content-encoding');
  return coding === undefined ? '' : `sent the body in the coding "${coding}"`;
}

const CR = 13;
const LF = 10;
/** Where the status begins in "HTTP/1.1 200". */
const statusAt = 9;

/**
 * What the heads of one ask have looked like so far. Servers write the same head again and again, but for the time in it: where size,
 * status and length stand as before, it need not be read word by word.
 */
export class HeadShape {
  private status: readonly number[] = [];
  private length: readonly number[] = [];
  private lengthAt = -1;
  size = 0;

  /** Learns from a head that was read and found right. */
  learn(text: string, ask: Ask): void {
    const found = /\r\ncontent-length: ?(?=\d)/i.exec(text);
    // with the blank or colon before the digits: there are no more of them
    this.lengthAt = found === null ? -1 : found.index + found[0].length - 1;
    this.length = codes(`${found?.[0].at(-1)}${ask.length}\r\n`);
    this.status = codes(`${ask.status}`);
    this.size = ask.status === 304 || found !== null ? text.length : 0;
  }

  /** Whether the first `count` bytes begin with such a head. */
  fits(bytes: Buffer, count: number): boolean {
    const { size } = this;
    if (size === 0 || count < size) return false;
    if (bytes[size - 1] !== LF || bytes[size - 2] !== CR || bytes[size - 3] !== LF || bytes[size - 4] !== CR)
      return false;
    if (!stands(bytes, statusAt, this.status)) return false;
    return this.lengthAt < 0 || stands(bytes, this.lengthAt, this.length);
  }
}

function codes(text: string): number[] {
  return Array.from(text, char => char.charCodeAt(0));
}

function stands(bytes: Buffer, at: number, expected: readonly number[]): boolean {
  for (let index = 0; index < expected.length; index++) if (bytes[at + index] !== expected[index]) return false;
  return true;
}
