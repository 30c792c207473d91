import { isUnique, KNOWN_COUNT, Known, recognize } from './known-headers.js';
import type { RequestHead } from './request-head.js';

const SPACE = 0x20;
const CR = 13;
const LF = 10;
const COLON = 0x3a;

const State = { LineStart: 0, Name: 1, BeforeValue: 2, Value: 3, LineFeed: 4, LastLineFeed: 5, Done: 6 };

/** Bytes of a header's name. */
const Byte = { Bad: 0, Good: 1, Odd: 2, Underscore: 3 };
const NAME_BYTES = new Uint8Array(256).fill(Byte.Odd, 0x21).fill(Byte.Bad, 0x7f, 0x80);
for (const char of '-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
  NAME_BYTES[char.charCodeAt(0)] = Byte.Good;
NAME_BYTES[0x5f] = Byte.Underscore;
NAME_BYTES[COLON] = Byte.Bad;

/** What Connection said last. */
export const Persistence = { Unsaid: 0, Close: 1, KeepAlive: 2 };

/** How header names are judged: nginx's directives ignore_invalid_headers and underscores_in_headers; and how many lines there may be, and how long. */
export interface HeaderOptions {
  readonly ignoreInvalidHeaders: boolean;
  readonly underscoresInHeaders: boolean;
  /** Lines, without those that are ignored. */
  readonly maxHeaders: number;
  /** Bytes, line end included. */
  readonly maxLine: number;
}

/**
 * Scans the header lines of a request (RFC 9112 section 5) in any number of pieces, each byte once, and notes in the
 * RequestHead where they are. A line is never folded: one that begins with a space is refused.
 */
export class HeaderScanner {
  /** Why a line was refused, in nginx's words. */
  reason = '';
  /** Where the lines end that could be read so far, as an offset from the head's start. */
  accepted = 0;
  /** Where lines begin and end that were left out for their names (`ignore_invalid_headers`). */
  readonly ignored: number[] = [];
  persistence = Persistence.Unsaid;
  /** For each known header the number of its first line plus one; 0 where there is none. */
  readonly first = new Int32Array(KNOWN_COUNT);
  /** For each known header how often it came. */
  readonly count = new Int32Array(KNOWN_COUNT);
  private state = State.LineStart;
  private nameStart = 0;
  private nameEnd = 0;
  private valueStart = 0;
  private valueEnd = 0;
  private odd = false;

  reset(): void {
    this.reason = '';
    if (this.ignored.length > 0) this.ignored.length = 0;
    this.persistence = Persistence.Unsaid;
    // a loop: for so few numbers the call of fill() alone costs more
    for (let known = 0; known < KNOWN_COUNT; known++) {
      this.first[known] = 0;
      this.count[known] = 0;
    }
    this.state = State.LineStart;
    this.odd = false;
  }

  /**
   * Goes on at `from`.
   * @param base where the head starts in `bytes`
   * @param limit the end of the bytes that may be read
   * @param capped whether `limit` is where the head grows too large, rather than the end of what has come
   * @returns the position after the empty line, 0 when `limit` came first, or a negative status
   */
  scan(
    bytes: Buffer,
    base: number,
    from: number,
    limit: number,
    capped: boolean,
    head: RequestHead,
    options: HeaderOptions,
  ): number {
    let at = from;
    if (this.state === State.LineStart) this.accepted = from - base;
    while (at < limit) {
      if (this.state === State.LineStart) this.nameStart = at - base;
      const lineCap = base + this.nameStart + options.maxLine;
      const lineLimit = Math.min(lineCap, limit);
      at = this.line(bytes, base, at, lineLimit, options);
      if (at < 0) return at;
      if (this.state === State.LineStart) {
        this.accepted = at - base;
        const status = this.note(bytes, base, head, options);
        if (status < 0) return status;
      } else if (this.state === State.Done) {
        return at;
      } else if (at === lineCap) {
        return this.tooLong(bytes, base, at);
      }
    }
    return capped ? this.tooLarge() : 0;
  }

  /** Goes on with one line, to its end or to `limit`. */
  private line(bytes: Buffer, base: number, from: number, limit: number, options: HeaderOptions): number {
    let at = from;
    if (this.state === State.LineStart) at = this.lineStart(bytes, base, at);
    if (this.state === State.Name && at > 0) at = this.name(bytes, base, at, limit, options);
    if (this.state === State.BeforeValue && at > 0) at = this.beforeValue(bytes, base, at, limit);
    if (this.state === State.Value && at > 0) at = this.value(bytes, base, at, limit);
    if (this.state >= State.LineFeed && this.state !== State.Done && at > 0 && at < limit)
      at = this.lineFeed(bytes, base, at);
    return at;
  }

  private lineStart(bytes: Buffer, base: number, at: number): number {
    const code = bytes[at];
    if (code === CR) {
      this.state = State.LastLineFeed;
      return at + 1;
    }
    if (code === LF) {
      this.state = State.Done;
      return at + 1;
    }
    if (NAME_BYTES[code] === Byte.Bad) return this.refuse(bytes, base, at);
    this.odd = false;
    this.state = State.Name;
    return at;
  }

  private name(bytes: Buffer, base: number, from: number, limit: number, options: HeaderOptions): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      const kind = NAME_BYTES[code];
      if (kind === Byte.Good) continue;
      if (code === COLON) {
        this.nameEnd = at - base;
        this.state = State.BeforeValue;
        return at + 1;
      }
      if (kind === Byte.Odd || (kind === Byte.Underscore && !options.underscoresInHeaders)) {
        this.odd = true;
      } else if (kind === Byte.Bad) {
        if (code !== CR && code !== LF) return this.refuse(bytes, base, at);
        this.nameEnd = at - base;
        this.valueStart = at - base;
        return this.endValue(code, base, at);
      }
    }
    return limit;
  }

  private beforeValue(bytes: Buffer, base: number, from: number, limit: number): number {
    let at = from;
    while (at < limit && bytes[at] === SPACE) at++;
    if (at === limit) return limit;
    this.valueStart = at - base;
    this.state = State.Value;
    return at;
  }

  private value(bytes: Buffer, base: number, from: number, limit: number): number {
    for (let at = from; at < limit; at++) {
      const code = bytes[at];
      if (code > CR) continue;
      if (code === CR || code === LF) {
        let end = at;
        while (end > base + this.valueStart && bytes[end - 1] === SPACE) end--;
        return this.endValue(code, base, at, end);
      }
      if (code === 0) return this.refuse(bytes, base, at);
    }
    return limit;
  }

  private endValue(code: number, base: number, at: number, valueEnd = at): number {
    this.valueEnd = valueEnd - base;
    this.state = code === CR ? State.LineFeed : State.LineStart;
    return at + 1;
  }

  private lineFeed(bytes: Buffer, base: number, at: number): number {
    if (bytes[at] !== LF) return this.refuse(bytes, base, at - 1);
    this.state = this.state === State.LastLineFeed ? State.Done : State.LineStart;
    return at + 1;
  }

  /** Takes a complete line in; 0, -400 for a second one of a header that may come only once, or -494 for one too many. */
  private note(bytes: Buffer, base: number, head: RequestHead, options: HeaderOptions): number {
    if (this.odd && options.ignoreInvalidHeaders) {
      this.ignored.push(this.nameStart, this.valueEnd);
      return 0;
    }
    if (head.size >= options.maxHeaders) return this.tooMany();
    const line = head.addLine(this.nameStart, this.nameEnd, this.valueStart, this.valueEnd);
    const id = recognize(bytes, base + this.nameStart, base + this.nameEnd);
    if (id === Known.None) return 0;
    if (this.count[id]++ === 0) this.first[id] = line + 1;
    else if (isUnique(id)) return this.duplicate(bytes, base, id, line, head);
    if (id === Known.Connection) this.connection(bytes, base);
    return 0;
  }

  /** nginx looks for the words anywhere in the value; "close" counts more, and the last line that says something wins. */
  private connection(bytes: Buffer, base: number): void {
    const start = base + this.valueStart;
    const end = base + this.valueEnd;
    if (contains(bytes, start, end, 'close')) this.persistence = Persistence.Close;
    else if (contains(bytes, start, end, 'keep-alive')) this.persistence = Persistence.KeepAlive;
  }

  private duplicate(bytes: Buffer, base: number, id: number, line: number, head: RequestHead): number {
    head.setText(bytes.latin1Slice(base, base + this.valueEnd));
    const previous = this.first[id] - 1;
    const what = id === Known.Host ? 'duplicate host header' : 'duplicate header line';
    const now = `"${head.lineName(line)}: ${head.lineValue(line)}"`;
    this.reason = `client sent ${what}: ${now}, previous value: "${head.lineName(previous)}: ${head.lineValue(previous)}"`;
    return -400;
  }

  private refuse(bytes: Buffer, base: number, at: number): number {
    const line = bytes.latin1Slice(base + this.nameStart, at);
    const code = bytes[at].toString(16).padStart(2, '0');
    this.reason = `client sent invalid header line: "${line}\\x${code}..."`;
    return -400;
  }

  /** nginx cuts the line in its log, which has 2048 bytes for a message, 300 bytes before the end. */
  private tooLong(bytes: Buffer, base: number, at: number): number {
    const start = base + this.nameStart;
    this.reason = `client sent too long header line: "${bytes.latin1Slice(start, Math.min(at, start + 2048 - 300))}..."`;
    return -494;
  }

  private tooMany(): number {
    this.reason = 'client sent too many header lines';
    return -494;
  }

  private tooLarge(): number {
    this.reason = 'client sent too large request';
    return -494;
  }
}

/** Whether the bytes contain a word of letters and dashes, given in lower case. */
function contains(bytes: Buffer, start: number, end: number, word: string): boolean {
  const last = end - word.length;
  for (let from = start; from <= last; from++) {
    let i = 0;
    while (i < word.length && (bytes[from + i] | 0x20) === word.charCodeAt(i)) i++;
    if (i === word.length) return true;
  }
  return false;
}
