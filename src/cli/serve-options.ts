import { readPlainLine } from './plain-options.js';

/**
 * The options of `serve`, in yargs' terms. They are in a file of their own so that a plain command line can be read from the
 * table without loading yargs, which takes longer than Node's own start.
 */
export const serveOptions = {
  port: { type: 'string', default: '8080', describe: 'The port to listen on' },
  host: { type: 'string', default: '127.0.0.1', describe: 'The address to listen on; 0.0.0.0 is all of this machine' },
  sendfile: { type: 'string', default: 'on', describe: 'Who moves the bytes: the kernel (on), or this program (off)' },
  workers: { type: 'string', default: '1', describe: 'How many processes serve' },
  'access-log': { type: 'string', default: '/dev/stdout', describe: 'The file that requests are logged to' },
  console: { type: 'string', describe: 'Show what it does on a live page: its address (alone: 127.0.0.1:8081)' },
  'no-access-log': { type: 'boolean', default: false, describe: 'Log no requests' },
} as const;

/** What was asked for, unchecked; `serve` checks it. */
export interface ServeOptions {
  dir: string;
  port: string;
  host: string;
  sendfile: string;
  workers: string;
  'access-log': string;
  console?: string;
  'no-access-log': boolean;
}

/** The arguments after `serve`, where they are plain (plain-options.ts): one folder, and options. */
export function readPlain(args: readonly string[]): ServeOptions | null {
  const line = readPlainLine(args, serveOptions);
  if (line === null || line.words.length !== 1) return null;
  return { ...line.options, dir: line.words[0] } as unknown as ServeOptions;
}
