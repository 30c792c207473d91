import type { Field } from '../../http/received-head.js';
import type { TlsTrust } from '../http/tls.js';
import type { HttpTarget } from '../http/url.js';

/** What `zerocopy put` was asked for. */
export interface PutSettings {
  /** The file, a byte string. */
  readonly path: string;
  /** Where it goes; where the path ends with "/", the file's name is appended. */
  readonly target: HttpTarget;
  /** Fields of the user's; they replace those that put would send. */
  readonly headers: readonly Field[];
  /** sendfile; else pread and send. */
  readonly zeroCopy: boolean;
  /** Bytes that one call is asked for. */
  readonly blockSize: number;
  /** Bytes a second; 0: no limit. */
  readonly rate: number;
  /** Seconds from one interval line to the next; 0: none. */
  readonly interval: number;
  /** Tries after the first one. */
  readonly retries: number;
  /** Ms: for the connection, and for each silence on it. */
  readonly timeoutMs: number;
  readonly trust: TlsTrust;
}

/** Fields that say where the body ends and what becomes of the connection: put's own business. */
export const ownFields: readonly string[] = ['content-length', 'transfer-encoding', 'connection'];
