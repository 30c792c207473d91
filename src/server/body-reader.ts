import { ChunkedDecoder } from '../http/chunked.js';
import type { RequestHead } from '../http/request-head.js';

/** Finds the end of a request's body, which is read only to be dropped. */
export class BodyReader {
  /** Bytes that are still to come; -1 when it comes in chunks, Infinity when all that comes is dropped. */
  private remaining = 0;
  private chunks: ChunkedDecoder | null = null;
  private broken = false;
  bytesRead = 0;

  /** @param head of the request that the body belongs to; null for none */
  begin(head: RequestHead | null): void {
    this.bytesRead = 0;
    this.broken = false;
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

  fail(): void {
    this.broken = true;
  }

  /** From now on all that comes is to be dropped. */
  dropAll(): void {
    this.broken = false;
    this.chunks = null;
    this.remaining = Number.POSITIVE_INFINITY;
  }

  /** Takes what belongs to the body out of bytes; gives how many that were. */
  consume(bytes: Buffer, start: number, end: number): number {
    if (!this.isPending) return 0;
    const used = this.chunks === null ? Math.min(this.remaining, end - start) : this.consumeChunks(bytes, start, end);
    if (this.chunks === null) this.remaining -= used;
    this.bytesRead += used;
    return used;
  }

  private consumeChunks(bytes: Buffer, start: number, end: number): number {
    const chunks = this.chunks as ChunkedDecoder;
    const next = chunks.skip(bytes, start, end);
    if (next < 0) {
      this.broken = true;
      return end - start;
    }
    if (chunks.done) this.remaining = 0;
    return next - start;
  }
}
