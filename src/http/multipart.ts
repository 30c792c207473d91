import type { ByteRange } from './range.js';

/** multipart/byteranges (RFC 9110 section 14.6) as nginx writes it. */

/**
 * The boundary for a response: nginx counts its multipart responses and writes the number with 20 digits.
 * @param serial a number that no other response under way has
 */
export function multipartBoundary(serial: number): string {
  return String(serial).padStart(20, '0');
}

/** The Content-Type of the whole response. */
export function multipartType(boundary: string): string {
  return `multipart/byteranges; boundary=${boundary}`;
}

/**
 * What goes before a part's bytes.
 * @param contentType of the file, with charset if any; '' leaves the line out
 * @param size bytes of the whole file
 */
export function partHead(boundary: string, contentType: string, range: ByteRange, size: number): string {
  const type = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`;
  return `\r\n--${boundary}\r\n${type}Content-Range: ${contentRange(range, size)}\r\n\r\n`;
}

/** What goes after the last part's bytes. */
export function closingLine(boundary: string): string {
  return `\r\n--${boundary}--\r\n`;
}

/** Bytes of the whole body: heads, parts and closing line. */
export function multipartLength(
  boundary: string,
  contentType: string,
  ranges: readonly ByteRange[],
  size: number,
): number {
  let length = closingLine(boundary).length;
  for (const range of ranges) length += partHead(boundary, contentType, range, size).length + range.end - range.start;
  return length;
}

/** The value of Content-Range for a part: "bytes 0-9/1000". */
export function contentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`;
}

/** The value of Content-Range for a 416. */
export function unsatisfiedRange(size: number): string {
  return `bytes */${size}`;
}
