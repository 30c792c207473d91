import { decimalValue, equalsIgnoringCase, isDigit } from './ascii.js';

const SPACE = 0x20;
const DASH = 0x2d;
const COMMA = 0x2c;

/** Bytes of a file from `start` up to, and without, `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header (RFC 9110 section 14.2) as nginx does. Ranges that begin behind the end are left out; a syntax error
 * spoils the whole header.
 * @param text the header's value
 * @param size bytes of the file
 * @param maxRanges the directive max_ranges; with more ranges than this the header is ignored
 * @returns the ranges in the order asked for; an empty array for 416; null to ignore the header: another unit, too many ranges,
 * or ranges that together are more than the file
 */
export function parseRange(text: string, size: number, maxRanges: number): ByteRange[] | null {
  if (maxRanges === 0 || text.length < 7 || !equalsIgnoringCase(text.substring(0, 6), 'bytes=')) return null;
  const scanner = new RangeScanner(text, 6);
  const ranges: ByteRange[] = [];
  let total = 0;
  do {
    if (!scanner.next(size)) return [];
    const { start, end } = scanner;
    if (start < end) {
      if (ranges.length === maxRanges) return null;
      ranges.push({ start, end });
      total += end - start;
    } else if (start === 0) {
      return null;
    }
  } while (scanner.comma());
  return ranges.length > 0 && total > size ? null : ranges;
}

/** Walks over the ranges of a header. */
class RangeScanner {
  start = 0;
  end = 0;
  private at: number;

  constructor(
    private readonly text: string,
    at: number,
  ) {
    this.at = at;
  }

  /** Reads one range, up to the comma or the end; false for a syntax error. */
  next(size: number): boolean {
    this.blanks();
    if (this.code() === DASH) return this.suffix(size);
    this.start = this.number();
    this.blanks();
    if (this.start < 0 || this.code() !== DASH) return false;
    this.at++;
    this.blanks();
    if (this.isOver()) {
      this.end = size;
      return true;
    }
    const last = this.number();
    this.blanks();
    this.end = last >= size ? size : last + 1;
    return last >= 0 && this.isOver();
  }

  /** Steps over a comma; false at the end. */
  comma(): boolean {
    return this.at++ < this.text.length;
  }

  /** "-N": the last N bytes. */
  private suffix(size: number): boolean {
    this.at++;
    const count = this.number();
    this.blanks();
    this.start = count < size ? size - count : 0;
    this.end = size;
    return count >= 0 && this.isOver();
  }

  /** Digits; -1 where there are none or where they are more than a file offset holds. */
  private number(): number {
    const from = this.at;
    while (isDigit(this.code())) this.at++;
    return this.at === from ? -1 : decimalValue(this.text, from, this.at);
  }

  private blanks(): void {
    while (this.code() === SPACE) this.at++;
  }

  private isOver(): boolean {
    return this.at === this.text.length || this.code() === COMMA;
  }

  private code(): number {
    return this.text.charCodeAt(this.at);
  }
}
