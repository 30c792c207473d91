import { checkHeaders, fillHeaders, fillRequestLine, rawPath } from './head-fields.js';
import { type HeaderOptions, HeaderScanner } from './header-scanner.js';
import { normalizeHost } from './host.js';
import { RepeatedHeads } from './repeated-heads.js';
import type { RequestHead } from './request-head.js';
import { RequestLineScanner } from './request-line.js';
import { normalizePath } from './uri.js';

const CR = 13;
const LF = 10;

const Phase = { Before: 0, Line: 1, Headers: 2, Done: 3 };

const IN_LINE = ' while reading client request line';
const IN_HEADERS = ' while reading client request headers';

/** What the configuration says about requests: one object for each that differs. */
export interface ParserOptions extends HeaderOptions {
  /** The directive merge_slashes. */
  readonly mergeSlashes: boolean;
  /** Bytes that the request line or one header line may have, line end included (a buffer of large_client_header_buffers). */
  readonly maxLine: number;
  /** Bytes that the whole head may have. */
  readonly maxHead: number;
}

/** For all connections. */
const repeated = new RepeatedHeads();

/**
 * Reads the heads of the requests of one connection, one after the other. It follows nginx 1.22 in what it accepts and with
 * what status and words it refuses.
 */
export class RequestParser {
  /** After a negative result: nginx's words for the error log, up to "while reading client request …". */
  reason = '';
  /** May be set between two requests. */
  options: ParserOptions;
  private readonly line = new RequestLineScanner();
  private readonly headers = new HeaderScanner();
  private phase = Phase.Before;
  /** Bytes from the head's start that have been scanned. */
  private scanned = 0;
  /** Path and host as the request line gives them; '' where the usual substring will do. */
  private path = '';
  private host = '';

  constructor(options: ParserOptions) {
    this.options = options;
  }

  /** Forgets a request that was begun. It is not needed after a result other than 0. */
  reset(): void {
    this.reason = '';
    this.phase = Phase.Before;
    this.scanned = 0;
    this.path = '';
    this.host = '';
  }

  /**
   * Reads on in a request head. Bytes that were seen by an earlier call are not scanned again; they may have moved.
   * @param start where the request's bytes begin; empty lines before the request line are skipped and belong to the head
   * @param end where the bytes end
   * @param head receives the request; it is reset first
   * @returns the position after the head, 0 when more bytes are needed, or a negative HTTP status (-400, -405, -414, -494,
   * -501, -505) with `reason` set, and in `head` what is known
   */
  parse(bytes: Buffer, start: number, end: number, head: RequestHead): number {
    if (this.phase === Phase.Done) this.reset();
    if (this.phase === Phase.Before && this.scanned === 0) {
      const known = repeated.find(bytes, start, end, this.options);
      if (known !== null) return this.repeat(known, end, head);
    }
    let at = start + this.scanned;
    const cap = start + this.options.maxHead;
    if (this.phase === Phase.Before) {
      const limit = Math.min(end, cap);
      while (at < limit && (bytes[at] === CR || bytes[at] === LF)) at++;
      this.scanned = at - start;
      if (at === end && at < cap) {
        head.reset();
        return 0;
      }
      this.begin(head);
      if (at === cap) return this.fail(-400, 'client sent invalid request', IN_LINE);
    }
    if (this.phase === Phase.Line) {
      at = this.parseLine(bytes, start, at, end, head);
      if (at <= 0) return at;
      if (this.line.version === 9) return this.complete(bytes, start, at, head);
    }
    const limit = Math.min(end, cap);
    const next = this.headers.scan(bytes, start, at, limit, limit === cap, head, this.options);
    if (next > 0) return this.complete(bytes, start, next, head);
    this.scanned = limit - start;
    if (next === 0) return 0;
    this.fill(bytes.latin1Slice(start, limit), head);
    head.length = this.headers.accepted - this.line.lineStart;
    return this.fail(next, this.headers.reason, IN_HEADERS);
  }

  /**
   * No more bytes will come: sets what is known of the head.
   * @returns nginx's words for where it ended
   */
  breakOff(bytes: Buffer, start: number, end: number, head: RequestHead): string {
    if (this.phase === Phase.Headers) {
      this.fill(bytes.latin1Slice(start, end), head);
      head.length = this.headers.accepted - this.line.lineStart;
      return IN_HEADERS;
    }
    head.requestLine = firstLine(bytes, start + this.line.lineStart, end);
    return IN_LINE;
  }

  get hasIgnored(): boolean {
    return this.headers.ignored.length > 0;
  }

  /** The lines that were left out of the head for their names. */
  ignoredLines(head: RequestHead): string[] {
    const { ignored } = this.headers;
    return ignored.flatMap((from, i) => (i % 2 === 0 ? [head.slice(from, ignored[i + 1]!)] : []));
  }

  /** The same was read before. */
  private repeat(known: RequestHead, end: number, head: RequestHead): number {
    head.copy(known);
    if (this.hasIgnored) this.headers.ignored.length = 0;
    this.phase = Phase.Done;
    return end;
  }

  private begin(head: RequestHead): void {
    head.reset();
    this.line.begin(this.scanned);
    this.headers.reset();
    this.phase = Phase.Line;
  }

  /** Reads on in the request line; as `parse`, but returns where the headers begin. */
  private parseLine(bytes: Buffer, start: number, from: number, end: number, head: RequestHead): number {
    const { line, options } = this;
    const cap = start + Math.min(line.lineStart + options.maxLine, options.maxHead);
    const limit = Math.min(end, cap);
    const next = line.scan(bytes, start, from, limit);
    if (next > 0) {
      this.phase = Phase.Headers;
      this.scanned = next - start;
      return line.irregular || line.absolute.used ? this.resolve(bytes, start, next, head) : next;
    }
    this.scanned = limit - start;
    if (next === 0 && limit < cap) return 0;
    head.requestLine = firstLine(bytes, start + line.lineStart, limit < cap ? end : cap);
    head.version = line.version;
    if (next < 0) return this.fail(next, line.reason, IN_LINE);
    return this.fail(-414, 'client sent too long URI', IN_LINE);
  }

  /** Settles the path of a target that needs decoding, and the host of an absolute one. */
  private resolve(bytes: Buffer, start: number, next: number, head: RequestHead): number {
    const { line } = this;
    const text = bytes.latin1Slice(start, next);
    if (line.irregular) {
      this.path = normalizePath(rawPath(text, line), this.options.mergeSlashes);
      if (this.path === '') {
        fillRequestLine(head, text, line);
        head.length = text.length - line.lineStart;
        return this.fail(-400, 'client sent invalid request', IN_LINE);
      }
    }
    if (line.absolute.used) {
      this.host = normalizeHost(text.substring(line.absolute.hostStart, line.absolute.hostEnd));
      if (this.host === '') {
        this.fill(text, head);
        return this.fail(-400, 'client sent invalid host in request line', IN_LINE);
      }
    }
    return next;
  }

  private fill(text: string, head: RequestHead): void {
    head.setText(text);
    fillRequestLine(head, text, this.line);
    head.path = this.path === '' ? rawPath(text, this.line) : this.path;
    head.host = this.host;
    head.length = text.length - this.line.lineStart;
    fillHeaders(head, this.headers);
  }

  private complete(bytes: Buffer, start: number, next: number, head: RequestHead): number {
    const text = bytes.latin1Slice(start, next);
    this.fill(text, head);
    this.phase = Phase.Done;
    if (head.version === 9) return next;
    const refusal = checkHeaders(head, this.headers);
    if (refusal === null) {
      if (!this.hasIgnored) repeated.note(bytes, start, text, head, this.options);
      return next;
    }
    if (refusal.line !== undefined) head.length = head.lineEnd(refusal.line) - this.line.lineStart;
    return this.fail(-refusal.status, refusal.reason, IN_HEADERS);
  }

  private fail(status: number, reason: string, where: string): number {
    this.phase = Phase.Done;
    this.reason = reason + where;
    return status;
  }
}

/** What has come of a line that could not be read. */
function firstLine(bytes: Buffer, start: number, end: number): string {
  let at = start;
  while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++;
  return bytes.latin1Slice(start, at);
}
