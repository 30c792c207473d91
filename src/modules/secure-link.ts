/** Links that nobody can make who does not know a secret, and that may end: `secure_link`. The configuration asks `$secure_link`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ParseContext } from '../conf/directive.js';
import { parseTime } from '../conf/values.js';
import type { Complex, Subject, Variable } from '../conf/variables.js';
import type { Module, Request } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** What the three directives say: they take each other's place. */
export interface SecureLink {
  /** The checksum and the end, as the link has them. */
  readonly given: Complex | null;
  /** What the checksum is of. */
  readonly signed: Complex | null;
  /** The old form's secret; '' for none. */
  readonly secret: string;
}

declare module '../conf/settings.js' {
  interface Settings {
    secureLink: SecureLink;
  }
}

const NOTHING: SecureLink = { given: null, signed: null, secret: '' };
const MD5_SIZE = 16;
const HEX_SIZE = 32;
/** Characters of a checksum at most. */
const LONGEST_CHECKSUM = 24;
const MILLISECONDS = 1000;
const BASE64URL = /^[A-Za-z0-9_-]*/;

/** Where a request's values have the end of its link, once $secure_link was asked for. */
const expiresKey = {};

function md5(text: string): Buffer {
  return createHash('md5').update(text, 'latin1').digest();
}

/** The checksum of a link; null for what is none. */
function decode(text: string): Buffer | null {
  const end = text.indexOf('=');
  const digits = end === -1 ? text : text.slice(0, end);
  if (text.length > LONGEST_CHECKSUM || BASE64URL.exec(digits)?.[0] !== digits || digits.length % 4 === 1) return null;
  const bytes = Buffer.from(digits, 'base64url');
  return bytes.length === MD5_SIZE ? bytes : null;
}

/** Whether a link is good: "1", or "0" when its time is over. */
function checkLink(request: Request, given: string, signed: Complex): string | undefined {
  const comma = given.indexOf(',');
  let end = 0;
  if (comma !== -1) {
    const text = given.slice(comma + 1);
    // digits and nothing else: a moment, and no length of time
    end = /^\d+$/.test(text) ? (parseTime(text, 's') ?? 0) : 0;
    if (end <= 0) return undefined;
    request.values.set(expiresKey, text);
  }
  const checksum = decode(comma === -1 ? given : given.slice(0, comma));
  if (checksum === null || !timingSafeEqual(checksum, md5(signed.evaluate(request)))) return undefined;
  return end > 0 && end / MILLISECONDS < Math.floor(request.now / MILLISECONDS) ? '0' : '1';
}

/** The old form: /prefix/CHECKSUM/link, where the checksum is of the link and the secret. Gives the link. */
function linkOf(target: string, secret: string): string | undefined {
  const start = target.indexOf('/', 1) + 1;
  const end = start === 0 ? -1 : target.indexOf('/', start);
  const link = target.slice(end + 1);
  if (end - start !== HEX_SIZE || link === '') return undefined;
  const hex = target.slice(start, end);
  if (!/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  return timingSafeEqual(Buffer.from(hex, 'hex'), md5(link + secret)) ? link : undefined;
}

function secureLink(request: Request): string | undefined {
  const { given, signed, secret } = request.settings.secureLink;
  if (secret !== '') return linkOf(request.head.target, secret);
  return given === null || signed === null ? undefined : checkLink(request, given.evaluate(request), signed);
}

function variable(name: string, doc: string, get: (request: Request) => string | undefined): Variable {
  return { name, doc, get: get as (subject: Subject) => string | undefined };
}

function add(own: SecureLink | undefined, part: Partial<SecureLink>, cx: ParseContext): SecureLink {
  const link = { ...NOTHING, ...own, ...part };
  if (link.secret !== '' && (link.given !== null || link.signed !== null)) {
    cx.fail('"secure_link_secret" cannot be mixed with "secure_link" and "secure_link_md5"');
  }
  return link;
}

/** The two directives of the new form are inherited one by one. */
function merge(own: SecureLink | undefined, parent: SecureLink): SecureLink {
  if (own === undefined) return parent;
  if (own.secret !== '') return own;
  return { given: own.given ?? parent.given, signed: own.signed ?? parent.signed, secret: '' };
}

export const secureLinks: Module = {
  name: 'secure_link',
  directives: [
    row<'secureLink'>({
      name: 'secure_link',
      key: 'secureLink',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: NOTHING,
      doc: 'Where a link has its checksum and, behind a comma, its end (variables): for $secure_link.',
      parse: (args, cx, before) => add(before, { given: cx.complex(args[0]!) }, cx),
      merge,
    }),
    row<'secureLink'>({
      name: 'secure_link_md5',
      key: 'secureLink',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: NOTHING,
      doc: 'What the MD5 checksum of a link is of (variables): a secret, and what the link is to be good for.',
      parse: (args, cx, before) => add(before, { signed: cx.complex(args[0]!) }, cx),
    }),
    row<'secureLink'>({
      name: 'secure_link_secret',
      key: 'secureLink',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: NOTHING,
      doc: 'A secret for links of the form /prefix/MD5/link; $secure_link is then the link.',
      parse: (args, cx, before) => add(before, { secret: args[0]! }, cx),
    }),
  ],
  variables: [
    variable(
      'secure_link',
      'Whether a link is good: empty, "0" (it was, until its end), "1", or the link.',
      secureLink,
    ),
    variable('secure_link_expires', 'The end of a link, once $secure_link was asked for.', r =>
      r.values.get(expiresKey),
    ),
  ],
};
