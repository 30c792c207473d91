/** `modern_browser` and `ancient_browser`: variables by what a client says it is. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import type { Subject, Variable } from '../conf/variables.js';
import { isExplorer } from '../http/user-agents.js';
import type { Module, Request } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** How a browser is told: by a word, with its version behind it. */
interface Kind {
  readonly name: string;
  /** Where the word is looked for from. */
  readonly skip: number;
  readonly word: string;
  /** From the word's beginning to the version. */
  readonly toVersion: number;
}

interface Listed {
  readonly kind: Kind;
  /** Modern from this one on. */
  readonly version: number;
}

interface ModernBrowsers {
  /** In the order in which they are looked for. */
  readonly listed: readonly Listed[];
  /** Whether those that nobody has named are modern. */
  readonly unlisted: boolean;
}

declare module '../conf/settings.js' {
  interface Settings {
    modernBrowser: ModernBrowsers;
    /** Parts of the names of ancient ones. */
    ancientBrowser: readonly string[];
    modernBrowserValue: string;
    ancientBrowserValue: string;
  }
}

const OLD_FORM = 'Mozilla/4.0 (compatible; '.length;
const NEW_FORM = 'Mozilla/5.0 ('.length;

/** Opera is first: it has called itself MSIE too. */
const KINDS: readonly Kind[] = [
  { name: 'opera', skip: 0, word: 'Opera', toVersion: 6 },
  { name: 'msie', skip: OLD_FORM, word: 'MSIE ', toVersion: 5 },
  { name: 'gecko', skip: NEW_FORM, word: 'rv:', toVersion: 3 },
  { name: 'safari', skip: NEW_FORM, word: 'Safari/', toVersion: 7 },
  { name: 'konqueror', skip: OLD_FORM, word: 'Konqueror/', toVersion: 10 },
];
const OPERA = KINDS[0]!;

/** A part has two digits, but for the first: 5.5 is 5.05. */
const FIRST_SCALE = 1_000_000;
const NETSCAPE = 'netscape4';
/** Shorter ones are no Netscape. */
const LEAST_NETSCAPE = 'Mozilla/4.72 '.length;

/** A version as a number; what is no digit and no dot ends it. */
function versionOf(text: string): number {
  const parts = /^[\d.]*/.exec(text)![0].split('.');
  return parts.reduce((sum, part, i) => sum + Number(part) * Math.floor(FIRST_SCALE / 100 ** i), 0);
}

/** The version of a browser in what it says of itself, or -1 where it is another one. */
function versionIn(userAgent: string, { skip, word, toVersion }: Kind): number {
  const at = userAgent.indexOf(word, skip);
  if (at === -1 || at + toVersion >= userAgent.length) return -1;
  return versionOf(userAgent.slice(at + toVersion));
}

function isAncient(userAgent: string, words: readonly string[]): boolean {
  return words.some(word => {
    if (word === NETSCAPE) return userAgent.length > LEAST_NETSCAPE && /^Mozilla\/[1-4]/.test(userAgent);
    return userAgent.includes(word);
  });
}

function isModern({ settings, head }: Request): boolean {
  const { listed, unlisted } = settings.modernBrowser;
  const { userAgent } = head;
  if (userAgent === undefined) return unlisted;
  for (const { kind, version } of listed) {
    const found = versionIn(userAgent, kind);
    if (found !== -1) return found >= version;
  }
  return unlisted && !isAncient(userAgent, settings.ancientBrowser);
}

const NONE: ModernBrowsers = { listed: [], unlisted: false };

function parseModern(args: readonly string[], cx: ParseContext, before = NONE): ModernBrowsers {
  const [name, version] = args as [string, string | undefined];
  if (version === undefined) {
    return name === 'unlisted' ? { ...before, unlisted: true } : cx.fail(`no version of the browser "${name}"`);
  }
  const kind = KINDS.find(each => each.name === name.toLowerCase()) ?? cx.fail(`unknown browser name "${name}"`);
  if (!/^[\d.]*$/.test(version)) cx.fail(`invalid browser version "${version}"`);
  // where nothing is said of Opera, it is ancient: what it calls itself does not count
  const known = before.listed.length === 0 ? [{ kind: OPERA, version: Number.POSITIVE_INFINITY }] : before.listed;
  const others = kind === OPERA ? known.filter(each => each.version !== Number.POSITIVE_INFINITY) : known;
  const listed = [...others, { kind, version: versionOf(version) }];
  return { ...before, listed: listed.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)) };
}

function value(name: string, key: 'modernBrowserValue' | 'ancientBrowserValue', of: string): AnyDirective {
  return row<typeof key>({
    ...{ name, key, contexts: EVERYWHERE, args: [1, 1] },
    repeatable: true,
    initial: '1',
    default: '1',
    doc: `The value of $${of} where it is one.`,
    parse: args => args[0]!,
  });
}

function variable(name: string, doc: string, get: (request: Request) => string): Variable {
  return { name, doc, get: (subject: Subject) => get(subject as Request) };
}

export const browser: Module = {
  name: 'browser',
  directives: [
    row<'modernBrowser'>({
      name: 'modern_browser',
      key: 'modernBrowser',
      contexts: EVERYWHERE,
      args: [1, 2],
      repeatable: true,
      initial: NONE,
      doc: 'NAME VERSION: opera, msie, gecko, safari and konqueror are modern from this version on; unlisted: those are that neither this nor ancient_browser names.',
      parse: parseModern,
    }),
    row<'ancientBrowser'>({
      name: 'ancient_browser',
      key: 'ancientBrowser',
      contexts: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [],
      doc: 'Parts of the User-Agent header of ancient browsers; netscape4 is ^Mozilla/[1-4].',
      parse: (args, _cx, before) => [...(before ?? []), ...args],
    }),
    value('modern_browser_value', 'modernBrowserValue', 'modern_browser'),
    value('ancient_browser_value', 'ancientBrowserValue', 'ancient_browser'),
  ],
  variables: [
    variable('modern_browser', 'Of a modern browser the value of modern_browser_value, else empty.', request =>
      isModern(request) ? request.settings.modernBrowserValue : '',
    ),
    variable('ancient_browser', 'Of an ancient browser the value of ancient_browser_value, else empty.', request =>
      isModern(request) ? '' : request.settings.ancientBrowserValue,
    ),
    variable('msie', '"1" for MSIE of any version, else empty.', ({ head }) => (isExplorer(head.userAgent) ? '1' : '')),
  ],
};
