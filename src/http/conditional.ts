import { parseHttpDate } from './dates.js';
import { etagMatches } from './etag.js';

/** The preconditions of a request; a RequestHead has them. */
export interface Preconditions {
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifRange: string | undefined;
}

/**
 * What the preconditions make of a 200 (RFC 9110 section 13, in nginx's reading: If-Modified-Since counts beside
 * If-None-Match, and both must agree for a 304).
 * @param lastModified seconds since 1970, or -1 for none
 * @param etag with its quotes, or ''
 * @param ifModifiedSince the directive if_modified_since
 * @returns 304, 412, or 0 to send the whole
 */
export function checkPreconditions(
  head: Preconditions,
  lastModified: number,
  etag: string,
  ifModifiedSince: 'off' | 'exact' | 'before',
): 0 | 304 | 412 {
  if (head.ifUnmodifiedSince !== undefined && isModifiedAfter(head.ifUnmodifiedSince, lastModified)) return 412;
  if (head.ifMatch !== undefined && !etagMatches(head.ifMatch, etag, false)) return 412;
  if (head.ifModifiedSince === undefined && head.ifNoneMatch === undefined) return 0;
  if (head.ifModifiedSince !== undefined && isModified(head.ifModifiedSince, lastModified, ifModifiedSince)) return 0;
  if (head.ifNoneMatch !== undefined && !etagMatches(head.ifNoneMatch, etag, true)) return 0;
  return 304;
}

/** For If-Unmodified-Since; a date that cannot be read is older than anything. */
function isModifiedAfter(text: string, lastModified: number): boolean {
  return lastModified !== -1 && parseHttpDate(text) < lastModified;
}

/** For If-Modified-Since. */
function isModified(text: string, lastModified: number, compare: 'off' | 'exact' | 'before'): boolean {
  if (lastModified === -1 || compare === 'off') return true;
  const since = parseHttpDate(text);
  if (since === lastModified) return false;
  return compare === 'exact' || since < lastModified;
}

/**
 * Whether If-Range lets Range count (RFC 9110 section 13.1.5): no If-Range, the very same entity tag, or the very same date.
 * @param lastModified seconds since 1970, or -1 for none
 * @param etag with its quotes, or ''
 */
export function ifRangeHolds(head: Preconditions, lastModified: number, etag: string): boolean {
  const { ifRange } = head;
  if (ifRange === undefined) return true;
  if (ifRange.endsWith('"')) return etag !== '' && ifRange === etag;
  return lastModified !== -1 && parseHttpDate(ifRange) === lastModified;
}
