import { ChunkedDecoder } from '../../http/chunked.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { ResponseParser } from '../../http/response-parser.js';
import { TransferError } from '../failure.js';
import { type BodyLength, bodyLength } from '../http/body.js';
import { plain } from '../plain.js';
import { mostText } from './attempt.js';

/** A server that says nothing but "wait" is not waited for. */
const mostInterim = 100;

/** Reads what the server says: interim heads, and the one that counts with the beginning of its body. */
export class AnswerReader {
  /** The head that counts, when it has come. */
  head: ReceivedHead | null = null;
  /** Whether "100 Continue" has come. */
  isContinued = false;
  /** All of the answer has come, or as much of it as is kept. */
  isWhole = false;
  /** A byte string. */
  text = '';
  private readonly parser = new ResponseParser();
  private readonly decoder = new ChunkedDecoder();
  private body: BodyLength = { kind: 'none' };
  private interim = 0;
  /** Bytes of the body so far. */
  private length = 0;

  /** @param peer the server, for messages */
  constructor(private readonly peer: string) {}

  /**
   * Takes the first `end` bytes, which came next.
   * @throws TransferError (kind peer) where they are no answer
   */
  take(bytes: Buffer, end: number): void {
    let at = 0;
    while (at < end && !this.isWhole) {
      at = this.head === null ? this.takeHead(bytes, at, end) : this.takeBody(bytes, at, end);
    }
  }

  private takeHead(bytes: Buffer, start: number, end: number): number {
    const at = this.parser.parse(bytes, start, end);
    if (at < 0) throw new TransferError(`the answer of ${this.peer} ${plain(this.parser.problem)}`, 'peer');
    const { head } = this.parser;
    if (head === null) return at;
    if (!head.isInterim) {
      this.head = head;
      this.body = bodyLength(head, 'PUT');
      this.isWhole = this.body.kind === 'none' || (this.body.kind === 'length' && this.body.length === 0);
      return at;
    }
    this.interim += 1;
    if (this.interim > mostInterim) {
      throw new TransferError(`${this.peer} has answered ${this.interim} times without an answer that counts`, 'peer');
    }
    if (head.status === 100) this.isContinued = true;
    this.parser.reset();
    return at;
  }

  private takeBody(bytes: Buffer, start: number, end: number): number {
    if (this.body.kind === 'chunked') return this.takeChunked(bytes, start, end);
    const left = this.body.kind === 'length' ? this.body.length - this.length : Number.POSITIVE_INFINITY;
    const after = Math.min(end, start + left);
    this.keep(bytes, start, after);
    if (after - start === left) this.isWhole = true;
    return end;
  }

  private takeChunked(bytes: Buffer, start: number, end: number): number {
    const at = this.decoder.decode(bytes, start, end);
    this.keep(bytes, this.decoder.dataStart, this.decoder.dataEnd);
    // what came until a mistake of the server's is worth showing all the same
    if (at < 0 || this.decoder.done) this.isWhole = true;
    return at;
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    this.length += end - start;
    this.text += bytes.latin1Slice(start, Math.min(end, start + mostText - this.text.length));
    if (this.text.length >= mostText) this.isWhole = true;
  }
}
