/** What `geo` looks addresses up in: networks, of which the smallest counts, or ranges that do not overlap. */
import { type Cidr, masked } from './cidr.js';

/** Values by networks. */
export class NetworkTable {
  /** By the number of bits, and then by the network's address; IPv6 apart from IPv4. */
  private readonly byBits = { 4: new Map<number, Map<string, string>>(), 16: new Map<number, Map<string, string>>() };
  /** Numbers of bits that occur, the most first. */
  private readonly sizes: { 4: number[]; 16: number[] } = { 4: [], 16: [] };

  /** @returns the value that the network had before */
  set({ bytes, bits }: Cidr, value: string): string | undefined {
    const family = bytes.length as 4 | 16;
    const tables = this.byBits[family];
    const table = tables.get(bits) ?? new Map<string, string>();
    if (!tables.has(bits)) {
      tables.set(bits, table);
      this.sizes[family] = [...tables.keys()].sort((a, b) => b - a);
    }
    const before = table.get(bytes);
    table.set(bytes, value);
    return before;
  }

  /** @returns false when there is no such network */
  delete({ bytes, bits }: Cidr): boolean {
    return this.byBits[bytes.length as 4 | 16].get(bits)?.delete(bytes) ?? false;
  }

  /** @param bytes an address of 4 or 16 bytes */
  find(bytes: string): string | undefined {
    const family = bytes.length as 4 | 16;
    for (const bits of this.sizes[family]) {
      const value = this.byBits[family].get(bits)!.get(masked(bytes, bits));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

export interface Range {
  start: number;
  end: number;
  value: string;
}

const BLOCK = 0x1_0000;

/** Values by ranges of IPv4 addresses. As in nginx they are kept in blocks of 65536, in which the rules below hold. */
export class RangeTable {
  /** By the upper half of the address, in order. */
  private readonly blocks = new Map<number, Range[]>();

  /**
   * Adds a range. One that lies within another takes its place there.
   * @param duplicate is told the value that the very same range had before
   * @returns the range that it overlaps in part: it is not added then
   */
  add(start: number, end: number, value: string, duplicate: (before: string) => void): Range | null {
    for (const piece of piecesOf(start, end)) {
      const ranges = this.blockAt(piece.start);
      const at = ranges.findIndex(one => piece.start <= one.end);
      const other = at === -1 ? undefined : ranges[at]!;
      if (other === undefined || piece.end < other.start)
        ranges.splice(other ? at : ranges.length, 0, { ...piece, value });
      else if (piece.start < other.start || piece.end > other.end) return overlapped(ranges, piece);
      else if (piece.start === other.start && piece.end === other.end) {
        duplicate(other.value);
        other.value = value;
      } else ranges.splice(at, 1, ...divided(other, { ...piece, value }));
    }
    return null;
  }

  /** @returns false when a part of it was no range of the table */
  delete(start: number, end: number): boolean {
    let found = true;
    for (const piece of piecesOf(start, end)) {
      const ranges = this.blockAt(piece.start);
      const at = ranges.findIndex(one => one.start === piece.start && one.end === piece.end);
      if (at === -1) found = false;
      else ranges.splice(at, 1);
    }
    return found;
  }

  find(address: number): string | undefined {
    const ranges = this.blocks.get(Math.floor(address / BLOCK));
    if (ranges === undefined) return undefined;
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranges[middle]!.end < address) low = middle + 1;
      else high = middle;
    }
    return low < ranges.length && ranges[low]!.start <= address ? ranges[low]!.value : undefined;
  }

  private blockAt(address: number): Range[] {
    const number = Math.floor(address / BLOCK);
    const ranges = this.blocks.get(number) ?? [];
    this.blocks.set(number, ranges);
    return ranges;
  }
}

function* piecesOf(start: number, end: number): Generator<{ start: number; end: number }> {
  for (let from = start; from <= end; from = (Math.floor(from / BLOCK) + 1) * BLOCK) {
    yield { start: from, end: Math.min(end, from - (from % BLOCK) + BLOCK - 1) };
  }
}

/** The last of the ranges that a piece overlaps: the one that nginx names. */
function overlapped(ranges: readonly Range[], { start, end }: { start: number; end: number }): Range {
  return ranges.findLast(one => start <= one.end && end >= one.start)!;
}

/** What is left of a range on both sides of another within it. */
function divided(outer: Range, inner: Range): Range[] {
  const parts = [{ ...outer, end: inner.start - 1 }, inner, { ...outer, start: inner.end + 1 }];
  return parts.filter(part => part.start <= part.end);
}
