import { MemoryBlock } from '../../../native/memory.js';
import { TransferError } from '../failure.js';
import type { Range } from '../ranges.js';

/**
 * A piece is a stretch of a file on a data connection: 24 bytes that say which, and then its bytes as they are, so that
 * sendfile and splice can move them. Numbers are big-endian:
 *
 *     0   4   "zcpc"
 *     4   4   the file's place in the session
 *     8   8   where the stretch begins in the file
 *     16  8   its length, not 0
 */
export const headerLength = 24;

const mark = 0x7a637063;
const word = 0x1_0000_0000;

/** The header of one piece, in memory that the kernel reads or writes. */
export class PieceHeader {
  private readonly block = new MemoryBlock(headerLength);
  readonly bytes = this.block.bytes;
  readonly address = this.block.address;

  set(file: number, { start, end }: Range): void {
    const { bytes } = this;
    bytes.writeUInt32BE(mark, 0);
    bytes.writeUInt32BE(file, 4);
    this.setLong(8, start);
    this.setLong(16, end - start);
  }

  private setLong(at: number, value: number): void {
    this.bytes.writeUInt32BE(Math.floor(value / word), at);
    this.bytes.writeUInt32BE(value % word, at + 4);
  }

  /**
   * Which bytes of the file follow.
   * @throws TransferError (kind peer) where it is no header, or not one of this file
   */
  range(file: number, size: number): Range {
    const { bytes } = this;
    const start = this.long(8);
    const end = start + this.long(16);
    const isSound = bytes.readUInt32BE(0) === mark && bytes.readUInt32BE(4) === file && end > start && end <= size;
    if (!isSound) throw wrongPiece(`a piece begins with ${bytes.toString('hex')}`);
    return { start, end };
  }

  /** 2^64 and what is near it comes out inexact, and as more than any size. */
  private long(at: number): number {
    return this.bytes.readUInt32BE(at) * word + this.bytes.readUInt32BE(at + 4);
  }
}

export function wrongPiece(how: string): TransferError {
  return new TransferError(`the sender does not keep to the protocol: ${how}`, 'peer');
}

const mebi = 1024 * 1024;
/** Bytes of a piece, where several streams share a file: at most as much as they are apart, so that the checksum can follow. */
const largest = 64 * mebi;

/**
 * Cuts what is missing of a file into pieces. One stream needs no cuts; several get pieces of 64 MiB, or smaller ones where
 * there would be less than four for each. Cuts are at whole MiBs of the file, as O_DIRECT needs them.
 */
export function piecesOf(missing: readonly Range[], streams: number): Range[] {
  if (streams === 1) return [...missing];
  const total = missing.reduce((sum, { start, end }) => sum + end - start, 0);
  const size = Math.min(largest, Math.max(1, Math.ceil(total / streams / 4 / mebi)) * mebi);
  const pieces: Range[] = [];
  for (const { start, end } of missing) {
    for (let at = start; at < end; ) {
      const next = Math.min(end, (Math.floor(at / size) + 1) * size);
      pieces.push({ start: at, end: next });
      at = next;
    }
  }
  return pieces;
}

/** A turn of the loop is to be over soon, so that timers and signals are not late. */
const bytesOfTurn = 8 * mebi;
const leastShare = mebi / 2;

/** Bytes that each of so many streams may move in one turn of the loop. */
export function shareOf(streams: number): number {
  return Math.max(leastShare, Math.floor(bytesOfTurn / streams));
}
