import { readPlainLine } from './plain-options.js';

/** The options of `put`, in yargs' terms. */
export const putOptions = {
  'zero-copy': { type: 'boolean', describe: 'The kernel moves the bytes, with sendfile (the default)' },
  'no-zero-copy': { type: 'boolean', describe: 'Read and write instead' },
  'block-size': { type: 'string', default: '128k', describe: 'What one system call is asked for' },
  user: { type: 'string', describe: 'NAME:PASSWORD, for a server that asks for them (Basic)' },
  header: {
    type: 'array',
    string: true,
    nargs: 1,
    describe: '"NAME: VALUE" to send along; "NAME:" leaves one of ours out',
  },
  rate: { type: 'string', default: '0', describe: 'Bytes a second, such as 20M; 0: no limit' },
  retries: { type: 'string', default: '3', describe: 'Tries after the first one, each from the start' },
  timeout: { type: 'string', default: '300', describe: 'Seconds that the server may be silent' },
  interval: { type: 'string', default: '1', describe: 'Seconds from one line to the next; 0: none' },
  json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
  cacert: { type: 'string', describe: 'FILE: trust the authorities in it (PEM), for https' },
  insecure: { type: 'boolean', default: false, describe: 'Take any certificate, for https' },
} as const;

export interface PutOptions {
  readonly file: string;
  readonly url: string;
  readonly 'zero-copy'?: boolean;
  readonly 'no-zero-copy'?: boolean;
  readonly 'block-size': string;
  readonly user?: string;
  readonly header?: readonly string[];
  readonly rate: string;
  readonly retries: string;
  readonly timeout: string;
  readonly interval: string;
  readonly json: boolean;
  readonly cacert?: string;
  readonly insecure: boolean;
}

/** The arguments after `put`, where they are plain (plain-options.ts): a file, a URL, and options. */
export function readPlain(args: readonly string[]): PutOptions | null {
  const line = readPlainLine(args, putOptions);
  if (line === null || line.words.length !== 2) return null;
  return { ...line.options, file: line.words[0], url: line.words[1] } as unknown as PutOptions;
}
