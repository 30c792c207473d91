import { decimalValue, isDigit } from '../../http/ascii.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { TransferError } from '../failure.js';
import { plain } from '../plain.js';

/** How the end of a response's body is told. */
export type BodyLength =
  | { readonly kind: 'none' }
  /** `length` in bytes; it may be 0. */
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** It ends with the connection: whether it is whole, nobody can tell. */
  | { readonly kind: 'close' };

/**
 * How long the body of a response is (RFC 9112 section 6.3).
 * @param method of the request
 * @throws TransferError (kind peer) where the head contradicts itself, or has a coding that was not asked for
 */
export function bodyLength(head: ReceivedHead, method: string): BodyLength {
  if (method === 'HEAD' || head.isInterim || head.status === 204 || head.status === 304) return { kind: 'none' };
  // "identity" was a coding once, and means none
  const codings = head.list('transfer-encoding').filter(coding => coding !== 'identity');
  if (codings.length === 1 && codings[0] === 'chunked') return { kind: 'chunked' };
  if (codings.length > 0) {
    throw new TransferError(
      `the answer comes with "Transfer-Encoding: ${plain(codings.join(', '))}", and only "chunked" can be read`,
      'peer',
    );
  }
  const length = contentLength(head);
  return length === null ? { kind: 'close' } : { kind: 'length', length };
}

/**
 * What Content-Length says; several that are equal are one (RFC 9110 section 8.6).
 * @returns bytes, or null where there is none
 * @throws TransferError (kind peer) where it is no number, or several differ
 */
function contentLength(head: ReceivedHead): number | null {
  if (head.get('content-length') === undefined) return null;
  const values = head.list('content-length');
  const lengths = new Set(values.map(readLength));
  const [length = -1] = lengths;
  if (lengths.size !== 1 || length < 0) {
    throw new TransferError(`the answer has no usable length: "Content-Length: ${plain(values.join(', '))}"`, 'peer');
  }
  return length;
}

function readLength(text: string): number {
  for (let at = 0; at < text.length; at++) if (!isDigit(text.charCodeAt(at))) return -1;
  const value = decimalValue(text, 0, text.length);
  return Number.isSafeInteger(value) ? value : -1;
}

/** Whether the connection can be used for another request after this response (RFC 9112 section 9.3). */
export function keepsAlive(head: ReceivedHead, body: BodyLength): boolean {
  if (body.kind === 'close') return false;
  const options = head.list('connection');
  if (options.includes('close')) return false;
  return head.version >= 1001 || options.includes('keep-alive');
}
