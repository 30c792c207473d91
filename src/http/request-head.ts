/**
 * The head of one request, as the parser leaves it. Every text is a byte string: a latin1 string in which each char code
 * is one byte as it came from the wire.
 */

/** Offsets recorded for each header line: start and end of the name, start and end of the value. */
const NUMBERS_PER_LINE = 4;
/** Room for 32 header lines at first; it doubles when a request has more, and the parser's maxHead bounds it. */
const FIRST_LINES = 32;
/** One request with thousands of lines must not make every kept connection heavy: more room than this is given back. */
const KEPT_LINES = 256;

export class RequestHead {
  /** As sent: "GET". '' when the request line could not be read that far. */
  method = '';
  /** The request line without CR and LF (nginx's $request). */
  requestLine = '';
  /** Path and query as sent (nginx's $request_uri); for the absolute form without scheme and host. */
  target = '';
  /** Decoded, dot segments resolved, slashes merged where the option says so (nginx's $uri). */
  path = '';
  /** What follows "?", up to a fragment; '' if none. */
  args = '';
  /** Whether there was a "?". */
  hasArgs = false;
  /** 9, 1000 or 1001: HTTP/0.9, 1.0, 1.1 and later 1.x. */
  version: 9 | 1000 | 1001 = 1000;
  /** As sent: "HTTP/1.1"; '' under HTTP/0.9. */
  protocol = '';
  /** Lower case, without port and trailing dot, from the absolute target or else from Host; '' if none. */
  host = '';
  /** The Host header's value as sent; '' if none. */
  hostHeader = '';
  /** Bytes; -1 if there is no Content-Length. */
  contentLength = -1;
  /** Whether the body comes in chunks. */
  chunked = false;
  /** What version and Connection say. */
  keepAlive = false;
  /** Whether the client waits for "100 Continue". */
  expectContinue = false;

  ifModifiedSince: string | undefined = undefined;
  ifUnmodifiedSince: string | undefined = undefined;
  ifMatch: string | undefined = undefined;
  ifNoneMatch: string | undefined = undefined;
  ifRange: string | undefined = undefined;
  range: string | undefined = undefined;
  userAgent: string | undefined = undefined;
  referer: string | undefined = undefined;
  authorization: string | undefined = undefined;
  /** Several lines are joined with ", ". */
  xForwardedFor: string | undefined = undefined;
  /** Several lines are joined with "; ". */
  cookie: string | undefined = undefined;
  contentType: string | undefined = undefined;

  /** Bytes of the head without empty lines before it; up to the mistake where it is refused, as nginx counts $request_length. */
  length = 0;

  /** The whole head; the recorded offsets point into it. */
  private text = '';
  private lines = new Int32Array(FIRST_LINES * NUMBERS_PER_LINE);
  private lineCount = 0;

  /** Makes it ready for the next request of the connection. */
  reset(): void {
    this.method = '';
    this.requestLine = '';
    this.target = '';
    this.path = '';
    this.args = '';
    this.hasArgs = false;
    this.version = 1000;
    this.protocol = '';
    this.host = '';
    this.hostHeader = '';
    this.contentLength = -1;
    this.chunked = false;
    this.keepAlive = false;
    this.expectContinue = false;
    this.ifModifiedSince = undefined;
    this.ifUnmodifiedSince = undefined;
    this.ifMatch = undefined;
    this.ifNoneMatch = undefined;
    this.ifRange = undefined;
    this.range = undefined;
    this.userAgent = undefined;
    this.referer = undefined;
    this.authorization = undefined;
    this.xForwardedFor = undefined;
    this.cookie = undefined;
    this.contentType = undefined;
    this.length = 0;
    this.text = '';
    this.lineCount = 0;
    if (this.lines.length > KEPT_LINES * NUMBERS_PER_LINE) this.lines = new Int32Array(FIRST_LINES * NUMBERS_PER_LINE);
  }

  /** Takes over all that another one holds. */
  copy(other: RequestHead): void {
    this.method = other.method;
    this.requestLine = other.requestLine;
    this.target = other.target;
    this.path = other.path;
    this.args = other.args;
    this.hasArgs = other.hasArgs;
    this.version = other.version;
    this.protocol = other.protocol;
    this.host = other.host;
    this.hostHeader = other.hostHeader;
    this.contentLength = other.contentLength;
    this.chunked = other.chunked;
    this.keepAlive = other.keepAlive;
    this.expectContinue = other.expectContinue;
    this.ifModifiedSince = other.ifModifiedSince;
    this.ifUnmodifiedSince = other.ifUnmodifiedSince;
    this.ifMatch = other.ifMatch;
    this.ifNoneMatch = other.ifNoneMatch;
    this.ifRange = other.ifRange;
    this.range = other.range;
    this.userAgent = other.userAgent;
    this.referer = other.referer;
    this.authorization = other.authorization;
    this.xForwardedFor = other.xForwardedFor;
    this.cookie = other.cookie;
    this.contentType = other.contentType;
    this.length = other.length;
    this.text = other.text;
    this.lineCount = other.lineCount;
    while (this.lines.length < other.lineCount * NUMBERS_PER_LINE) this.growLines();
    for (let i = 0; i < other.lineCount * NUMBERS_PER_LINE; i++) this.lines[i] = other.lines[i];
  }

  /**
   * The value of any header.
   * @param lowerCaseName the header's name in lower case
   * @returns its value, several lines of one name joined with ", " (RFC 9110 section 5.2), or undefined
   */
  get(lowerCaseName: string): string | undefined {
    return this.joined(lowerCaseName, ', ');
  }

  /** As `get`, but the first line of that name alone. */
  first(lowerCaseName: string): string | undefined {
    for (let line = 0; line < this.lineCount; line++) {
      if (this.isNamed(line, lowerCaseName)) return this.lineValue(line);
    }
    return undefined;
  }

  /** As `get`, with the given separator between the lines. */
  joined(lowerCaseName: string, separator: string): string | undefined {
    let value: string | undefined;
    for (let line = 0; line < this.lineCount; line++) {
      if (!this.isNamed(line, lowerCaseName)) continue;
      const part = this.lineValue(line);
      value = value === undefined ? part : value + separator + part;
    }
    return value;
  }

  /**
   * Notes a header line; used by the parser.
   * @param nameStart offsets in bytes from the head's start
   * @returns the line's number, from 0
   */
  addLine(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): number {
    const line = this.lineCount++;
    const at = line * NUMBERS_PER_LINE;
    if (at === this.lines.length) this.growLines();
    const { lines } = this;
    lines[at] = nameStart;
    lines[at + 1] = nameEnd;
    lines[at + 2] = valueStart;
    lines[at + 3] = valueEnd;
    return line;
  }

  /** Lines that were noted. */
  get size(): number {
    return this.lineCount;
  }

  /** Forgets the lines behind so many: as if the head had been read up to the first of them. */
  keepLines(count: number): void {
    this.length -= this.text.length - this.lineEnd(count);
    this.lineCount = count;
  }

  /** Sets the text that the recorded offsets point into; used by the parser. */
  setText(text: string): void {
    this.text = text;
  }

  /** A part of the head's text. */
  slice(from: number, to: number): string {
    return this.text.substring(from, to);
  }

  /** The name of a noted line as sent, by its number. */
  lineName(line: number): string {
    const at = line * NUMBERS_PER_LINE;
    return this.text.substring(this.lines[at], this.lines[at + 1]);
  }

  /** The value of a noted line, by its number. */
  lineValue(line: number): string {
    const at = line * NUMBERS_PER_LINE;
    return this.text.substring(this.lines[at + 2], this.lines[at + 3]);
  }

  /** Where a noted line ends, line end included, as an offset from the head's start. */
  lineEnd(line: number): number {
    return this.text.indexOf('\n', this.lines[line * NUMBERS_PER_LINE + 3]) + 1;
  }

  private growLines(): void {
    const larger = new Int32Array(this.lines.length * 2);
    larger.set(this.lines);
    this.lines = larger;
  }

  private isNamed(line: number, lowerCaseName: string): boolean {
    const start = this.lines[line * NUMBERS_PER_LINE];
    const end = this.lines[line * NUMBERS_PER_LINE + 1];
    if (end - start !== lowerCaseName.length) return false;
    for (let i = start; i < end; i++) {
      const code = this.text.charCodeAt(i);
      const lower = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
      if (lower !== lowerCaseName.charCodeAt(i - start)) return false;
    }
    return true;
  }
}
