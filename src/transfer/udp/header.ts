/**
 * What stands at the begin of each datagram, little-endian, 40 bytes:
 *
 *      0  "ZcU1"          4  file: its place in the session
 *      8  token           the first 8 bytes of the session's
 *     16  sequence        counts the datagrams of the session, from 0
 *     24  offset          of the payload in the file, in bytes
 *     32  time            of sending, in microseconds on a clock of the sender's
 *
 * The file's bytes follow. The sequence is what loss is counted by, and 64 bits do not wrap; the offset says where the bytes
 * belong, so that gaps of any shape can be sent again.
 */
export const headerSize = 40;

/** What `--datagram-size` may be: header and payload, as UDP over IPv4 takes them (65535 less 20 and 8 bytes of headers). */
export const datagramSizes = { least: 64, most: 65_507 };
/** Fits an Ethernet frame of 1500 bytes with room for a tunnel's header, as iperf3's. */
export const defaultDatagramSize = 1448;

const magic = 0x3155_635a;
const fileAt = 4;
const tokenAt = 8;
const sequenceAt = 16;
const offsetAt = 24;
const timeAt = 32;

const wordsPerHeader = headerSize / 4;
const two32 = 0x1_0000_0000;
/** The upper half of a whole number that a double holds exactly is less than this. */
const upperLimit = 0x20_0000;

/** The token as two numbers of 32 bits. */
export interface ShortToken {
  readonly low: number;
  readonly high: number;
}

/** @param token hexadecimal digits, 16 at least */
export function shortToken(token: string): ShortToken {
  return { low: Number.parseInt(token.slice(0, 8), 16), high: Number.parseInt(token.slice(8, 16), 16) };
}

/** Writes the header number `index` of an array of headers. Numbers are whole, from 0 to 2^53. */
export function writeHeader(
  words: Uint32Array,
  index: number,
  token: ShortToken,
  file: number,
  sequence: number,
  offset: number,
  time: number,
): void {
  const at = index * wordsPerHeader;
  words[at] = magic;
  words[at + 1] = file;
  words[at + 2] = token.low;
  words[at + 3] = token.high;
  put(words, at + sequenceAt / 4, sequence);
  put(words, at + offsetAt / 4, offset);
  put(words, at + timeAt / 4, time);
}

function put(words: Uint32Array, at: number, value: number): void {
  words[at] = value >>> 0;
  words[at + 1] = (value / two32) >>> 0;
}

/** A header as it came, whoever sent it. One is used for all. */
export class DatagramHeader implements ShortToken {
  file = 0;
  low = 0;
  high = 0;
  sequence = 0;
  offset = 0;
  time = 0;

  /** Reads the header at `at`. Gives false for what is none: no program of ours has sent it. */
  read(bytes: DataView, at: number, length: number): boolean {
    if (length <= headerSize || bytes.getUint32(at, true) !== magic) return false;
    this.file = bytes.getUint32(at + fileAt, true);
    this.low = bytes.getUint32(at + tokenAt, true);
    this.high = bytes.getUint32(at + tokenAt + 4, true);
    this.sequence = take(bytes, at + sequenceAt);
    this.offset = take(bytes, at + offsetAt);
    this.time = take(bytes, at + timeAt);
    return this.sequence >= 0 && this.offset >= 0 && this.time >= 0;
  }
}

/** -1 for a number that is too large to be exact. */
function take(bytes: DataView, at: number): number {
  const upper = bytes.getUint32(at + 4, true);
  return upper < upperLimit ? upper * two32 + bytes.getUint32(at, true) : -1;
}
