import { readPlainLine } from './plain-options.js';

/** The options of `send`, in yargs' terms. */
export const sendOptions = {
  'zero-copy': {
    type: 'boolean',
    describe: 'The kernel moves the bytes, with sendfile (the default; over UDP for datagrams of 4136 bytes and more)',
  },
  'no-zero-copy': { type: 'boolean', describe: 'Read and write instead' },
  'block-size': { type: 'string', default: '128k', describe: 'What one system call is asked for' },
  streams: { type: 'string', default: '1', describe: 'Connections that share each file, up to 64' },
  resume: { type: 'boolean', default: false, describe: 'Go on with what the receiver has kept of an earlier try' },
  checksum: { type: 'string', default: 'default', describe: 'xxh64, sha-256 or none (xxh64 where files are stored)' },
  rate: { type: 'string', describe: 'Bytes a second, such as 20M; 0: no limit (the default; over UDP 12.5 MB)' },
  udp: { type: 'boolean', default: false, describe: 'Over UDP, in datagrams; what is lost is counted' },
  'datagram-size': { type: 'string', describe: 'Of UDP: bytes of a datagram, with its header (1448)' },
  gso: { type: 'boolean', default: false, describe: 'Of UDP: let the kernel cut many datagrams at once' },
  direct: { type: 'boolean', default: false, describe: 'Read past the page cache (O_DIRECT)' },
  cold: { type: 'boolean', default: false, describe: 'Drop the file from the page cache first' },
  'fixed-offset': { type: 'boolean', default: false, describe: 'For measuring: send the first block again and again' },
  size: { type: 'string', describe: 'For measuring: send so many bytes of each file' },
  sndbuf: { type: 'string', default: '0', describe: 'Send buffer of each socket; 0: as the kernel sees fit' },
  rcvbuf: { type: 'string', default: '0', describe: 'Receive buffer of each socket; 0: as the kernel sees fit' },
  timeout: { type: 'string', default: '60', describe: 'Seconds that the receiver may be silent' },
  interval: { type: 'string', default: '1', describe: 'Seconds from one line to the next; 0: none' },
  json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
} as const;

export interface SendOptions {
  /** The files, and where they go. */
  readonly files: readonly string[];
  readonly 'zero-copy'?: boolean;
  readonly 'no-zero-copy'?: boolean;
  readonly 'block-size': string;
  readonly streams: string;
  readonly resume: boolean;
  readonly checksum: string;
  readonly rate?: string;
  readonly udp: boolean;
  readonly 'datagram-size'?: string;
  readonly gso: boolean;
  readonly direct: boolean;
  readonly cold: boolean;
  readonly 'fixed-offset': boolean;
  readonly size?: string;
  readonly sndbuf: string;
  readonly rcvbuf: string;
  readonly timeout: string;
  readonly interval: string;
  readonly json: boolean;
}

/** The arguments after `send`, where they are plain (plain-options.ts): words, and options. */
export function readPlain(args: readonly string[]): SendOptions | null {
  const line = readPlainLine(args, sendOptions);
  if (line === null || line.words.length === 0) return null;
  return { ...line.options, files: line.words } as unknown as SendOptions;
}
