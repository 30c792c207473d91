import type { Field, ReceivedHead } from '../../http/received-head.js';
import { product } from '../../version.js';
import { TransferError } from '../failure.js';
import { mergeFields } from '../http/request.js';
import type { HttpTarget } from '../http/url.js';
import type { CallCounts } from '../paths/path.js';
import type { SourceFile } from '../source-file.js';
import type { PutSettings } from './settings.js';

/** One try to put the file somewhere. */
export interface Attempt {
  readonly target: HttpTarget;
  readonly fields: readonly Field[];
  readonly file: SourceFile;
  readonly settings: PutSettings;
  /** The first byte of the file is about to go. */
  begin(): void;
  /** So many more bytes of the file have gone. */
  moved(bytes: number): void;
}

/** What the server said to it. */
export interface Answer {
  readonly head: ReceivedHead;
  /** The beginning of its body, a byte string; empty with a success. */
  readonly text: string;
  /** Bytes of the file that had gone by then. */
  readonly sent: number;
  /** The data path's name. */
  readonly path: string;
  readonly calls: CallCounts;
  readonly softErrors: number;
}

/** Bytes of an answer's body that are kept: for a reader, who wants to know why. */
export const mostText = 4096;

/** Ms that a server has to say "100 Continue", until the body is sent all the same: curl's. */
export const continueMs = 1000;

/**
 * The fields of the request.
 * @param size bytes of the file
 * @param expects whether the server is asked before the body is sent (RFC 9110 section 10.1.1); never for an empty one
 * @param headers the user's
 */
export function putFields(target: HttpTarget, size: number, expects: boolean, headers: readonly Field[]): Field[] {
  const { authority, authorization } = target;
  const own: Field[] = [
    { name: 'Host', value: authority },
    { name: 'User-Agent', value: product },
    { name: 'Accept', value: '*/*' },
    { name: 'Content-Length', value: `${size}` },
    { name: 'Connection', value: 'close' },
  ];
  if (authorization !== undefined) own.push({ name: 'Authorization', value: authorization });
  if (expects && size > 0) own.push({ name: 'Expect', value: '100-continue' });
  return mergeFields(own, headers);
}

/** @param sent bytes by then */
export function shortFile({ path, size }: SourceFile, sent: number): TransferError {
  return new TransferError(`"${path}" ended after ${sent} of ${size} bytes: it was cut while it was sent`, 'source');
}

export function expectsContinue(fields: readonly Field[]): boolean {
  return fields.some(({ name }) => name.toLowerCase() === 'expect');
}
