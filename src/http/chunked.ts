import { hexValue } from './ascii.js';

const CR = 13;
const LF = 10;
const SEMICOLON = 0x3b;

const State = {
  Size: 0,
  Extension: 1,
  SizeLineFeed: 2,
  Data: 3,
  DataEnd: 4,
  DataLineFeed: 5,
  Trailer: 6,
  TrailerLineFeed: 7,
  Done: 8,
};

/** Bytes of chunk extensions that a body may have in all: nobody reads them, and unbounded they are work for nothing. */
const MAX_EXTENSIONS = 16384;
/** Bytes of trailer lines that a body may have in all. */
const MAX_TRAILERS = 8192;
/** More digits than any size has, leading zeros included. */
const MAX_DIGITS = 16;

/**
 * Reads a chunked body (RFC 9112 section 7.1) in any number of pieces with a few numbers of state. It is strict: lines end with
 * CR LF, sizes are hexadecimal digits alone, and extensions and trailers are bounded and dropped.
 */
export class ChunkedDecoder {
  /** Whether the whole body, trailers included, has been read. */
  done = false;
  /** Bytes of body found so far, in all chunks; the chunk that is being read counts as a whole. */
  size = 0;
  /** Where the body bytes are that the last `decode` found; equal where it found none. */
  dataStart = 0;
  dataEnd = 0;
  private state = State.Size;
  private remaining = 0;
  private digits = 0;
  private extensions = 0;
  private trailers = 0;
  private lineLength = 0;

  /** Begins a new body. */
  reset(): void {
    this.done = false;
    this.size = 0;
    this.dataStart = 0;
    this.dataEnd = 0;
    this.state = State.Size;
    this.remaining = 0;
    this.digits = 0;
    this.extensions = 0;
    this.trailers = 0;
    this.lineLength = 0;
  }

  /**
   * Reads on until body bytes are found, the body is over (`done`) or the input is; call it again until it returns `end` or
   * `done` is set.
   * @returns the position after what was read, or -400 for a malformed body
   */
  decode(bytes: Buffer, start: number, end: number): number {
    this.dataStart = start;
    this.dataEnd = start;
    let at = start;
    while (at < end && !this.done) {
      if (this.state === State.Data) return this.data(at, end);
      const verdict = this.take(bytes[at++]);
      if (verdict < 0) return verdict;
    }
    return at;
  }

  /**
   * Reads on and drops the body.
   * @returns the position after what was read (`end`, or with `done` set where the next request begins), or -400
   */
  skip(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at >= 0 && at < end && !this.done) at = this.decode(bytes, at, end);
    return at;
  }

  private data(at: number, end: number): number {
    const length = Math.min(this.remaining, end - at);
    this.dataStart = at;
    this.dataEnd = at + length;
    this.remaining -= length;
    if (this.remaining === 0) this.state = State.DataEnd;
    return this.dataEnd;
  }

  /** Takes one byte that is not body; 0, or -400. */
  private take(code: number): number {
    switch (this.state) {
      case State.Size:
        return this.takeSize(code);
      case State.Extension:
        return this.takeExtension(code);
      case State.SizeLineFeed:
        return this.takeLineFeed(code, this.beginsData());
      case State.DataEnd:
        this.state = State.DataLineFeed;
        return code === CR ? 0 : -400;
      case State.DataLineFeed:
        this.digits = 0;
        return this.takeLineFeed(code, State.Size);
      case State.Trailer:
        return this.takeTrailer(code);
      default:
        return this.takeTrailerLineFeed(code);
    }
  }

  private takeSize(code: number): number {
    const value = hexValue(code);
    if (value >= 0) {
      this.remaining = this.remaining * 16 + value;
      return ++this.digits <= MAX_DIGITS && this.size + this.remaining <= Number.MAX_SAFE_INTEGER ? 0 : -400;
    }
    if (this.digits === 0) return -400;
    return this.takeExtension(code, true);
  }

  /** From after the size to the line's end; blanks may stand before the semicolon. */
  private takeExtension(code: number, first = false): number {
    if (code === CR) {
      this.state = State.SizeLineFeed;
      return 0;
    }
    const blank = code === 0x20 || code === 9;
    if (first && code !== SEMICOLON && !blank) return -400;
    if ((code < 0x20 && !blank) || code === 0x7f) return -400;
    this.state = State.Extension;
    return ++this.extensions <= MAX_EXTENSIONS ? 0 : -400;
  }

  private beginsData(): number {
    return this.remaining === 0 ? State.Trailer : State.Data;
  }

  private takeLineFeed(code: number, next: number): number {
    if (code !== LF) return -400;
    if (next === State.Data) this.size += this.remaining;
    this.state = next;
    return 0;
  }

  private takeTrailer(code: number): number {
    if (code === CR) {
      this.state = State.TrailerLineFeed;
      return 0;
    }
    if (code === LF || code === 0) return -400;
    this.lineLength++;
    return ++this.trailers <= MAX_TRAILERS ? 0 : -400;
  }

  private takeTrailerLineFeed(code: number): number {
    if (code !== LF) return -400;
    this.done = this.lineLength === 0;
    this.state = this.done ? State.Done : State.Trailer;
    this.lineLength = 0;
    return 0;
  }
}
