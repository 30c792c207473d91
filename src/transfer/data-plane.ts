import type { EventLoop } from '../event/loop.js';
import type { CallCounts } from './paths/path.js';
import type { Range, RangeSet } from './ranges.js';
import type { UdpFigures } from './report.js';

/**
 * How the bytes of a session travel, beside the control connection that both transports have. A session has a sending half on
 * one end and a receiving half on the other; which file it is, what is missing of it, whether it arrived whole and what it is
 * called then is the session's business, and the same for all.
 *
 * In order: `details` of the sending half go with the hello; the receiving half is opened with them, and its own details go
 * back with the welcome; the sending half is opened with those. Then for each file: `begin` there, `send` here, and when all is
 * sent, `finish` there. Where bytes are missing after that (datagrams do get lost), the session asks for them by another `send`.
 */

/** What the halves tell each other by way of the control connection: at most 32 entries; names and texts are short. */
export type PlaneDetails = Readonly<Record<string, number | string>>;

/** What a half is given by the session that it works for. */
export interface PlaneHost {
  readonly loop: EventLoop;
  /** The other end's address, for messages. */
  readonly peer: string;
  /** The first byte of data is about to move: time and cost count from here. Later calls change nothing. */
  begin(): void;
  /** Bytes of data have moved. Cheap: to be called with what a turn has moved. */
  moved(bytes: number): void;
  /** Something broke while nobody waited for `open`, `send` or `finish`, or in whose callbacks it shows: ends the session. */
  fail(error: unknown): void;
}

/** A file as it leaves. */
export interface OutgoingFile {
  /** Its place in the session, from 0. */
  readonly index: number;
  /** Open for reading. */
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  readonly size: number;
  /** All below `offset` has been sent, or was there before: for the checksum, which follows. To be called now and then. */
  sentUpTo(offset: number): void;
}

/** A file as it arrives. */
export interface IncomingFile {
  readonly index: number;
  /** Open for reading and writing; -1 where nothing is stored. */
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  readonly size: number;
  /** What is there. `stored` adds to it. */
  readonly done: RangeSet;
  /** Bytes `start` … `end` have been written (or dropped, where nothing is stored). */
  stored(start: number, end: number): void;
}

interface Plane {
  /** The name of the data path. */
  readonly path: string;
  /** System calls so far, by the kernel's names. */
  readonly calls: CallCounts;
  /** Errors that passed (ENOBUFS, ENOMEM), so far. */
  readonly softErrors: number;
  /** Datagrams so far, where there are any. */
  readonly udp?: UdpFigures | undefined;
  /** Milliseconds that the last `finish` has waited in vain for what got lost: they are no part of the transfer. */
  readonly waited?: number;
  /** Closes what it has opened. A promise that it has given is rejected or stays as it is; nobody waits any more. */
  close(): void;
}

/** The half at the sender. */
export interface SendingPlane extends Plane {
  readonly details: PlaneDetails;
  /**
   * @param token what the session is known by at the receiver: 32 hexadecimal digits that nobody can guess
   * @param details of the receiving half
   * @throws TransferError
   */
  open(token: string, details: PlaneDetails): Promise<void>;
  /**
   * Sends ranges of a file: ascending, apart from each other, none empty.
   * @returns when the kernel has all of it: what the receiving half is to know at `finish`
   * @throws TransferError
   */
  send(file: OutgoingFile, missing: readonly Range[]): Promise<PlaneDetails>;
}

/** The half at the receiver. */
export interface ReceivingPlane extends Plane {
  /**
   * @param token see SendingPlane.open
   * @returns what the sending half is to know (a port)
   * @throws TransferError for details that make no sense, or what cannot be opened
   */
  open(token: string, details: PlaneDetails): PlaneDetails;
  /**
   * A connection that has shown the token. Left out where no connections are expected.
   * @returns why it is not wanted; '' where it is, and the descriptor belongs to the plane
   */
  join?(fd: number): string;
  /** From now on the file's bytes are taken. Until then, and after `finish`, none are. */
  begin(file: IncomingFile): void;
  /**
   * The sender has sent what it was asked for.
   * @returns when all of it has arrived and has been reported to `stored`, or what has not arrived is lost
   * @throws TransferError
   */
  finish(details: PlaneDetails): Promise<void>;
}
