/** `userid`: a cookie by which a client is known again, as mod_uid of Apache and nginx make it. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { parseTime } from '../conf/values.js';
import type { Subject, Variable } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { cookieDate } from '../http/dates.js';
import { binaryAddress } from './binary-address.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { cookieValue } from './pairs.js';
import { choice, count, EVERYWHERE, invalidValue, row } from './rows.js';
import { CHARACTERS, decode, encode, hexadecimal, makeFirst, makeSecond } from './userid-identifier.js';

/** What a cookie may be sent for, and who may read it. */
const FLAGS = ['off', 'secure', 'httponly', 'samesite=strict', 'samesite=lax', 'samesite=none'] as const;
type Flag = (typeof FLAGS)[number];

declare module '../conf/settings.js' {
  interface Settings {
    userid: 'off' | 'log' | 'v1' | 'on';
    useridName: string;
    /** '' says none. */
    useridDomain: string;
    useridPath: string;
    /** Seconds that it is kept; 0: as long as the browser runs; Infinity: as long as can be said. */
    useridExpires: number;
    /** '' says none. */
    useridP3p: string;
    /** A letter, a digit or "="; '' for none. */
    useridMark: string;
    /** The number in identifiers of this server; -1: of its address. */
    useridService: number;
    useridFlags: readonly Flag[];
  }
}

const NOBODY = '';
const MILLISECONDS = 1000;

/** What a request's values have: the identifier that it came with, that it gets, and what `set $uid_reset` says. */
const gotKey = {};
const setKey = {};
const resetKey = {};

/** The name and the identifier, for a log. */
function shown({ settings }: Request, identifier: string): string {
  return `${settings.useridName}=${hexadecimal(identifier)}`;
}

function cookieOf({ head, settings }: Request): string | undefined {
  return head.cookie === undefined ? undefined : cookieValue(head.cookie, asciiLower(settings.useridName));
}

/** What nginx is at, where its log says so. */
function doing({ bytesSent }: Request): string {
  return bytesSent === 0 ? ' while sending response to client' : ' while logging request';
}

/** @returns '' for what is no identifier, which the error log knows then */
function read(request: Request, cookie: string): string {
  const isShort = cookie.length < CHARACTERS;
  const identifier = isShort ? null : decode(cookie);
  if (identifier !== null) return identifier;
  const what = isShort ? 'too short' : 'invalid';
  request.log('error', `client sent ${what} userid cookie "${request.head.cookie}"${doing(request)}`);
  return NOBODY;
}

/** The identifier that a request has come with, or ''. */
function gotOf(request: Request): string {
  let got = request.values.get(gotKey);
  if (got === undefined) {
    const cookie = cookieOf(request);
    got = cookie === undefined ? NOBODY : read(request, cookie);
    request.values.set(gotKey, got);
  }
  return got;
}

/** The last four bytes of the address that the client has connected to; 0 for a unix socket. */
function addressNumber({ client }: Request): number {
  if (client.serverAddress.startsWith('unix:')) return 0;
  return Buffer.from(binaryAddress(client.serverAddress).slice(-4), 'latin1').readUInt32BE();
}

function made(request: Request): string {
  const { userid, useridService: service } = request.settings;
  const seconds = Math.floor(request.now / MILLISECONDS);
  if (userid === 'v1') return makeFirst(Math.max(service, 0), seconds);
  return makeSecond(service < 0 ? addressNumber(request) : service, seconds);
}

/** Whether the cookie has the mark that the configuration wants, or it wants none. */
function isMarked(request: Request): boolean {
  const { useridMark } = request.settings;
  if (useridMark === '') return true;
  return (cookieOf(request) ?? '').slice(CHARACTERS, CHARACTERS + 2) === `${useridMark}=`;
}

function isReset(request: Request, got: string): boolean {
  const reset = request.values.get(resetKey) ?? '';
  if (reset === '' || reset === '0') return false;
  if (reset === 'log') request.log('notice', `userid cookie "${shown(request, got)}" was reset${doing(request)}`);
  return true;
}

/** The identifier that a request gets: a new one, its own with another mark, or '' where it keeps what it has. */
function setOf(request: Request): string {
  let set = request.values.get(setKey);
  if (set === undefined) {
    const got = gotOf(request);
    if (got === NOBODY || isReset(request, got)) set = made(request);
    else set = isMarked(request) ? NOBODY : got;
    request.values.set(setKey, set);
  }
  return set;
}

/** The cookie's value: 24 characters of base64, of which the last but one may be a mark. Nothing in it is the client's own text. */
function cookieText(identifier: string, mark: string): string {
  const text = encode(identifier);
  return mark === '' ? text : `${text.slice(0, CHARACTERS)}${mark}=`;
}

function expiryOf({ settings, now }: Request): string {
  const { useridExpires } = settings;
  if (useridExpires === 0) return '';
  if (useridExpires === Number.POSITIVE_INFINITY) return '; expires=Thu, 31-Dec-37 23:55:55 GMT';
  return `; expires=${cookieDate(Math.floor(now / MILLISECONDS) + useridExpires)}`;
}

const sendCookie: Handler = request => {
  const set = setOf(request);
  if (set === NOBODY) return Outcome.Next;
  const { useridName, useridDomain, useridPath, useridP3p, useridMark, useridFlags } = request.settings;
  const domain = useridDomain === '' ? '' : `; domain=${useridDomain}`;
  const flags = FLAGS.filter(flag => flag !== 'off' && useridFlags.includes(flag)).map(flag => `; ${flag}`);
  const rest = `${expiryOf(request)}${domain}; path=${useridPath}${flags.join('')}`;
  const { headers } = request.response;
  headers.push('Set-Cookie', `${useridName}=${cookieText(set, useridMark)}${rest}`);
  if (useridP3p !== '') headers.push('P3P', useridP3p);
  return Outcome.Next;
};

/** A text that is sent as it stands; "none" sends nothing where there is a default of that name. */
function text(
  name: string,
  key: 'useridName' | 'useridDomain' | 'useridPath' | 'useridP3p',
  preset: string,
  doc: string,
): AnyDirective {
  const read = (word: string) => (preset === 'none' && word === 'none' ? '' : word);
  return row<typeof key>({
    ...{ name, key, contexts: EVERYWHERE, args: [1, 1] },
    initial: read(preset),
    default: preset,
    doc,
    parse: args => read(args[0]!),
  });
}

function parseExpiry(word: string, cx: ParseContext): number {
  if (word === 'max') return Number.POSITIVE_INFINITY;
  if (word === 'off') return 0;
  const time = parseTime(word, 's') ?? cx.fail(invalidValue('userid_expires'));
  return time / MILLISECONDS;
}

function parseMark(word: string, cx: ParseContext): string {
  if (word === 'off') return '';
  if (/^[A-Za-z0-9=]$/.test(word)) return word;
  return cx.fail('"userid_mark" directive value must be "off" or a single letter, digit or "="');
}

/** Of the values of SameSite, the first counts. */
function kindOf(flag: Flag): string {
  return flag.split('=')[0]!;
}

function parseFlags(words: readonly string[], cx: ParseContext, before: readonly Flag[] = []): readonly Flag[] {
  const flags = [...before];
  for (const word of words) {
    const flag = FLAGS.find(each => each === word.toLowerCase()) ?? cx.fail(`invalid value "${word}"`);
    if (flags.some(each => kindOf(each) === kindOf(flag))) cx.warn(`duplicate value "${word}"`);
    else flags.push(flag);
  }
  return flags;
}

function variable(name: string, doc: string, identifierOf: (request: Request) => string): Variable {
  const get = (subject: Subject) => {
    const request = subject as Request;
    const identifier = identifierOf(request);
    return identifier === NOBODY ? undefined : shown(request, identifier);
  };
  return { name, doc, get };
}

function sends({ userid }: Settings): boolean {
  return userid === 'on' || userid === 'v1';
}

const PHASES = { filter: sendCookie };
const NONE = {};

export const userid: Module = {
  name: 'userid',
  directives: [
    choice(
      'userid',
      'userid',
      EVERYWHERE,
      ['off', 'log', 'v1', 'on'],
      'off',
      'Whether clients get a cookie to be known by (on; v1 as mod_uid has it), or only those that come with one are logged (log).',
    ),
    text('userid_name', 'useridName', 'uid', 'The name of the cookie.'),
    text('userid_domain', 'useridDomain', 'none', 'The domain that it is for.'),
    text('userid_path', 'useridPath', '/', 'The path that it is for.'),
    text('userid_p3p', 'useridP3p', 'none', 'The P3P header that goes with it.'),
    row<'useridExpires'>({
      name: 'userid_expires',
      key: 'useridExpires',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 0,
      default: 'off',
      doc: 'How long browsers keep it: a time, max, or off, until they end.',
      parse: (args, cx) => parseExpiry(args[0]!, cx),
    }),
    row<'useridMark'>({
      name: 'userid_mark',
      key: 'useridMark',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: '',
      default: 'off',
      doc: 'A letter, a digit or "=" in the place of its padding: who has another one gets it anew, with the same identifier.',
      parse: (args, cx) => parseMark(args[0]!, cx),
    }),
    count(
      'userid_service',
      'useridService',
      EVERYWHERE,
      'of its address',
      'The number of this server in the identifiers it makes; with v1 it is 0 where nothing is said.',
      -1,
    ),
    row<'useridFlags'>({
      name: 'userid_flags',
      key: 'useridFlags',
      contexts: EVERYWHERE,
      args: [1, 3],
      repeatable: true,
      initial: [],
      default: 'off',
      doc: 'off, secure, httponly, samesite=strict, samesite=lax, samesite=none.',
      parse: parseFlags,
    }),
  ],
  variables: [
    variable('uid_got', 'The cookie that the client came with: name and identifier.', request =>
      request.settings.userid === 'off' ? NOBODY : gotOf(request),
    ),
    variable('uid_set', 'The one that it gets.', request => (sends(request.settings) ? setOf(request) : NOBODY)),
    {
      name: 'uid_reset',
      doc: 'What "set" gives it makes the client get a new identifier, unless it is empty or 0; "log" has that logged.',
      get: (subject: Subject) => (subject as Request).values.get(resetKey) ?? '',
      set: (subject: Subject, value: string) => {
        (subject as Request).values.set(resetKey, value);
      },
    },
  ],
  phases: settings => (sends(settings) ? PHASES : NONE),
};
