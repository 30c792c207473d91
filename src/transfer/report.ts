import { decoded } from '../tools/visible.js';
import type { Algorithm } from './checksum.js';
import type { EndFigures } from './meter.js';

export { summaryText } from './summary.js';

export interface FileReport {
  /** A byte string. */
  readonly name: string;
  readonly size: number;
  /** Bytes that were there from an earlier try. */
  readonly resumedFrom: number;
  readonly checksum?: { readonly algorithm: Algorithm; readonly value: string };
}

/** Datagrams, as iperf3 counts them. */
export interface UdpFigures {
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly outOfOrder: number;
  readonly duplicates: number;
  readonly lossPercent: number;
  readonly jitterMs: number;
  /** Datagrams that came over the network, and for which the receiver's socket had no room; where several sessions share it, of all. */
  readonly socketDrops?: number;
  /** Datagrams that came to the receiver's port meanwhile, and belonged to no session. */
  readonly strangers?: number;
}

/** One end of a transfer, as --json prints it and as the ends tell each other. */
export interface EndReport extends EndFigures {
  readonly role: 'send' | 'receive' | 'fetch' | 'put';
  readonly transport: 'tcp' | 'udp' | 'http' | 'https';
  /** The data path's name. */
  readonly path: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly softErrors: number;
  readonly files: readonly FileReport[];
  readonly udp?: UdpFigures;
}

/** Both ends where both are known. */
export interface TransferReport {
  readonly sender?: EndReport;
  readonly receiver?: EndReport;
}

/** What --json prints: one JSON document in ASCII and a line's end. Byte strings that are UTF-8 are texts in it. */
export function reportJson(report: TransferReport): string {
  const text = JSON.stringify(report, (_, value: unknown) => (typeof value === 'string' ? decoded(value) : value), 1);
  return `${text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
