import { readFileSync } from 'node:fs';
import type { Field } from '../http/received-head.js';
import { readField } from '../transfer/http/request.js';
import type { TlsTrust } from '../transfer/http/tls.js';
import { type HttpTarget, parseUrl } from '../transfer/http/url.js';
import { nodePath } from './bytes.js';
import { reasonOf, UsageError } from './failure.js';

/** Options of the commands that speak HTTP. Each function throws a UsageError that says what is right. */

export function urlArgument(url: string): HttpTarget {
  try {
    return parseUrl(url);
  } catch (error) {
    throw new UsageError(reasonOf(error));
  }
}

/**
 * --header, as often as it is given.
 * @param command that they are for
 * @param own names in lower case: what the command sets itself
 */
export function headerOption(texts: readonly string[], command: string, own: readonly string[]): Field[] {
  return texts.map(text => {
    const field = readField(text);
    if (field === null) throw new UsageError(`--header "${text}": give "NAME: VALUE"`);
    if (!own.includes(field.name.toLowerCase())) return field;
    throw new UsageError(`--header "${text}": ${command} sets "${field.name}" itself`);
  });
}

/** --user NAME:PASSWORD; the password may have colons. */
export function userOption(text: string): { user: string; password: string } {
  const colon = text.indexOf(':');
  if (colon < 0) throw new UsageError('--user: give NAME:PASSWORD');
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function trustOption(insecure: boolean, cacert: string | undefined): TlsTrust {
  if (cacert === undefined) return { insecure };
  try {
    return { insecure, ca: readFileSync(nodePath(cacert)) };
  } catch (error) {
    throw new UsageError(`--cacert: ${reasonOf(error)}`);
  }
}
