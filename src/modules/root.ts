/** Where files are: `root` and `alias`, which share one setting because each takes the place of the other. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { type Handler, type Module, Outcome } from './module.js';
import { constantText, EVERYWHERE_AND_IF, row } from './rows.js';

/** What `root` or `alias` says. */
export interface Root {
  /**
   * Without a slash at the end for `root`. Relative to the prefix where it does not begin with a slash.
   */
  readonly path: Complex;
  readonly alias: boolean;
  /**
   * For `alias`: how many bytes of the URI the path stands for, the length of the location that it was set in. -1 for a
   * location by regular expression, where the path stands for all of it. 0 for `root`.
   */
  readonly length: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    root: Root;
  }
}

/** Variables that are made from the root themselves. */
const CIRCULAR = ['document_root', 'realpath_root'];

function refuseCircular(text: string, name: string, cx: ParseContext): void {
  for (const variable of CIRCULAR) {
    if (text.includes(`$${variable}`) || text.includes(`\${${variable}}`)) {
      cx.fail(`the $${variable} variable cannot be used in the "${name}" directive`);
    }
  }
}

function refuseSecond(name: string, before: Root | undefined, cx: ParseContext): void {
  if (before === undefined) return;
  const other = before.alias ? 'alias' : 'root';
  const earlier = other === name ? '' : `, "${other}" directive was specified earlier`;
  cx.fail(`"${name}" directive is duplicate${earlier}`);
}

/** The length of the location's prefix; -1 for a regular expression. Throws for a named location, as nginx does. */
function prefixLength(cx: ParseContext): number {
  const [modifier, pattern] = locationWords(cx.parent?.args ?? []);
  if (modifier === '@') cx.fail('the "alias" directive cannot be used inside the named location');
  return modifier.startsWith('~') ? -1 : pattern.length;
}

/** The modifier ('' if none, '@' for a named one) and the pattern of a location, which may be written as one word. */
function locationWords(args: readonly string[]): [modifier: string, pattern: string] {
  if (args.length === 2) return [args[0]!, args[1]!];
  const word = args[0] ?? '';
  for (const modifier of ['~*', '^~', '~', '=', '@']) {
    if (word.startsWith(modifier)) return [modifier, word.slice(modifier.length)];
  }
  return ['', word];
}

function parseRoot(name: 'root' | 'alias', args: readonly string[], cx: ParseContext, before: Root | undefined): Root {
  let text = args[0]!;
  const alias = name === 'alias';
  refuseSecond(name, before, cx);
  refuseCircular(text, name, cx);
  if (!alias && text.length > 1 && text.endsWith('/')) text = text.slice(0, -1);
  return { path: cx.complex(text), alias, length: alias ? prefixLength(cx) : 0 };
}

/** What an alias takes the place of is not known of a URI that the location was not found by. */
const checkAlias: Handler = request => {
  if (!request.script.stayed) return Outcome.Next;
  request.log('alert', `"alias" cannot be used in location "${request.location.pattern}" where URI was rewritten`);
  return 500;
};

const WITH_ALIAS = { precontent: checkAlias };
const NONE = {};

export const root: Module = {
  name: 'root',
  phases: settings => (settings.root.alias ? WITH_ALIAS : NONE),
  directives: [
    row<'root'>({
      name: 'root',
      key: 'root',
      contexts: EVERYWHERE_AND_IF,
      args: [1, 1],
      repeatable: true,
      initial: { path: constantText('html'), alias: false, length: 0 },
      default: 'html',
      doc: 'The folder that the whole URI is looked up in.',
      parse: (args, cx, before) => parseRoot('root', args, cx, before),
    }),
    row<'root'>({
      name: 'alias',
      key: 'root',
      contexts: ['location'],
      args: [1, 1],
      repeatable: true,
      initial: { path: constantText('html'), alias: false, length: 0 },
      doc: "What takes the place of the location's part of the URI.",
      parse: (args, cx, before) => parseRoot('alias', args, cx, before),
    }),
  ],
};
