import type { Algorithm } from './checksum.js';
import type { PlaneDetails } from './data-plane.js';
import type { FailureKind } from './failure.js';
import type { Range } from './ranges.js';
import type { EndReport } from './report.js';

/**
 * What `zerocopy send` and `zerocopy receive` say to each other.
 *
 * Every connection begins with one line of the connecting side (session/greeting.ts) and one of the receiver. A session has one control
 * connection, which carries messages as lines of JSON (session/channel.ts), and whatever its transport needs for the data
 * (data-plane.ts). Over TCP these are connections that join the session with its token, and carry pieces (tcp/piece.ts).
 *
 *     sender                              receiver
 *     hello ───────────────────────────▶
 *           ◀─────────────────────────── welcome
 *     offer ───────────────────────────▶                       for each file:
 *           ◀─────────────────────────── have                  what is there from an earlier try, with checksums
 *     wrong ───────────────────────────▶                       which of it is not what the file has
 *           ◀─────────────────────────── go                    what to send
 *     (data) ══════════════════════════▶
 *     sent  ───────────────────────────▶
 *           ◀─────────────────────────── whole                 or another go, where bytes were lost
 *     sum   ───────────────────────────▶                       the checksum of the whole file
 *           ◀─────────────────────────── stored                it is the receiver's too, and the file has its name
 *     report ──────────────────────────▶                       after the last file
 *           ◀─────────────────────────── report
 *
 * `have` and `wrong` are left out where nothing is there, and come twice where a complete file turned out to be another one and
 * may be overwritten. `stored` comes in place of `go` where the file is there already; `whole` and `sum` are left out where no
 * checksum was agreed on. Either side may say `error` at any time, and says `ping` when it has been quiet for a while.
 */

/** Bytes of a line at most, its end included. */
export const longestLine = 64 * 1024;
/** Stretches in one `have` at most: with SHA-256 checksums they fill three quarters of a line. */
export const mostParts = 512;
/** Stretches in one `go` at most. */
export const mostMissing = 2 * mostParts;
export const mostStreams = 64;
export const mostFiles = 100_000;
/** Of a file's name, in bytes (NAME_MAX of limits.h). */
export const longestName = 255;

export type Transport = 'tcp' | 'udp';
/** `default`: xxh64 where the receiver stores, none where it does not. */
export type ChecksumWish = Algorithm | 'none' | 'default';

export interface Hello {
  readonly is: 'hello';
  readonly transport: Transport;
  readonly streams: number;
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  readonly checksum: ChecksumWish;
  readonly resume: boolean;
  /** What comes is the files themselves, and not bytes made up for measuring. */
  readonly isCopy: boolean;
  readonly plane: PlaneDetails;
}

export interface Welcome {
  readonly is: 'welcome';
  readonly token: string;
  /** The files are kept. */
  readonly stores: boolean;
  readonly checksum: Algorithm | 'none';
  readonly plane: PlaneDetails;
}

export interface Offer {
  readonly is: 'offer';
  readonly file: number;
  /** Without folders; a byte string. */
  readonly name: string;
  readonly size: number;
  /** Tells this state of the file from another one. */
  readonly version: string;
}

/** A stretch that is there, and the checksum of its bytes. */
export interface Part extends Range {
  readonly checksum: string;
}

export interface Have {
  readonly is: 'have';
  readonly file: number;
  readonly algorithm: Algorithm;
  readonly parts: readonly Part[];
}

export interface Wrong {
  readonly is: 'wrong';
  readonly file: number;
  readonly ranges: readonly Range[];
}

export interface Go {
  readonly is: 'go';
  readonly file: number;
  readonly missing: readonly Range[];
}

export interface Sent {
  readonly is: 'sent';
  readonly file: number;
  readonly plane: PlaneDetails;
}

export interface Whole {
  readonly is: 'whole';
  readonly file: number;
}

export interface Sum {
  readonly is: 'sum';
  readonly file: number;
  /** In lower-case hexadecimal. */
  readonly checksum: string;
}

export interface Stored {
  readonly is: 'stored';
  readonly file: number;
}

export interface Report {
  readonly is: 'report';
  readonly report: EndReport;
}

export interface Failed {
  readonly is: 'error';
  readonly kind: FailureKind;
  readonly message: string;
}

export interface Ping {
  readonly is: 'ping';
}

export type SenderMessage = Hello | Offer | Wrong | Sent | Sum | Report | Failed | Ping;
export type ReceiverMessage = Welcome | Have | Go | Whole | Stored | Report | Failed | Ping;
export type Message = SenderMessage | ReceiverMessage;
