import { escapeUriComponent } from '../../http/escape.js';
import { TransferError } from '../failure.js';
import { plain } from '../plain.js';

/** Where a request goes. Texts are byte strings in ASCII. */
export interface HttpTarget {
  readonly secure: boolean;
  /** For the name server: without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly port: number;
  /** For the field Host: with the brackets, and with the port where it is not the scheme's own. */
  readonly authority: string;
  /** For the request line: path and query, escaped, beginning with "/". */
  readonly path: string;
  /** For the field Authorization, where the URL has a user. */
  readonly authorization?: string;
  /** For messages: the whole URL, without user and password. */
  readonly url: string;
}

/**
 * Reads a URL as a user gives it: a byte string. Without a scheme it is http, as for curl and wget; bytes that a URL cannot
 * have are escaped, "." and ".." resolved, and the fragment dropped, as browsers do (the URL standard, url.spec.whatwg.org).
 * @throws TransferError (kind refused) where it is no URL, or neither http nor https
 */
export function parseUrl(text: string): HttpTarget {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  return readTarget(hasScheme ? text : `http://${text}`, undefined, 'refused');
}

/**
 * Where a redirect leads (RFC 9110 section 10.2.2). User and password stay with the origin that they were for.
 * @param location the field's value, a byte string
 * @throws TransferError (kind peer) where it is no URL, or neither http nor https
 */
export function resolveRedirect(base: HttpTarget, location: string): HttpTarget {
  const to = readTarget(location, base.url, 'peer');
  const isSame = to.secure === base.secure && to.host === base.host && to.port === base.port;
  if (!isSame || to.authorization !== undefined || base.authorization === undefined) return to;
  return { ...to, authorization: base.authorization };
}

/** The same place with user and password. Both are byte strings; a user cannot have a colon (RFC 7617 section 2). */
export function withCredentials(target: HttpTarget, user: string, password: string): HttpTarget {
  return { ...target, authorization: basicAuthorization(user, password) };
}

/** The value of an Authorization field (RFC 7617). @param user and `password` are byte strings */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;
}

/** A URL whose path ends with "/" names a folder: this is the file of that name in it, as curl -T has it. Others stay. */
export function withFileName(target: HttpTarget, name: string): HttpTarget {
  const url = new URL(target.url);
  if (!url.pathname.endsWith('/')) return target;
  url.pathname += escapeUriComponent(name);
  return { ...target, path: url.pathname + url.search, url: url.href };
}

/** A byte string with what stands behind its percent signs; a "%" that escapes nothing stays. */
export function decodeEscapes(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** @param blame whose mistake it is if it is no URL */
function readTarget(text: string, base: string | undefined, blame: 'refused' | 'peer'): HttpTarget {
  const url = readUrl(text, base);
  const shown = `"${plain(text.replace(/\/\/[^/]*@/, '//'))}"`;
  const given = blame === 'peer' ? `the server leads to ${shown}` : shown;
  if (url === null) throw new TransferError(`${given}: that is no URL; http://HOST[:PORT]/PATH is one`, blame);
  const secure = url.protocol === 'https:';
  if (!secure && url.protocol !== 'http:') {
    throw new TransferError(`${given}: only http and https are known, not "${url.protocol.slice(0, -1)}"`, blame);
  }
  const { username, password, hostname } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  const target = {
    secure,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: url.pathname + url.search,
    url: url.href,
  };
  if (username === '' && password === '') return target;
  return withCredentials(target, decodeEscapes(username), decodeEscapes(password));
}

function readUrl(text: string, base: string | undefined): URL | null {
  // "http:///path" would be read as the host "path"
  if (/^https?:\/{3}/i.test(text)) return null;
  // URL takes text, and would write bytes above ASCII as the UTF-8 of Latin-1 letters
  const ascii = text.replace(/[\x80-\xff]/g, escapeUriComponent);
  try {
    return new URL(ascii, base);
  } catch {
    return null;
  }
}
