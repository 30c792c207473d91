import { ChunkedDecoder } from '../http/chunked.js';
import type { RequestHead } from '../http/request-head.js';

/** Takes the bytes of a body that is not to be dropped: 0, or a status that ends the request. */
export interface BodySink {
  take(bytes: Buffer, start: number, end: number): number;
}

/** Finds the end of a request's body, which is read to be dropped, or for somebody who wants it. */
export class BodyReader {
  /** Bytes that are still to come; -1 when it comes in chunks, Infinity when all that comes is dropped. */
  private remaining = 0;
  private chunks: ChunkedDecoder | null = null;
  private broken = false;
  bytesRead = 0;
  /** Null where nobody wants it. */
  sink: BodySink | null = null;
  /** Why it is broken, where that is a reason to answer: a status, else 0. */
  status = 0;

  /** @param head of the request that the body belongs to; null for none */
  begin(head: RequestHead | null): void {
    this.bytesRead = 0;
    this.broken = false;
    this.sink = null;
    this.status = 0;
    this.chunks = null;
    this.remaining = head === null ? 0 : Math.max(0, head.contentLength);
    if (head?.chunked) {
      this.remaining = -1;
      this.chunks = new ChunkedDecoder();
    }
  }

  get isPending(): boolean {
    return this.remaining !== 0 && !this.broken;
  }

  /** The body breaks the rules of its coding or ended too early: where the next request would begin is not known. */
  get isBroken(): boolean {
    return this.broken;
  }

  /** Bytes of the chunks so far; 0 where it does not come in chunks. */
  get chunkedSize(): number {
    return this.chunks?.size ?? 0;
  }

  fail(): void {
    this.broken = true;
  }

  /** From now on all that comes is to be dropped. */
  dropAll(): void {
    this.broken = false;
    this.chunks = null;
    this.sink = null;
    this.remaining = Number.POSITIVE_INFINITY;
  }

  /** Takes what belongs to the body out of bytes; gives how many that were. */
  consume(bytes: Buffer, start: number, end: number): number {
    if (!this.isPending) return 0;
    const used = this.chunks === null ? this.consumePlain(bytes, start, end) : this.consumeChunks(bytes, start, end);
    this.bytesRead += used;
    return used;
  }

  private consumePlain(bytes: Buffer, start: number, end: number): number {
    const used = Math.min(this.remaining, end - start);
    this.remaining -= used;
    if (this.sink !== null) this.hand(this.sink, bytes, start, start + used);
    return used;
  }

  private consumeChunks(bytes: Buffer, start: number, end: number): number {
    const chunks = this.chunks as ChunkedDecoder;
    const next =
      this.sink === null ? chunks.skip(bytes, start, end) : this.decode(this.sink, chunks, bytes, start, end);
    if (next < 0) {
      this.broken = true;
      if (this.status === 0) this.status = 400;
      return end - start;
    }
    if (chunks.done) this.remaining = 0;
    return next - start;
  }

  private decode(sink: BodySink, chunks: ChunkedDecoder, bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at >= 0 && at < end && !chunks.done) {
      at = chunks.decode(bytes, at, end);
      if (at >= 0 && !this.hand(sink, bytes, chunks.dataStart, chunks.dataEnd)) return -1;
    }
    return at;
  }

  private hand(sink: BodySink, bytes: Buffer, start: number, end: number): boolean {
    this.status = sink.take(bytes, start, end);
    if (this.status !== 0) this.broken = true;
    return this.status === 0;
  }
}
