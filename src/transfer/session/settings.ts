import type { Algorithm } from '../checksum.js';
import type { Sink } from '../paths/path.js';
import type { ChecksumWish, Hello, Transport } from '../protocol.js';
import type { EndReport } from '../report.js';
import type { BufferSizes } from './socket-options.js';

/** What both ends are told by their users. */
interface CommonSettings extends BufferSizes {
  /** Bytes of one read, write or sendfile. */
  readonly blockSize: number;
  /** Past the page cache. */
  readonly direct: boolean;
  /** Seconds between two interval lines; 0: none. */
  readonly interval: number;
  /** After so many ms of silence the other end is given up. */
  readonly timeout: number;
}

export interface SendSettings extends CommonSettings {
  /** Paths; byte strings. */
  readonly files: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  readonly zeroCopy: boolean;
  readonly streams: number;
  /** Bytes a second of all streams together; 0: as fast as it goes. */
  readonly rate: number;
  readonly resume: boolean;
  readonly checksum: ChecksumWish;
  /** For measuring: each block is the file's first one. */
  readonly fixedOffset: boolean;
  /** For measuring: send so many bytes of each file; null: all it has. */
  readonly size: number | null;
  /** The file's pages are dropped from the page cache first. */
  readonly cold: boolean;
  /** Of UDP: bytes of a datagram, with its header. */
  readonly datagramSize: number;
  /** Of UDP: many datagrams as one message, which the kernel cuts. */
  readonly gso: boolean;
}

/** Where files go. */
export type Destination =
  | { readonly is: 'discard' }
  | { readonly is: 'memory' }
  /** Each file under its name in a folder; a byte string. */
  | { readonly is: 'folder'; readonly path: string }
  /** One file, whatever its name is at the sender. */
  | { readonly is: 'file'; readonly path: string };

export interface ReceiveSettings extends CommonSettings {
  /** An address of this machine, and a port; 0: any free one. */
  readonly host: string;
  readonly port: number;
  readonly destination: Destination;
  readonly zeroCopy: boolean;
  readonly overwrite: boolean;
  readonly fsync: boolean;
  /** For one session only. */
  readonly once: boolean;
}

/** By which way bytes leave the sockets. */
export function sinkKind({ destination, zeroCopy }: ReceiveSettings): Sink['name'] {
  if (destination.is === 'discard' || destination.is === 'memory') return destination.is;
  return zeroCopy ? 'splice' : 'read+write';
}

export function stores({ destination }: ReceiveSettings): boolean {
  return destination.is === 'folder' || destination.is === 'file';
}

/** @param checksum what was agreed on */
export function sendSettingsForReport(settings: SendSettings, checksum: Algorithm | 'none'): EndReport['settings'] {
  const { blockSize, zeroCopy, streams, direct, sndbuf, rcvbuf, rate, fixedOffset, size, resume, cold } = settings;
  const { transport, datagramSize, gso } = settings;
  return {
    blockSize,
    zeroCopy,
    streams,
    direct,
    sndbuf,
    rcvbuf,
    rate,
    fixedOffset,
    resume,
    cold,
    checksum,
    ...(size === null ? {} : { size }),
    ...(transport === 'udp' ? { datagramSize, gso } : {}),
  };
}

/** @param checksum what was agreed on */
export function receiveSettingsForReport(
  settings: ReceiveSettings,
  { streams, resume }: Hello,
  checksum: Algorithm | 'none',
): EndReport['settings'] {
  const { blockSize, zeroCopy, direct, fsync, sndbuf, rcvbuf, overwrite, destination } = settings;
  return {
    destination: destination.is,
    blockSize,
    zeroCopy,
    streams,
    direct,
    fsync,
    sndbuf,
    rcvbuf,
    overwrite,
    resume,
    checksum,
  };
}
