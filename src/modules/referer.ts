/** `valid_referers`: whether a request comes from a page of a site that one knows. */

import type { ParseContext } from '../conf/directive.js';
import { NameTable } from '../conf/name-table.js';
import type { ServerName } from '../conf/server-names.js';
import type { Settings } from '../conf/settings.js';
import { ConfigError } from '../conf/syntax.js';
import type { Subject } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { hashSizes } from './accepted.js';
import type { Module, Request } from './module.js';
import { row } from './rows.js';

/** What `valid_referers` says on one level. */
interface Referers {
  /** Requests without the header are good. */
  readonly none: boolean;
  /** Those with one that has no scheme, as some proxies leave it. */
  readonly blocked: boolean;
  readonly serverNames: boolean;
  /** Of the server's names, those that are regular expressions count. */
  readonly serverRegexes: boolean;
  /** In lower case, maybe with wildcards, and how the path has to begin. */
  readonly names: readonly (readonly [name: string, path: string])[];
  readonly regexes: readonly RegExp[];
  /** Where it stands. */
  readonly file: string;
  readonly line: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    validReferers: Referers | null;
  }
}

/** The hosts of one level, the names of its server among them, as requests look them up. */
interface Hosts {
  readonly names: NameTable<string>;
  /** Of server names: for the host alone. */
  readonly regexes: readonly RegExp[];
}

/** A level is that of one server, or of a location in it: the names of the server are always the same. */
const hostsOf = new WeakMap<Referers, Hosts>();

const LONGEST_HOST = 256;
const LEAST = 'http://i.ru'.length;
const SCHEMES = ['http://', 'https://'];

/** What follows the scheme; undefined where there is none that counts. */
function afterScheme(referer: string): string | undefined {
  if (referer.length < LEAST) return undefined;
  const scheme = SCHEMES.find(each => asciiLower(referer.slice(0, each.length)) === each);
  return scheme && referer.slice(scheme.length);
}

function isValid(request: Request): boolean {
  const referers = request.settings.validReferers;
  if (referers === null) return true;
  const { referer } = request.head;
  if (referer === undefined) return referers.none;
  const rest = afterScheme(referer);
  if (rest === undefined) return referers.blocked;
  const end = rest.search(/[/:]/);
  const host = asciiLower(end === -1 ? rest : rest.slice(0, end));
  if (host.length > LONGEST_HOST) return false;
  const { names, regexes } = hostsOf.get(referers)!;
  const path = names.find(host);
  if (path === undefined) return regexes.some(one => one.test(host)) || referers.regexes.some(one => one.test(rest));
  const slash = rest.indexOf('/');
  return path === '' || (slash !== -1 && rest.startsWith(path, slash));
}

/** Puts the names of the server to those of the directive. */
function gatherHosts(referers: Referers, serverNames: readonly ServerName[]): Hosts {
  const own = referers.serverNames ? serverNames : [];
  const names = new NameTable<string>();
  const fixed = own.filter(({ kind }) => kind !== 'regex').map(({ text }) => [text, ''] as const);
  for (const [name, path] of [...referers.names, ...fixed]) {
    if (names.add(name, path) === 'added') continue;
    throw new ConfigError(`conflicting parameter "${name}"`, referers.file, referers.line);
  }
  if ((referers.none || referers.blocked) && names.isEmpty) {
    const reason =
      'the "none" or "blocked" referers are specified in the "valid_referers" directive without any valid referer';
    throw new ConfigError(reason, referers.file, referers.line);
  }
  return { names, regexes: referers.serverRegexes ? serverNames.flatMap(({ regex }) => (regex ? [regex] : [])) : [] };
}

/** As nginx: a level with its own names takes none from above, but one without a regular expression takes those. */
function merge(own: Referers | null | undefined, parent: Referers | null): Referers | null {
  if (!own) return parent;
  const regexes = own.regexes.length > 0 ? own.regexes : (parent?.regexes ?? []);
  return { ...own, regexes, serverRegexes: own.serverNames || (parent?.serverRegexes ?? false) };
}

/** A name is checked where it stands; whether two are the same is known when all are. */
function parseName(text: string, cx: ParseContext): [name: string, path: string] {
  const slash = text.indexOf('/');
  const host = slash === -1 ? text : text.slice(0, slash);
  const name = asciiLower(host);
  if (new NameTable<string>().add(name, '') === 'invalid') cx.fail(`invalid hostname or wildcard "${host}"`);
  return [name, slash === -1 ? '' : text.slice(slash)];
}

function parseRegex(text: string, cx: ParseContext): RegExp {
  if (text === '~') cx.fail('empty regex in "~"');
  return cx.regex(text.slice(1), true);
}

function parseReferers(args: readonly string[], cx: ParseContext, before: Referers | null | undefined): Referers {
  if (args.includes('')) cx.fail('invalid referer ""');
  const words = ['none', 'blocked', 'server_names'];
  const regexes = args.filter(text => text.startsWith('~'));
  const names = args.filter(text => !words.includes(text) && !text.startsWith('~'));
  const { file, line } = cx.node;
  const serverNames = before?.serverNames || args.includes('server_names');
  return {
    none: before?.none || args.includes('none'),
    blocked: before?.blocked || args.includes('blocked'),
    serverNames,
    serverRegexes: serverNames,
    names: [...(before?.names ?? []), ...names.map(text => parseName(text, cx))],
    regexes: [...(before?.regexes ?? []), ...regexes.map(text => parseRegex(text, cx))],
    file,
    line,
  };
}

const NONE = {};

export const referer: Module = {
  name: 'referer',
  directives: [
    row<'validReferers'>({
      name: 'valid_referers',
      key: 'validReferers',
      contexts: ['server', 'location'],
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: null,
      doc: 'The Referer headers for which $invalid_referer is empty: none, blocked, server_names, names with wildcards and paths, ~regex.',
      parse: parseReferers,
      merge,
    }),
    ...hashSizes('referer', ['server', 'location']),
  ],
  variables: [
    {
      name: 'invalid_referer',
      doc: 'Empty where Referer is one of valid_referers, else "1".',
      get: (subject: Subject) => (isValid(subject as Request) ? '' : '1'),
    },
  ],
  phases({ validReferers, serverName }: Settings) {
    if (validReferers !== null && !hostsOf.has(validReferers)) {
      hostsOf.set(validReferers, gatherHosts(validReferers, serverName));
    }
    return NONE;
  },
};
