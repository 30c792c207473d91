/** `return`: an answer that the configuration holds. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { row } from './rows.js';
import { contentTypeOf } from './types.js';

/** What `return` says. */
export interface Return {
  readonly status: number;
  /** The body, or the Location of a redirect; null if there is none. */
  readonly text: Complex | null;
  /** The body where it holds no variable. */
  readonly bytes: Buffer | null;
}

declare module '../conf/settings.js' {
  interface Settings {
    return: Return | null;
  }
}

const LEAST_STATUS = 200;
const LAST_STATUS = 999;
const FIRST_ERROR = 400;

function isRedirect(status: number): boolean {
  return (status >= 301 && status <= 303) || status === 307 || status === 308;
}

function respond(request: Request, { status, text, bytes }: Return): Outcome {
  const { response } = request;
  const body = bytes ?? Buffer.from(text === null ? '' : text.evaluate(request), 'latin1');
  response.status = status;
  const bodiless = status === 204 || status === 304;
  response.contentLength = bodiless ? -1 : body.length;
  response.contentType = bodiless ? '' : contentTypeOf(request.settings, request.uri);
  response.body = bodiless || body.length === 0 ? [] : [{ bytes: body }];
  return Outcome.Respond;
}

const returnHandler: Handler = request => {
  const answer = request.settings.return;
  if (answer === null) return Outcome.Next;
  const { status, text } = answer;
  if (status === 444) return Outcome.Close;
  if (isRedirect(status)) {
    request.response.location = text === null ? '' : text.evaluate(request);
    return status;
  }
  // Without a text of its own, an error has the page of its status.
  if (status >= FIRST_ERROR && (text === null || text.text === '')) return status;
  return respond(request, answer);
};

function isUrl(text: string): boolean {
  return text.startsWith('http://') || text.startsWith('https://') || text.startsWith('$scheme');
}

function parseReturn(args: readonly string[], cx: ParseContext): Return {
  const first = args[0]!;
  if (args.length === 1 && isUrl(first)) return { status: 302, text: cx.complex(first), bytes: null };
  const status = parseInteger(first, LEAST_STATUS, LAST_STATUS);
  if (status === undefined) return cx.fail(`invalid return code "${first}"`);
  if (args[1] === undefined) return { status, text: null, bytes: null };
  const text = cx.complex(args[1]);
  const bytes = text.constant === undefined ? null : Buffer.from(text.constant, 'latin1');
  return { status, text, bytes };
}

const PHASES = { serverRewrite: returnHandler, rewrite: returnHandler };
const NONE = {};

export const rewrite: Module = {
  name: 'rewrite',
  directives: [
    row<'return'>({
      name: 'return',
      key: 'return',
      contexts: ['server', 'location'],
      args: [1, 2],
      repeatable: true,
      initial: null,
      doc: 'Ends the request: a status with a text or a Location, or a URL for 302. 444 closes. No status under 200.',
      parse: (args, cx, before) => {
        const parsed = parseReturn(args, cx);
        // The first that is reached ends the request.
        return before ?? parsed;
      },
      // A server's own is run in the server's phase, before there is a location.
      merge: own => own ?? null,
    }),
  ],
  phases: settings => (settings.return === null ? NONE : PHASES),
};
