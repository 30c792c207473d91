import type { Range } from '../ranges.js';

const mebi = 1024 * 1024;

/**
 * Bytes of the piece that is asked for before anything is known, and of the others. Between two pieces a connection is idle for a
 * round trip, so there should be few; but a checksum follows what has come without a gap, so they should not be far apart.
 */
export const pieceSizes = { first: 4 * mebi, least: 2 * mebi, most: 256 * mebi };
/** What is left of a piece is shared with a stream that has nothing to do, where it would take longer than this, in ms. */
const longTail = 500;
/** Pieces begin at multiples of this, in bytes. */
const unit = 64 * 1024;

/** A stretch of the file that one stream is fetching. */
export interface Piece {
  readonly start: number;
  /** The next byte that is wanted. */
  at: number;
  /** The first that is not: it moves towards the start when another stream takes over the end. */
  end: number;
  /** When it was begun, in ms. */
  readonly begun: number;
}

/**
 * What is to be fetched, handed out from the front: to one stream all that lies together, to several in pieces that get smaller
 * towards the end, so that all streams end at about the same time. One that is done earlier takes over half of what a slow one
 * has left.
 */
export class Pieces {
  /** Nobody fetches these; in order. */
  private readonly queue: { start: number; end: number }[];
  private readonly active = new Set<Piece>();

  /** @param missing in order, none empty, and apart from each other */
  constructor(
    missing: readonly Range[],
    private readonly streams: number,
  ) {
    this.queue = missing.map(({ start, end }) => ({ start, end }));
  }

  /** Whether every byte has come. */
  get isDone(): boolean {
    return this.queue.length === 0 && this.active.size === 0;
  }

  /**
   * The next piece, or null where nothing waits for somebody to fetch it.
   * @param now ms
   */
  take(now: number): Piece | null {
    const [first] = this.queue;
    if (first === undefined) return null;
    const end = this.streams > 1 ? Math.min(first.end, cut(first.start + this.nextLength())) : first.end;
    return this.takeUpTo(end, now);
  }

  /** What of an answer that is there already is wanted, as a piece: it begins where the first of what is missing does, or is null. */
  takeFrom(range: Range, now: number): Piece | null {
    return this.queue[0]?.start === range.start ? this.takeUpTo(range.end, now) : null;
  }

  private takeUpTo(end: number, now: number): Piece | null {
    const [first] = this.queue;
    if (first === undefined) return null;
    const { start } = first;
    if (end >= first.end) this.queue.shift();
    else first.start = end;
    return this.begin(start, Math.min(end, first.end), now);
  }

  /** The later half of what takes longest, or null where no piece is worth it. */
  share(now: number): Piece | null {
    let slowest: Piece | null = null;
    let longest = longTail;
    for (const piece of this.active) {
      const left = piece.end - piece.at;
      const time = ((now - piece.begun) * left) / Math.max(1, piece.at - piece.start);
      if (left < 2 || now - piece.begun < longTail || time <= longest) continue;
      slowest = piece;
      longest = time;
    }
    if (slowest === null) return null;
    const { at, end } = slowest;
    const half = Math.floor((end - at) / 2);
    const middle = half > unit ? cut(at + half) : at + half;
    slowest.end = middle;
    return this.begin(middle, end, now);
  }

  /** All of it has come. */
  finish(piece: Piece): void {
    this.active.delete(piece);
  }

  /** What has not come of it waits for the next who asks. */
  giveBack(piece: Piece): void {
    if (!this.active.delete(piece) || piece.at >= piece.end) return;
    const rest = { start: piece.at, end: piece.end };
    const before = this.queue.findIndex(({ start }) => start > rest.start);
    this.queue.splice(before < 0 ? this.queue.length : before, 0, rest);
  }

  private begin(start: number, end: number, now: number): Piece {
    const piece = { start, at: start, end, begun: now };
    this.active.add(piece);
    return piece;
  }

  private nextLength(): number {
    const waiting = this.queue.reduce((sum, { start, end }) => sum + end - start, 0);
    return Math.max(pieceSizes.least, Math.min(pieceSizes.most, waiting / this.streams));
  }
}

/** The multiple of the unit that is next to a place, and after the start of its unit. */
function cut(place: number): number {
  return Math.max(unit, Math.round(place / unit) * unit);
}
