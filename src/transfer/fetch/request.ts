import type { Field } from '../../http/received-head.js';
import { product } from '../../version.js';
import { mergeFields, withoutSecrets } from '../http/request.js';
import type { HttpTarget } from '../http/url.js';
import type { Range } from '../ranges.js';

/** These say how fetch goes about it, or where a message ends: a user cannot set them. */
export const ownFields: readonly string[] = [
  ...['range', 'if-range', 'accept-encoding', 'te', 'expect'],
  ...['connection', 'upgrade', 'content-length', 'transfer-encoding'],
];

/** What is asked for of a file. */
export interface Wish {
  /** Null: all of it, without a word of parts. `end` may be Infinity. */
  readonly range: Range | null;
  /** What the part is to be of, as If-Range takes it; '' where it does not matter. */
  readonly validator: string;
}

export const wholeFile: Wish = { range: null, validator: '' };

/**
 * The fields of a GET.
 * @param users fields of the user's
 * @param isTrusted whether the target is the server that the user named
 */
export function requestFields(target: HttpTarget, wish: Wish, users: readonly Field[], isTrusted: boolean): Field[] {
  const { authority, authorization } = target;
  const fields: Field[] = [
    { name: 'Host', value: authority },
    { name: 'User-Agent', value: product },
    { name: 'Accept', value: '*/*' },
    { name: 'Accept-Encoding', value: 'identity' },
  ];
  if (authorization !== undefined) fields.push({ name: 'Authorization', value: authorization });
  if (wish.range !== null) {
    const { start, end } = wish.range;
    fields.push({ name: 'Range', value: `bytes=${start}-${end === Number.POSITIVE_INFINITY ? '' : end - 1}` });
    if (wish.validator !== '') fields.push({ name: 'If-Range', value: wish.validator });
  }
  return mergeFields(fields, isTrusted ? users : withoutSecrets(users));
}
