import type { TransferError } from '../failure.js';
import type { CallCounts } from '../paths/path.js';

/** What a datagram's header says beside its place: the same for a whole call. */
export interface Stamp {
  /** The file's place in the session. */
  readonly file: number;
  /** Sequence number of the first datagram. */
  readonly sequence: number;
  /** Microseconds. */
  readonly time: number;
}

/** How a stretch of a file leaves as datagrams: one for each file. */
export interface DatagramSource {
  /**
   * Sends at most `count` datagrams with the bytes from `offset` on; all are full, but for the last before `end`.
   * @returns how many went, 0 where the file ends early, or the negative errno of the socket or the file (see `failure`)
   */
  send(offset: number, end: number, count: number, stamp: Stamp): number;
  /**
   * What a hard error that `send` gave means.
   * @param errno positive
   */
  failure(errno: number): TransferError;
}

/** What a source needs to know of the session that it sends for. */
export interface DatagramSettings {
  /** Connected, non-blocking. */
  readonly socket: number;
  /** The other end's address, for messages. */
  readonly peer: string;
  /** Header and payload, in bytes. */
  readonly datagramSize: number;
  /** The kernel is given many datagrams as one message, to cut it (UDP_SEGMENT). */
  readonly gso: boolean;
  readonly blockSize: number;
  /** Each block is read from the file's start again. */
  readonly fixedOffset: boolean;
  /** Counted up. */
  readonly calls: CallCounts;
}

/** A file that a source reads. */
export interface DatagramFile {
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  /** Bytes that it has: with a fixed offset less than are sent of it. */
  readonly size: number;
}

/** Counts a system call. */
export function counted(calls: CallCounts, call: string): void {
  calls[call] = (calls[call] ?? 0) + 1;
}
