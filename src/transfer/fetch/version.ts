import { parseHttpDate } from '../../http/dates.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { count } from '../../tools/words.js';

/**
 * So much older (in seconds) than its answer has a file to be for its date to tell versions apart: within this time it may have
 * changed again under the same date, or the two were read from different clocks (RFC 9110 section 8.8.2.2).
 */
const settled = 60;

/** What a server says of the version of a file that it sends. */
export interface Version {
  /** Bytes of the whole file; null where it does not say. */
  readonly size: number | null;
  /**
   * What tells this version from every other, as If-Range takes it (RFC 9110 section 13.1.5): a strong entity tag, with its
   * quotes, or a date that is strong. '' where there is neither.
   */
  readonly validator: string;
  /** As they came; '' where they are missing. */
  readonly etag: string;
  readonly lastModified: string;
}

/** @param size bytes of the whole file, from Content-Length or Content-Range */
export function versionOf(head: ReceivedHead, size: number | null): Version {
  const etag = head.get('etag') ?? '';
  const lastModified = head.get('last-modified') ?? '';
  const isStrong = /^"[^"]*"$/.test(etag);
  return { size, validator: isStrong ? etag : strongDate(head, lastModified), etag, lastModified };
}

/** The date where it is a strong validator, else ''. */
function strongDate(head: ReceivedHead, lastModified: string): string {
  const modified = parseHttpDate(lastModified);
  const answered = parseHttpDate(head.get('date') ?? '');
  return modified >= 0 && answered - modified >= settled ? lastModified : '';
}

/** Whether another answer is of the same version, as far as it says anything of it. */
export function isSameVersion(version: Version, other: Version): boolean {
  return differenceOf(version, other) === '';
}

/** What two answers say that cannot be of one version: `its ETag was …, and is … now`; '' where they agree. */
export function differenceOf(version: Version, other: Version): string {
  const { size, validator } = version;
  if (size !== null && other.size !== null && size !== other.size) {
    return `it had ${count(size)} bytes, and has ${count(other.size)} now`;
  }
  const isTag = validator.startsWith('"');
  const said = isTag ? other.etag : other.lastModified;
  if (said === '' || validator === '' || said === validator) return '';
  return `its ${isTag ? 'ETag' : 'date'} was ${validator}, and is ${said} now`;
}

/** Seconds since 1970, or -1. */
export function modifiedAt(version: Version): number {
  return parseHttpDate(version.lastModified);
}

/** What Content-Range says (RFC 9110 section 14.4): `end` is exclusive, `size` null where it is "*". Null where it is none. */
export function contentRange(head: ReceivedHead): { start: number; end: number; size: number | null } | null {
  const [, first, last, whole] =
    /^bytes +(\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/i.exec(head.get('content-range') ?? '') ?? [];
  if (first === undefined) return null;
  const range = { start: Number(first), end: Number(last) + 1, size: whole === '*' ? null : Number(whole) };
  const isSound = range.start < range.end && range.end <= (range.size ?? Number.MAX_SAFE_INTEGER);
  return isSound && Number.isSafeInteger(range.end) ? range : null;
}
