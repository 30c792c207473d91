/** Parts of a body: Range, If-Range and multipart/byteranges (RFC 9110 section 14). */
import { ifRangeHolds } from '../http/conditional.js';
import {
  closingLine,
  contentRange,
  multipartBoundary,
  multipartLength,
  multipartType,
  partHead,
  unsatisfiedRange,
} from '../http/multipart.js';
import { type ByteRange, parseRange } from '../http/range.js';
import { type Handler, type Module, Outcome, type Request, type Response, type Segment } from './module.js';
import { count, EVERYWHERE } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** 0 is no ranges at all. */
    maxRanges: number;
  }
}

/** nginx's "unlimited". */
const UNLIMITED = 0x7fffffff;
/** Multipart responses so far: each has a boundary of its own. */
let multiparts = 0;

/** Appends the bytes from `start` to `end` (exclusive) of the body to `out`. */
function cut(body: readonly Segment[], { start, end }: ByteRange, out: Segment[]): void {
  let at = 0;
  for (const segment of body) {
    const length = 'file' in segment ? segment.length : segment.bytes.length;
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, length);
    if (from < to) {
      if ('file' in segment) out.push({ file: segment.file, offset: segment.offset + from, length: to - from });
      else out.push({ bytes: segment.bytes.subarray(from, to) });
    }
    at += length;
  }
}

function sendOne(response: Response, range: ByteRange): void {
  const body: Segment[] = [];
  cut(response.body, range, body);
  response.contentRange = contentRange(range, response.contentLength);
  response.contentLength = range.end - range.start;
  response.body = body;
}

function sendSeveral(response: Response, ranges: readonly ByteRange[]): void {
  const { contentLength: size, contentType: type } = response;
  multiparts += 1;
  const boundary = multipartBoundary(multiparts);
  const body: Segment[] = [];
  for (const range of ranges) {
    body.push({ bytes: Buffer.from(partHead(boundary, type, range, size), 'latin1') });
    cut(response.body, range, body);
  }
  body.push({ bytes: Buffer.from(closingLine(boundary), 'latin1') });
  response.contentLength = multipartLength(boundary, type, ranges, size);
  response.contentType = multipartType(boundary);
  response.body = body;
}

/** The ranges to send: null for the whole body, none for 416. */
function wanted(request: Request): readonly ByteRange[] | null {
  const { head, response, settings } = request;
  if (head.range === undefined) return null;
  if (!ifRangeHolds(head, response.lastModified, response.etag)) return null;
  return parseRange(head.range, response.contentLength, settings.maxRanges);
}

const selectRanges: Handler = request => {
  const { head, response, settings } = request;
  if (!response.acceptRanges) return Outcome.Next;
  if (response.status !== 200 || response.contentLength < 0 || head.version < 1000 || settings.maxRanges === 0) {
    response.acceptRanges = false;
    return Outcome.Next;
  }
  const ranges = wanted(request);
  if (ranges === null) return Outcome.Next;
  response.acceptRanges = false;
  if (ranges.length === 0) {
    response.contentRange = unsatisfiedRange(response.contentLength);
    return 416;
  }
  response.status = 206;
  if (ranges.length === 1) sendOne(response, ranges[0]!);
  else sendSeveral(response, ranges);
  return Outcome.Next;
};

const PHASES = { filter: selectRanges };

export const range: Module = {
  name: 'range',
  directives: [
    count(
      'max_ranges',
      'maxRanges',
      EVERYWHERE,
      'unlimited',
      'The most ranges of one request; 0: no ranges.',
      UNLIMITED,
    ),
  ],
  phases: () => PHASES,
};
