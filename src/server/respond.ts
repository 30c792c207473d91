import type { Settings } from '../conf/settings.js';
import { errorPage, needsPadding, refreshPage } from '../http/error-page.js';
import { buildResponseHead, headerLines } from '../http/response-head.js';
import type { MemorySegment } from '../modules/module.js';
import { redirectBase } from '../modules/redirects.js';
import { product } from '../version.js';
import type { HttpRequest } from './request.js';

const pages = new Map<string, MemorySegment[]>();

/** The body of a status's own page: the same few texts for all requests. */
function pageOf(status: number, { settings, head }: HttpRequest): MemorySegment[] {
  const signature = signatureOf(settings);
  const padded = settings.msiePadding && head.version >= 1000 && needsPadding(head.userAgent);
  const key = `${status} ${signature} ${padded}`;
  let page = pages.get(key);
  if (page === undefined) {
    page = [{ bytes: Buffer.from(errorPage(status, signature, padded), 'latin1') }];
    pages.set(key, page);
  }
  return page;
}

/** What pages call the server: its bare name where `server_tokens off`. */
function signatureOf(settings: Settings): string {
  return settings.serverTokens === 'off' ? 'zerocopy' : product;
}

/** Forgets what is said of a body that is not sent. */
function beginPage({ response }: HttpRequest, status: number): void {
  response.status = status;
  response.lastModified = -1;
  response.etag = '';
  response.acceptRanges = false;
  response.vary = '';
  response.streamed = false;
  response.trailers = null;
}

/** Makes the response a page that sends the browser on, where others get a redirect (`msie_refresh`). */
export function describeRefresh(request: HttpRequest, location: string): void {
  const { response } = request;
  beginPage(request, 200);
  const bytes = Buffer.from(refreshPage(location), 'latin1');
  response.location = '';
  response.contentType = 'text/html';
  response.contentLength = bytes.length;
  response.body = [{ bytes }];
}

/** Makes the response the built-in page of a status. Headers that explain the status (Location …) stay. */
export function describeError(request: HttpRequest, status: number): void {
  const { response } = request;
  beginPage(request, status);
  if (status === 204 || status === 304) {
    response.contentType = '';
    response.contentLength = -1;
    response.body = [];
    return;
  }
  const page = pageOf(status, request);
  response.contentType = page[0].bytes.length > 0 ? 'text/html' : '';
  response.contentLength = page[0].bytes.length;
  response.body = page;
}

/** What the server adds to the heads of responses; filled anew for each. */
const fields = {
  server: '',
  date: 0,
  locationBase: '',
  chunked: false,
  keepAlive: false,
  keepAliveTimeout: 0,
};

/** Builds the head of the response into `request.headText`. HTTP/0.9 has none. */
export function prepareHead(request: HttpRequest): void {
  const { response, settings, head } = request;
  if (head.version === 9) {
    request.headText = '';
    return;
  }
  const hasBody = head.method !== 'HEAD' && response.contentLength >= 0;
  if (!hasBody) response.trailers = null;
  const mayChunk = head.version > 1000 && settings.chunkedTransferEncoding;
  fields.chunked = (response.streamed || response.trailers !== null) && hasBody && mayChunk;
  if (response.streamed || fields.chunked) stream(request, fields.chunked);
  fields.server = signatureOf(settings);
  fields.date = Math.floor(request.now / 1000);
  fields.keepAlive = request.keepAlive;
  fields.keepAliveTimeout = settings.keepaliveTimeout.header;
  fields.locationBase = response.location === '' ? '' : redirectBase(request);
  request.headText = buildResponseHead(response, fields);
}

const lastChunk = Buffer.from('\r\n0\r\n\r\n', 'latin1');

/** The end of the last chunk of a body, and what stands behind it. */
function ending(trailers: readonly string[] | null): Buffer {
  return trailers === null || trailers.length === 0
    ? lastChunk
    : Buffer.from(`\r\n0\r\n${headerLines(trailers)}\r\n`, 'latin1');
}

/** The length is not told: the body is one chunk, or ends with the connection. */
function stream(request: HttpRequest, chunked: boolean): void {
  const { response } = request;
  if (!chunked) {
    if (request.head.method !== 'HEAD') request.keepAlive = false;
  } else if (response.contentLength > 0) {
    const frame = Buffer.from(`${response.contentLength.toString(16)}\r\n`, 'latin1');
    response.body = [{ bytes: frame }, ...response.body, { bytes: ending(response.trailers) }];
  } else response.body = [{ bytes: ending(response.trailers).subarray(2) }];
  response.contentLength = -1;
  response.streamed = chunked;
}
