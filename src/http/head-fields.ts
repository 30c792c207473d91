import { decimalValue, equalsIgnoringCase, isDigit } from './ascii.js';
import { type HeaderScanner, Persistence } from './header-scanner.js';
import { normalizeHost } from './host.js';
import { Known } from './known-headers.js';
import type { RequestHead } from './request-head.js';
import type { RequestLineScanner } from './request-line.js';

/** Sets the fields that come from the request line, except path and host. */
export function fillRequestLine(head: RequestHead, text: string, line: RequestLineScanner): void {
  head.requestLine = text.substring(line.lineStart, line.lineEnd);
  head.method = methodOf(text, line);
  head.version = line.version;
  head.protocol = protocolOf(text, line);
  const { targetStart, targetEnd, queryAt, fragmentAt } = line;
  head.target = targetStart === targetEnd ? '/' : text.substring(targetStart, targetEnd);
  if (queryAt < 0) return;
  head.hasArgs = true;
  head.args = text.substring(queryAt + 1, fragmentAt < 0 ? targetEnd : fragmentAt);
}

/** The path as sent: up to the query or the fragment, whichever comes first; '/' where there is none. */
export function rawPath(text: string, line: RequestLineScanner): string {
  if (line.star) return '/';
  const { targetStart, targetEnd, queryAt, fragmentAt } = line;
  const pathEnd = queryAt >= 0 ? queryAt : fragmentAt >= 0 ? fragmentAt : targetEnd;
  return pathEnd === targetStart ? '/' : text.substring(targetStart, pathEnd);
}

/** The usual methods are constants: comparing them later is comparing pointers. */
function methodOf(text: string, line: RequestLineScanner): string {
  const length = line.methodEnd - line.lineStart;
  if (length === 3 && text.charCodeAt(line.lineStart) === 0x47 && text.startsWith('GET', line.lineStart)) return 'GET';
  if (length === 4 && text.startsWith('HEAD', line.lineStart)) return 'HEAD';
  return text.substring(line.lineStart, line.methodEnd);
}

function protocolOf(text: string, line: RequestLineScanner): string {
  const start = line.protocolStart;
  const last = text.charCodeAt(line.protocolEnd - 1);
  if (line.protocolEnd - start === 8 && last === 0x31) return 'HTTP/1.1';
  if (line.protocolEnd - start === 8 && last === 0x30) return 'HTTP/1.0';
  return text.substring(start, line.protocolEnd);
}

/** Sets the fields that known headers give as they stand. Of several lines the first counts, or they are joined. */
export function fillHeaders(head: RequestHead, headers: HeaderScanner): void {
  const { first, count } = headers;
  if (first[Known.Host] !== 0) head.hostHeader = head.lineValue(first[Known.Host] - 1);
  if (first[Known.UserAgent] !== 0) head.userAgent = head.lineValue(first[Known.UserAgent] - 1);
  if (first[Known.Referer] !== 0) head.referer = head.lineValue(first[Known.Referer] - 1);
  if (first[Known.Range] !== 0) head.range = head.lineValue(first[Known.Range] - 1);
  if (first[Known.IfRange] !== 0) head.ifRange = head.lineValue(first[Known.IfRange] - 1);
  if (first[Known.IfMatch] !== 0) head.ifMatch = head.lineValue(first[Known.IfMatch] - 1);
  if (first[Known.IfNoneMatch] !== 0) head.ifNoneMatch = head.lineValue(first[Known.IfNoneMatch] - 1);
  if (first[Known.IfModifiedSince] !== 0) head.ifModifiedSince = head.lineValue(first[Known.IfModifiedSince] - 1);
  if (first[Known.IfUnmodifiedSince] !== 0) head.ifUnmodifiedSince = head.lineValue(first[Known.IfUnmodifiedSince] - 1);
  if (first[Known.Authorization] !== 0) head.authorization = head.lineValue(first[Known.Authorization] - 1);
  if (first[Known.ContentType] !== 0) head.contentType = head.lineValue(first[Known.ContentType] - 1);
  if (first[Known.XForwardedFor] !== 0) {
    const line = first[Known.XForwardedFor] - 1;
    head.xForwardedFor = count[Known.XForwardedFor] > 1 ? head.joined('x-forwarded-for', ', ') : head.lineValue(line);
  }
  if (first[Known.Cookie] !== 0) {
    head.cookie = count[Known.Cookie] > 1 ? head.joined('cookie', '; ') : head.lineValue(first[Known.Cookie] - 1);
  }
}

/** Why a request is refused: the status, and nginx's words for the error log. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** The number of the line that it was refused for; left out where it was not one alone. */
  readonly line?: number;
}

const NO_HOST = { status: 400, reason: 'client sent HTTP/1.1 request without "Host" header' };
const BAD_HOST = { status: 400, reason: 'client sent invalid host header' };
const BAD_LENGTH = { status: 400, reason: 'client sent invalid "Content-Length" header' };
const OLD_CHUNKED = { status: 400, reason: 'client sent HTTP/1.0 request with "Transfer-Encoding" header' };
const TWO_LENGTHS = {
  status: 400,
  reason: 'client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
};
const TRACE = { status: 405, reason: 'client sent TRACE method' };
const CONNECT = { status: 405, reason: 'client sent CONNECT method' };

/**
 * Checks what the headers say about host, body and connection, in nginx's order, and sets those fields.
 * @returns null, or why the request is refused
 */
export function checkHeaders(head: RequestHead, headers: HeaderScanner): Refusal | null {
  const refusal = checkHost(head, headers) ?? checkBody(head, headers);
  if (refusal !== null) return refusal;
  if (head.method === 'TRACE') return TRACE;
  if (head.method === 'CONNECT') return CONNECT;
  const expect = headers.first[Known.Expect];
  head.expectContinue =
    expect !== 0 && head.version === 1001 && equalsIgnoringCase(head.lineValue(expect - 1), '100-continue');
  const { persistence } = headers;
  head.keepAlive = persistence === Persistence.Unsaid ? head.version === 1001 : persistence === Persistence.KeepAlive;
  return null;
}

let lastHostHeader = '';
let lastHost = '';

/** Most requests name the host that the one before them named. */
function hostOf(hostHeader: string): string {
  if (hostHeader !== lastHostHeader) {
    lastHost = normalizeHost(hostHeader);
    lastHostHeader = hostHeader;
  }
  return lastHost;
}

function checkHost(head: RequestHead, headers: HeaderScanner): Refusal | null {
  if (headers.first[Known.Host] === 0) return head.version === 1001 ? NO_HOST : null;
  const host = hostOf(head.hostHeader);
  if (host === '') return { ...BAD_HOST, line: headers.first[Known.Host] - 1 };
  if (head.host === '') head.host = host;
  return null;
}

function checkBody(head: RequestHead, headers: HeaderScanner): Refusal | null {
  const length = headers.first[Known.ContentLength];
  const coding = headers.first[Known.TransferEncoding];
  if (length !== 0) {
    head.contentLength = parseLength(head.lineValue(length - 1));
    if (head.contentLength < 0) return BAD_LENGTH;
  }
  if (coding === 0) return null;
  if (head.version < 1001) return OLD_CHUNKED;
  const value = head.lineValue(coding - 1);
  if (!equalsIgnoringCase(value, 'chunked')) {
    return { status: 501, reason: `client sent unknown "Transfer-Encoding": "${value}"` };
  }
  if (length !== 0) return TWO_LENGTHS;
  head.chunked = true;
  return null;
}

/** Digits only, as RFC 9110 section 8.6 has it; -1 for anything else and above 2^63 - 1. */
function parseLength(text: string): number {
  if (text === '') return -1;
  for (let i = 0; i < text.length; i++) if (!isDigit(text.charCodeAt(i))) return -1;
  return decimalValue(text, 0, text.length);
}
