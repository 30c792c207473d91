/** The user and the password of Basic authentication (RFC 7617). */
import { asciiLower } from '../http/ascii.js';

export interface Credentials {
  /** Byte strings. */
  readonly user: string;
  readonly password: string;
}

const SCHEME = 'basic ';
const BASE64 = /^[A-Za-z0-9+/]*$/;

/** Decodes base64 as strictly as nginx: up to the first "=", and nothing but its digits. */
function decode(text: string): string | null {
  const end = text.indexOf('=');
  const digits = end === -1 ? text : text.slice(0, end);
  if (digits.length % 4 === 1 || !BASE64.test(digits)) return null;
  return Buffer.from(digits, 'base64').toString('latin1');
}

/** @param authorization the header's value; null is returned where it has none */
export function basicCredentials(authorization: string | undefined): Credentials | null {
  if (authorization === undefined || asciiLower(authorization.slice(0, SCHEME.length)) !== SCHEME) return null;
  const decoded = decode(authorization.slice(SCHEME.length).replace(/^ +/, ''));
  const colon = decoded === null ? -1 : decoded.indexOf(':');
  if (decoded === null || colon < 1) return null;
  // to C, a NUL ends a password
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1).split('\0', 1)[0]! };
}
