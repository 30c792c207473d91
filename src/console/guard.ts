/** Who may see the console, and who may change something by it. Pure: texts in, an answer out. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ConsoleAddress, ConsoleUser } from '../modules/console.js';
import { isLoopback } from '../modules/console.js';

/** The part of `console` and `console_auth` that decides. */
export interface Rights {
  readonly address: ConsoleAddress;
  readonly user: ConsoleUser | null;
}

/** Why this console changes nothing; '' where it may. */
export function whyNoControl({ address, user }: Rights, hasMaster: boolean): string {
  if (!hasMaster)
    return 'Changing settings takes a master with workers: this server is one process (master_process off).';
  if (user !== null || isLoopback(address.host)) return '';
  return 'Changing settings takes a password (console_auth NAME PASSWORD), or a console on the loopback.';
}

/**
 * Whether a Host names this console. Without a password, a page of somebody else's must not reach a console on the loopback under a name of its
 * own that it has had resolved to 127.0.0.1 (DNS rebinding): only names of the loopback do. With a password, or for all to see,
 * any name does.
 */
export function isOwnHost(host: string, { address, user }: Rights): boolean {
  if (host === '') return false;
  if (user !== null || !isLoopback(address.host)) return true;
  const name = hostName(host).toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':');
  return end <= 0 ? host : host.slice(0, end);
}

/** Whether a request comes from a page of this console. Programs send no Origin, browsers do where it matters (RFC 6454). */
export function isOwnOrigin(origin: string, host: string): boolean {
  return origin === '' || origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

/** Whether an Authorization field has the name and the password (RFC 7617). @param authorization a byte string */
export function isUser(authorization: string, { name, password }: ConsoleUser): boolean {
  const [, credentials] = /^basic +([a-z0-9+/=]+)$/i.exec(authorization) ?? [];
  if (credentials === undefined) return false;
  const given = Buffer.from(credentials, 'base64').toString('latin1');
  const colon = given.indexOf(':');
  if (colon < 0) return false;
  const isName = isSame(given.slice(0, colon), name);
  return isSecret(given.slice(colon + 1), password) && isName;
}

function isSecret(given: string, password: string): boolean {
  if (!password.startsWith('sha256:')) return isSame(given, password);
  return isSame(createHash('sha256').update(given, 'latin1').digest('hex'), password.slice('sha256:'.length));
}

/** Compares in a time that does not tell where the difference is. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'latin1').digest();
  return timingSafeEqual(digest(given), digest(expected));
}
