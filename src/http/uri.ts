import { hexValue } from './ascii.js';

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;

/** Where paths are decoded; it grows to the longest path seen, which the parser's limits bound. */
let scratch = Buffer.allocUnsafe(4096);

/**
 * Decodes a path's percent escapes and resolves its segments "." and ".." (RFC 3986 sections 2.4 and 5.2.4). Decoding comes
 * first, so that "%2e%2e" and "%2F" are what they stand for, and happens once. With `mergeSlashes`, runs of slashes become
 * one (the nginx directive merge_slashes).
 * @param raw a path that begins with "/", without query and fragment
 * @returns the path, or '' where it is malformed, contains NUL, or leads above the root
 */
export function normalizePath(raw: string, mergeSlashes: boolean): string {
  if (raw.charCodeAt(0) !== SLASH) return '';
  if (scratch.length < raw.length) scratch = Buffer.allocUnsafe(raw.length * 2);
  const decoded = decode(raw, scratch);
  if (decoded < 0) return '';
  const length = resolveSegments(scratch, decoded, mergeSlashes);
  return length < 0 ? '' : scratch.latin1Slice(0, length);
}

/** Writes the decoded bytes to `out`; returns their number, or -1 for a malformed escape or NUL. */
function decode(raw: string, out: Buffer): number {
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    let code = raw.charCodeAt(i);
    if (code === PERCENT) {
      if (i + 2 >= raw.length) return -1;
      const high = hexValue(raw.charCodeAt(i + 1));
      const low = hexValue(raw.charCodeAt(i + 2));
      if (high < 0 || low < 0) return -1;
      code = high * 16 + low;
      i += 2;
    }
    if (code === 0) return -1;
    out[length++] = code;
  }
  return length;
}

/** Resolves the segments in place, what is written never overtaking what is read; returns the new length, or -1. */
function resolveSegments(path: Buffer, length: number, mergeSlashes: boolean): number {
  if (path[0] !== SLASH) return -1;
  let written = 1;
  let start = 1;
  while (start < length) {
    let end = start;
    while (end < length && path[end] !== SLASH) end++;
    const size = end - start;
    if (size === 2 && path[start] === DOT && path[start + 1] === DOT) {
      if (written === 1) return -1;
      written--;
      while (path[written - 1] !== SLASH) written--;
    } else if (size > 1 || (size === 1 && path[start] !== DOT)) {
      path.copyWithin(written, start, end);
      written += size;
      if (end < length) path[written++] = SLASH;
    } else if (size === 0 && !mergeSlashes) {
      path[written++] = SLASH;
    }
    start = end + 1;
  }
  return written;
}
