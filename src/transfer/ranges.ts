/** Bytes of a file: `end` is the first that is not in it. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Which bytes of a file are there: stretches in order, none of which touches the next. A file that arrives in N streams has about
 * N of them, so adding to one is a comparison or a short search, and no allocation.
 */
export class RangeSet {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  /** The stretch that was added to last: a stream goes on where it was. */
  private last = 0;
  private total = 0;

  constructor(ranges: Iterable<Range> = []) {
    for (const { start, end } of ranges) this.add(start, end);
  }

  /** How many bytes are in it. */
  get bytes(): number {
    return this.total;
  }

  /** How many bytes there are from the file's start on without a gap. */
  get prefix(): number {
    return this.starts[0] === 0 ? this.ends[0] : 0;
  }

  /** Where the last stretch ends; 0 when there is none. */
  get end(): number {
    return this.ends.at(-1) ?? 0;
  }

  /**
   * Adds the bytes from `start` up to `end`; an empty stretch changes nothing.
   * @throws RangeError for numbers that are no places in a file
   */
  add(start: number, end: number): void {
    check(start, end);
    if (start === end || this.extend(start, end)) return;
    // all that overlap or touch become one
    const from = this.firstEndingFrom(start);
    let to = from;
    let [low, high] = [start, end];
    for (; to < this.starts.length && this.starts[to] <= end; to++) {
      low = Math.min(low, this.starts[to]);
      high = Math.max(high, this.ends[to]);
      this.total -= this.ends[to] - this.starts[to];
    }
    this.starts.splice(from, to - from, low);
    this.ends.splice(from, to - from, high);
    this.total += high - low;
    this.last = from;
  }

  /**
   * Takes the bytes from `start` up to `end` out; those that are not in it are no matter.
   * @throws RangeError for numbers that are no places in a file
   */
  remove(start: number, end: number): void {
    check(start, end);
    if (start === end) return;
    const from = this.firstEndingFrom(start + 1);
    let to = from;
    const left: Range[] = [];
    for (; to < this.starts.length && this.starts[to] < end; to++) {
      const [low, high] = [this.starts[to], this.ends[to]];
      if (low < start) left.push({ start: low, end: start });
      if (high > end) left.push({ start: end, end: high });
      this.total -= Math.min(high, end) - Math.max(low, start);
    }
    this.starts.splice(from, to - from, ...left.map(range => range.start));
    this.ends.splice(from, to - from, ...left.map(range => range.end));
    this.last = 0;
  }

  /** Whether all bytes from `start` up to `end` are there; of an empty stretch they are. */
  has(start: number, end: number): boolean {
    if (start >= end) return true;
    const at = this.firstEndingFrom(start + 1);
    return at < this.starts.length && this.starts[at] <= start && end <= this.ends[at];
  }

  /** The gaps of a file of `size` bytes, in order. */
  missing(size: number): Range[] {
    const gaps: Range[] = [];
    let at = 0;
    for (const { start, end } of this.toArray()) {
      if (start >= size) break;
      if (start > at) gaps.push({ start: at, end: start });
      at = end;
    }
    if (at < size) gaps.push({ start: at, end: size });
    return gaps;
  }

  /** The stretches, in order. */
  toArray(): Range[] {
    return this.starts.map((start, index) => ({ start, end: this.ends[index] }));
  }

  /** The common case: the bytes begin where the last stretch ended, and reach no other. */
  private extend(start: number, end: number): boolean {
    const { last } = this;
    if (last >= this.starts.length || this.ends[last] !== start) return false;
    if (last + 1 < this.starts.length && this.starts[last + 1] <= end) return false;
    this.ends[last] = end;
    this.total += end - start;
    return true;
  }

  /** Index of the first stretch that ends at `at` or later. */
  private firstEndingFrom(at: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function check(start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return;
  throw new RangeError(`bytes ${start} to ${end} are no part of a file`);
}
