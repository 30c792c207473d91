import type { Field } from '../../http/received-head.js';
import type { Algorithm } from '../checksum.js';
import type { TlsTrust } from '../http/tls.js';

/** What a run of `zerocopy fetch` was asked for: the same for all of its URLs. */
export interface FetchSettings {
  /** The name of the file, a byte string; '' where the server or the URL names it, '-' for standard output. */
  readonly output: string;
  /** The folder that the file goes to; '' is the working directory. */
  readonly dir: string;
  readonly streams: number;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly fsync: boolean;
  /** `expected` in lower case; '' where the sum is only to be shown. */
  readonly checksum: { readonly algorithm: Algorithm; readonly expected: string } | null;
  /** splice; else recv and pwrite. */
  readonly zeroCopy: boolean;
  /** Bytes that one call is asked for. */
  readonly blockSize: number;
  /** Bytes a second of all streams together; 0: no limit. */
  readonly rate: number;
  /** Tries after the first one that may fail in a row. */
  readonly retries: number;
  /** Ms: for a connection to come about, and for each pause in it. */
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  /** Fields of the user's; they replace those that fetch would send. */
  readonly headers: readonly Field[];
  /** For the field Authorization, in place of what the URL has; '' where none was given. */
  readonly authorization: string;
  readonly trust: TlsTrust;
}

/** Whether the file goes to standard output. */
export function isToOutput({ output }: Pick<FetchSettings, 'output'>): boolean {
  return output === '-';
}

/** What `--streams` may be at most. */
export const mostStreams = 64;
