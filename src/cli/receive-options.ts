import { readPlainLine } from './plain-options.js';

/** The options of `receive`, in yargs' terms. */
export const receiveOptions = {
  listen: { type: 'string', default: '127.0.0.1:9000', describe: 'HOST:PORT; port 0: any free one' },
  dir: { type: 'string', describe: 'Store the files in this folder' },
  output: { type: 'string', describe: 'Store one file under this name' },
  discard: { type: 'boolean', default: false, describe: 'Drop the bytes in the kernel (MSG_TRUNC)' },
  memory: { type: 'boolean', default: false, describe: 'Receive the bytes into memory, and no further' },
  overwrite: { type: 'boolean', default: false, describe: 'Replace files of the same name' },
  once: { type: 'boolean', default: false, describe: 'End after one transfer, with its exit code' },
  'zero-copy': { type: 'boolean', describe: 'Store by splice, socket to pipe to file (the default)' },
  'no-zero-copy': { type: 'boolean', describe: 'Read into a block, and write it when it is full' },
  'block-size': { type: 'string', default: '128k', describe: 'Of such a block' },
  direct: { type: 'boolean', default: false, describe: 'Write past the page cache (O_DIRECT)' },
  fsync: { type: 'boolean', default: false, describe: 'A file is on the disk before it is done' },
  sndbuf: { type: 'string', default: '0', describe: 'Send buffer of each socket; 0: as the kernel sees fit' },
  rcvbuf: { type: 'string', default: '0', describe: 'Receive buffer of each socket; 0: as the kernel sees fit' },
  timeout: { type: 'string', default: '60', describe: 'Seconds that a sender may be silent' },
  interval: { type: 'string', default: '1', describe: 'Seconds from one line to the next; 0: none' },
  json: { type: 'boolean', default: false, describe: 'Print the result of each transfer as JSON' },
} as const;

export interface ReceiveOptions {
  readonly listen: string;
  readonly dir?: string;
  readonly output?: string;
  readonly discard: boolean;
  readonly memory: boolean;
  readonly overwrite: boolean;
  readonly once: boolean;
  readonly 'zero-copy'?: boolean;
  readonly 'no-zero-copy'?: boolean;
  readonly 'block-size': string;
  readonly direct: boolean;
  readonly fsync: boolean;
  readonly sndbuf: string;
  readonly rcvbuf: string;
  readonly timeout: string;
  readonly interval: string;
  readonly json: boolean;
}

/** The arguments after `receive`, where they are plain (plain-options.ts): options alone. */
export function readPlain(args: readonly string[]): ReceiveOptions | null {
  const line = readPlainLine(args, receiveOptions);
  if (line === null || line.words.length > 0) return null;
  return line.options as unknown as ReceiveOptions;
}
