import { readPlainLine } from './plain-options.js';

/** The options of `fetch`, in yargs' terms. */
export const fetchOptions = {
  output: { type: 'string', alias: 'o', describe: 'The name of the file; "-" is standard output' },
  dir: { type: 'string', default: '', describe: 'The folder that it goes to' },
  streams: { type: 'string', default: '1', describe: 'Connections that share the file, up to 64' },
  resume: {
    type: 'boolean',
    default: false,
    describe: 'Go on with what an earlier try has kept; leave a file alone that is there already',
  },
  overwrite: { type: 'boolean', default: false, describe: 'Replace a file that is there' },
  checksum: {
    type: 'string',
    describe: 'sha-256 or xxh64: show the sum; with =HEX behind it: a file with another one does not get its name',
  },
  'zero-copy': { type: 'boolean', describe: 'The kernel stores the bytes, with splice (the default)' },
  'no-zero-copy': { type: 'boolean', describe: 'Read and write instead' },
  'block-size': { type: 'string', default: '1M', describe: 'Bytes of one read and write' },
  rate: { type: 'string', default: '0', describe: 'Bytes a second, such as 20M; 0: no limit' },
  retries: { type: 'string', default: '5', describe: 'Tries in a row after one that failed' },
  timeout: { type: 'string', default: '60', describe: 'Seconds that the server may be silent' },
  'max-redirects': { type: 'string', default: '20', describe: 'How often the server may lead elsewhere' },
  header: {
    type: 'array',
    string: true,
    nargs: 1,
    describe: '"NAME: VALUE" to send along; "NAME:" leaves one of ours out',
  },
  user: { type: 'string', describe: 'NAME:PASSWORD, for a server that asks for them (Basic)' },
  cacert: { type: 'string', describe: 'FILE: trust the authorities in it (PEM), for https' },
  insecure: { type: 'boolean', default: false, describe: 'Take any certificate, for https' },
  fsync: { type: 'boolean', default: false, describe: 'Have the file on the disk before it gets its name' },
  interval: { type: 'string', default: '1', describe: 'Seconds from one line to the next; 0: none' },
  json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
} as const;

export interface FetchOptions {
  readonly urls: readonly string[];
  readonly output?: string;
  readonly dir: string;
  readonly streams: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly checksum?: string;
  readonly 'zero-copy'?: boolean;
  readonly 'no-zero-copy'?: boolean;
  readonly 'block-size': string;
  readonly rate: string;
  readonly retries: string;
  readonly timeout: string;
  readonly 'max-redirects': string;
  readonly header?: readonly string[];
  readonly user?: string;
  readonly cacert?: string;
  readonly insecure: boolean;
  readonly fsync: boolean;
  readonly interval: string;
  readonly json: boolean;
}

/** The arguments after `fetch`, where they are plain (plain-options.ts): to load yargs takes as long as curl takes for 100 MB. */
export function readPlain(args: readonly string[]): FetchOptions | null {
  const line = readPlainLine(args, fetchOptions);
  if (line === null || line.words.length === 0) return null;
  return { ...line.options, urls: line.words } as unknown as FetchOptions;
}
