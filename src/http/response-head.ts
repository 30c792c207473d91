import { httpDate } from './dates.js';
import { reasonPhrase, wireStatus } from './status.js';

const SLASH = 0x2f;

/** What a handler says of its response. */
export interface ResponseFields {
  readonly status: number;
  /** '' sends none. */
  readonly contentType: string;
  /** Bytes; -1 sends none. */
  readonly contentLength: number;
  /** Seconds since 1970, or -1 for none. */
  readonly lastModified: number;
  /** With its quotes; '' sends none. */
  readonly etag: string;
  /** '' sends none. */
  readonly location: string;
  /** The value of Vary; '' sends none. */
  readonly vary: string;
  /** The value of Content-Range; '' sends none. */
  readonly contentRange: string;
  /** Whether ranges may be asked for; it is said in a 200 only. */
  readonly acceptRanges: boolean;
  /** Further header lines, in order: name, value, name, value … */
  readonly headers: readonly string[];
}

/** What the server adds to it. */
export interface ServerFields {
  /** The Server header: "zerocopy", "zerocopy/0.1.0"; '' sends none. */
  readonly server: string;
  /** Now, in seconds since 1970. */
  readonly date: number;
  /** Scheme, host and port that make a location that begins with "/" absolute: "http://host:8080"; '' leaves it as it is. */
  readonly locationBase: string;
  /** Whether the body comes in chunks; Content-Length is then not sent. */
  readonly chunked: boolean;
  readonly keepAlive: boolean;
  /** Seconds for the header Keep-Alive (the second argument of keepalive_timeout); 0 sends none. */
  readonly keepAliveTimeout: number;
}

/**
 * The head of a response with the empty line, as one byte string, in nginx's order. CR, LF and NUL in what is sent become spaces,
 * so that no value can begin a line of its own.
 */
export function buildResponseHead(r: ResponseFields, by: ServerFields): string {
  const begun = beginning(r.status, by.server, by.date);
  // what differs from request to request is not worth remembering
  if (r.headers.length > 0 || r.location !== '' || r.contentRange !== '' || r.vary !== '' || by.chunked) {
    return begun + buildEnding(r, by);
  }
  const place = remembered[(r.contentLength ^ r.lastModified) & (places - 1)];
  if (place.ending === '' || !place.matches(r, by)) place.set(r, by, buildEnding(r, by));
  return place.after(begun);
}

/** What follows Date, built. */
function buildEnding(r: ResponseFields, by: ServerFields): string {
  let head = r.contentType === '' ? '' : `Content-Type: ${clean(r.contentType)}\r\n`;
  if (r.contentLength >= 0 && !by.chunked) head += `Content-Length: ${r.contentLength}\r\n`;
  if (r.lastModified !== -1) head += `Last-Modified: ${httpDate(r.lastModified)}\r\n`;
  const isOwn = by.locationBase !== '' && r.location.charCodeAt(0) === SLASH;
  if (isOwn) head += `Location: ${clean(by.locationBase)}${clean(r.location)}\r\n`;
  if (by.chunked) head += 'Transfer-Encoding: chunked\r\n';
  head += by.keepAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
  if (by.keepAlive && by.keepAliveTimeout > 0) head += `Keep-Alive: timeout=${by.keepAliveTimeout}\r\n`;
  if (r.vary !== '') head += `Vary: ${clean(r.vary)}\r\n`;
  if (r.etag !== '') head += `ETag: ${clean(r.etag)}\r\n`;
  // nginx has it there where it does not make it absolute itself
  if (!isOwn && r.location !== '') head += `Location: ${clean(r.location)}\r\n`;
  head += headerLines(r.headers);
  if (r.contentRange !== '') head += `Content-Range: ${clean(r.contentRange)}\r\n`;
  if (r.acceptRanges && r.status === 200) head += 'Accept-Ranges: bytes\r\n';
  return `${head}\r\n`;
}

/** Lines of a head, or behind a body. @param fields name, value, name, value … */
export function headerLines(fields: readonly string[]): string {
  let lines = '';
  for (let i = 0; i + 1 < fields.length; i += 2) lines += `${clean(fields[i])}: ${clean(fields[i + 1])}\r\n`;
  return lines;
}

/** A head that was built before, with the fields that its ending was built from. */
class Remembered {
  /** What follows Date. */
  ending = '';
  private beginning = '';
  private whole = '';
  private status = 0;
  private contentType = '';
  private contentLength = 0;
  private lastModified = 0;
  private etag = '';
  private keepAlive = false;
  private keepAliveTimeout = 0;
  private acceptRanges = false;

  matches(r: ResponseFields, by: ServerFields): boolean {
    return (
      this.contentLength === r.contentLength &&
      this.lastModified === r.lastModified &&
      this.status === r.status &&
      this.keepAlive === by.keepAlive &&
      this.acceptRanges === r.acceptRanges &&
      this.keepAliveTimeout === by.keepAliveTimeout &&
      this.contentType === r.contentType &&
      this.etag === r.etag
    );
  }

  set(r: ResponseFields, by: ServerFields, ending: string): void {
    this.ending = ending;
    this.beginning = '';
    this.status = r.status;
    this.contentType = r.contentType;
    this.contentLength = r.contentLength;
    this.lastModified = r.lastModified;
    this.etag = r.etag;
    this.keepAlive = by.keepAlive;
    this.keepAliveTimeout = by.keepAliveTimeout;
    this.acceptRanges = r.acceptRanges;
  }

  /** The whole head: for a second's requests the same string, which is laid out in memory once. */
  after(beginning: string): string {
    if (beginning !== this.beginning) {
      this.beginning = beginning;
      this.whole = beginning + this.ending;
    }
    return this.whole;
  }
}

/** One place for each remainder of size and date: a file's head is built once, and not for each of its requests. */
const places = 256;
const remembered = Array.from({ length: places }, () => new Remembered());

let lastStatus = -1;
let lastServer = '';
let lastDate = -1;
let lastBeginning = '';

/** Status line, Server and Date: for a second's responses of one status the same text. */
function beginning(status: number, server: string, date: number): string {
  if (status === lastStatus && date === lastDate && server === lastServer) return lastBeginning;
  lastStatus = status;
  lastServer = server;
  lastDate = date;
  lastBeginning = statusLine(status);
  if (server !== '') lastBeginning += `Server: ${clean(server)}\r\n`;
  lastBeginning += `Date: ${httpDate(date)}\r\n`;
  return lastBeginning;
}

/** Status lines that were sent before, by status. */
const statusLines: string[] = [];

function statusLine(status: number): string {
  let line = statusLines[status];
  if (line === undefined) {
    line = `HTTP/1.1 ${String(wireStatus(status)).padStart(3, '0')} ${reasonPhrase(status)}\r\n`;
    if (status >= 0 && status <= 999) statusLines[status] = line;
  }
  return line;
}

/** The text with a space for each CR, LF and NUL; nearly always the text itself. */
function clean(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x0d || code === 0x0a || code === 0) return replaced(text);
  }
  return text;
}

function replaced(text: string): string {
  let safe = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    safe += code === 0x0d || code === 0x0a || code === 0 ? ' ' : text.charAt(i);
  }
  return safe;
}
