/** Header lines that the configuration adds: `add_header` and `expires`. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseEnum } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { parseHttpDate } from '../http/dates.js';
import { addExpires, type Expires, NO_EXPIRES, parseExpires } from './expires.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { EVERYWHERE_AND_IF, row } from './rows.js';

/** One `add_header`. */
export interface AddedHeader {
  readonly name: string;
  /** Where it comes to '', nothing is added. */
  readonly value: Complex;
  /** Also for statuses of errors. */
  readonly always: boolean;
  /** Headers that the response has fields for: their value is replaced, and '' takes them away. */
  readonly field: 'lastModified' | 'etag' | null;
}

/** What a level takes over from the one above: all where it has none of its own, nothing, or all behind its own. */
type Inheritance = 'on' | 'off' | 'merge';

/** The lines of a level. */
export interface AddedHeaders {
  readonly lines: readonly AddedHeader[];
  /** Null where the level above says it. */
  readonly inherit: Inheritance | null;
}

declare module '../conf/settings.js' {
  interface Settings {
    addHeader: AddedHeaders;
    addTrailer: AddedHeaders;
    expires: Expires;
  }
}

/** The statuses that `expires` and `add_header` without `always` are for. */
function isOrdinary(status: number): boolean {
  switch (status) {
    case 200:
    case 201:
    case 204:
    case 206:
    case 301:
    case 302:
    case 303:
    case 304:
    case 307:
    case 308:
      return true;
    default:
      return false;
  }
}

function add(request: Request, header: AddedHeader): void {
  const { response } = request;
  const value = header.value.evaluate(request);
  if (header.field === 'etag') {
    response.etag = value;
    return;
  }
  if (header.field === 'lastModified') {
    response.lastModified = value === '' ? -1 : parseHttpDate(value);
    if (response.lastModified !== -1) return;
  }
  if (value !== '') response.headers.push(header.name, value);
}

/** Where there is one to be sent, the body comes in chunks, whatever the value comes to. */
function addTrailers(request: Request, trailers: readonly AddedHeader[], ordinary: boolean): void {
  const sent = trailers.filter(({ always }) => ordinary || always);
  if (sent.length === 0) return;
  const lines = sent.map(({ name, value }) => [name, value.evaluate(request)] as const);
  request.response.trailers = lines.filter(([, value]) => value !== '').flat();
}

const addHeaders: Handler = request => {
  const { settings } = request;
  const ordinary = isOrdinary(request.response.status);
  if (ordinary) addExpires(request, settings.expires);
  const headers = settings.addHeader.lines;
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i]!;
    if (ordinary || header.always) add(request, header);
  }
  if (settings.addTrailer.lines.length > 0) addTrailers(request, settings.addTrailer.lines, ordinary);
  return Outcome.Next;
};

function fieldOf(name: string): AddedHeader['field'] {
  switch (name.toLowerCase()) {
    case 'last-modified':
      return 'lastModified';
    case 'etag':
      return 'etag';
    default:
      return null;
  }
}

function parseHeader(args: readonly string[], cx: ParseContext): AddedHeader {
  const [name, text, word] = args as [string, string, string | undefined];
  const value = cx.complex(text);
  if (word !== undefined && word !== 'always') cx.fail(`invalid parameter "${word}"`);
  return { name, value, always: word !== undefined, field: fieldOf(name) };
}

const NO_LINES: AddedHeaders = { lines: [], inherit: null };

function mergeHeaders(own: AddedHeaders = NO_LINES, above: AddedHeaders): AddedHeaders {
  const inherit = own.inherit ?? above.inherit;
  if (inherit === 'off' || above.lines.length === 0) return { lines: own.lines, inherit };
  if (own.lines.length === 0) return { lines: above.lines, inherit };
  return { lines: inherit === 'merge' ? [...own.lines, ...above.lines] : own.lines, inherit };
}

/** `add_header` or `add_trailer`, and what says whether those of the level above are taken over. */
function adding(name: string, key: 'addHeader' | 'addTrailer', doc: string): AnyDirective[] {
  const common = { key, contexts: EVERYWHERE_AND_IF, initial: NO_LINES };
  return [
    row<typeof key>({
      ...common,
      name,
      args: [2, 3],
      repeatable: true,
      doc,
      parse: (args, cx, before = NO_LINES) => ({ ...before, lines: [...before.lines, parseHeader(args, cx)] }),
      merge: mergeHeaders,
    }),
    row<typeof key>({
      ...common,
      name: `${name}_inherit`,
      args: [1, 1],
      default: 'on',
      doc: `What a level takes of ${name} from above: on, all where it has none of its own; merge, all behind its own; off, nothing.`,
      parse(args, cx, before = NO_LINES) {
        const inherit = parseEnum(args[0]!, ['on', 'off', 'merge']) ?? cx.fail(`invalid value "${args[0]}"`);
        return { ...before, inherit };
      },
    }),
  ];
}

const PHASES = { filter: addHeaders };
const NONE = {};

export const headers: Module = {
  name: 'headers',
  directives: [
    ...adding(
      'add_header',
      'addHeader',
      'A header line for the response; always: for errors too. A level with its own takes none from above (add_header_inherit).',
    ),
    ...adding(
      'add_trailer',
      'addTrailer',
      'A line behind the body, which comes in chunks then (HTTP/1.1); always: for errors too. Its value is that of when the head is sent.',
    ),
    row<'expires'>({
      name: 'expires',
      key: 'expires',
      contexts: EVERYWHERE_AND_IF,
      args: [1, 2],
      initial: NO_EXPIRES,
      default: 'off',
      doc: 'The Expires and Cache-Control headers: [modified] TIME, @TIME of the day, epoch, max, off.',
      parse: parseExpires,
    }),
  ],
  phases: settings =>
    settings.addHeader.lines.length === 0 && settings.addTrailer.lines.length === 0 && settings.expires === NO_EXPIRES
      ? NONE
      : PHASES,
};
