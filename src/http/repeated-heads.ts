import { RequestHead } from './request-head.js';
import type { ParserOptions } from './request-parser.js';

/** Bytes. There are no shorter heads; longer ones differ in some cookie or other. */
const shortest = 18;
const longest = 1024;
/** A power of two. */
const placeCount = 64;

const nothing: DataView = new DataView(new ArrayBuffer(0));

/** What was read here last; kept when it comes a second time. */
class Place {
  text = '';
  options: ParserOptions | null = null;
  /** Null until then. */
  head: RequestHead | null = null;
  /** The text again. */
  bytes: DataView = nothing;

  holds(bytes: Buffer, start: number, end: number, options: ParserOptions): boolean {
    const length = end - start;
    if (this.head === null || this.options !== options || this.bytes.byteLength !== length) return false;
    return equal(this.bytes, viewOf(bytes), start, length);
  }
}

/**
 * Heads that came before, byte for byte, with what was read in them: those who poll, watch and measure send the same one again and
 * again. Besides the parsing that saves, all later requests have the same strings, which are then compared by their addresses.
 */
export class RepeatedHeads {
  private readonly places = Array.from({ length: placeCount }, () => new Place());

  /** The head that these bytes are, if they are one that is known. @param options those it was read by */
  find(bytes: Buffer, start: number, end: number, options: ParserOptions): RequestHead | null {
    if (end - start > longest || end - start < shortest) return null;
    const place = this.places[placeOf(bytes, start, end)]!;
    return place.holds(bytes, start, end, options) ? place.head : null;
  }

  /** Takes note of a head that was read and is in order. @param text all of its bytes */
  note(bytes: Buffer, start: number, text: string, head: RequestHead, options: ParserOptions): void {
    if (text.length > longest || text.length < shortest) return;
    const place = this.places[placeOf(bytes, start, start + text.length)]!;
    if (place.text !== text || place.options !== options) {
      place.text = text;
      place.options = options;
      place.head = null;
    } else if (place.head === null) {
      place.bytes = new DataView(Uint8Array.from(bytes.subarray(start, start + text.length)).buffer);
      place.head = new RequestHead();
      place.head.copy(head);
    }
  }
}

/** Neighbours differ in the path, mostly at its end, or in a range: in the length, or around the middle. */
function placeOf(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  return (
    (length * 31 + bytes[start + (length >> 1)]! * 7 + bytes[start + (length >> 2)]! * 3 + bytes[end - 5]!) &
    (placeCount - 1)
  );
}

let lastBytes: Buffer | null = null;
let lastView: DataView = nothing;

/** Nearly all heads are read into the same block. */
function viewOf(bytes: Buffer): DataView {
  if (bytes !== lastBytes) {
    lastBytes = bytes;
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return lastView;
}

/** Four bytes at a time: a third of what one at a time takes, or a call of Buffer.compare. */
function equal(one: DataView, other: DataView, start: number, length: number): boolean {
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) if (one.getInt32(i) !== other.getInt32(start + i)) return false;
  for (let i = words; i < length; i++) if (one.getUint8(i) !== other.getUint8(start + i)) return false;
  return true;
}
