/** The charset that texts are said to be in. They are sent as they are: nothing is converted. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { accepted, isFlag } from './accepted.js';
import { isAmong, type MediaTypes, mediaTypes } from './media-types.js';
import { type Handler, type Module, Outcome } from './module.js';
import { EVERYWHERE, EVERYWHERE_AND_IF, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** Null for none. */
    charset: Complex | null;
    sourceCharset: string;
    charsetTypes: MediaTypes;
  }
}

/** Those of nginx, and what JavaScript and its modules are called since RFC 9239. */
const TEXTS = [
  ...['text/html', 'text/xml', 'text/plain', 'text/vnd.wap.wml'],
  ...['application/javascript', 'text/javascript', 'application/rss+xml'],
];

const sayCharset: Handler = request => {
  const { response, settings } = request;
  const { status, contentType } = response;
  // nginx leaves the pages of these two as they are
  if (status === 301 || status === 302 || contentType.includes(';')) return Outcome.Next;
  if (!isAmong(settings.charsetTypes, contentType)) return Outcome.Next;
  const charset = settings.charset?.evaluate(request) ?? '';
  if (charset !== '') response.contentType = `${contentType}; charset=${charset}`;
  return Outcome.Next;
};

function parseCharset(args: readonly string[], cx: ParseContext): Complex | null {
  return args[0] === 'off' ? null : cx.complex(args[0]!);
}

/** @throws Error in nginx's words where texts would have to be converted */
function refuseConversion({ constant }: Complex, source: string): void {
  if (source === 'off' || constant === undefined || asciiLower(constant) === asciiLower(source)) return;
  throw new Error(`no "charset_map" between the charsets "${source}" and "${constant}"`);
}

const PHASES = { filter: sayCharset };
const NONE = {};

export const charset: Module = {
  name: 'charset',
  directives: [
    row<'charset'>({
      name: 'charset',
      key: 'charset',
      contexts: EVERYWHERE_AND_IF,
      args: [1, 1],
      initial: null,
      default: 'off',
      doc: 'What Content-Type says of the charset of texts. Unlike in nginx, nothing is converted: there is no charset_map.',
      parse: parseCharset,
    }),
    row<'sourceCharset'>({
      name: 'source_charset',
      key: 'sourceCharset',
      contexts: EVERYWHERE_AND_IF,
      args: [1, 1],
      initial: 'off',
      default: 'off',
      doc: 'The charset that texts are stored in. It has to be the one that "charset" says.',
      parse: args => args[0]!,
    }),
    accepted(
      'override_charset',
      EVERYWHERE_AND_IF,
      isFlag,
      'only answers of other servers have a charset of their own.',
    ),
    mediaTypes('charset_types', 'charsetTypes', EVERYWHERE, TEXTS, 'The types of texts.'),
  ],
  phases({ charset, sourceCharset }) {
    if (charset === null) return NONE;
    refuseConversion(charset, sourceCharset);
    return PHASES;
  },
};
