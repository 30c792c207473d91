/** `error_page`: what stands in for a status. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import type { Module, Request } from './module.js';
import { EVERYWHERE, EVERYWHERE_AND_IF, flag, row } from './rows.js';

/** One status and its page. */
export interface ErrorPage {
  readonly status: number;
  /** The status of the response: -1 keeps the error's, 0 takes that of the page. */
  readonly override: number;
  readonly page: Complex;
}

declare module '../conf/settings.js' {
  interface Settings {
    errorPage: readonly ErrorPage[];
    recursiveErrorPages: boolean;
    msiePadding: boolean;
    msieRefresh: boolean;
  }
}

/** What the request engine does for a status that has an error_page. */
export interface ErrorAction {
  /**
   * `uri`: go on internally at `target` and `args`, with GET unless the method is HEAD. `named`: go on in the location
   * `target`. `redirect`: the page of `status`, with `target` as Location.
   */
  readonly kind: 'uri' | 'named' | 'redirect';
  /** What the response has for a status, whatever the page comes to; 0 leaves it to the page. */
  readonly status: number;
  readonly target: string;
  readonly args: string;
}

const FIRST_ERROR = 300;
const LAST_ERROR = 599;
/** Has no page: the client is gone. */
const CLIENT_CLOSED = 499;
const LEAST_OVERRIDE = 200;
const LAST_OVERRIDE = 999;

function isRedirect(status: number): boolean {
  return (status >= 301 && status <= 303) || status === 307 || status === 308;
}

function actionFor(request: Request, { status, override, page }: ErrorPage): ErrorAction {
  const target = page.evaluate(request);
  const final = override === -1 ? status : override;
  if (target.startsWith('@')) return { kind: 'named', status: final, target, args: '' };
  if (!target.startsWith('/')) {
    return { kind: 'redirect', status: isRedirect(override) ? override : 302, target, args: '' };
  }
  const question = target.indexOf('?');
  if (question === -1) return { kind: 'uri', status: final, target, args: '' };
  return { kind: 'uri', status: final, target: target.slice(0, question), args: target.slice(question + 1) };
}

/**
 * What `error_page` of the request's location says for a status. The caller sees to it that one request comes here once
 * only, unless recursive_error_pages says otherwise: the error of an error page has the built-in page.
 * @param status as the handler gave it
 * @returns null where the built-in page of the status is to be sent
 */
export function errorPageFor(request: Request, status: number): ErrorAction | null {
  const pages = request.settings.errorPage;
  for (let i = 0; i < pages.length; i++) {
    const page = pages[i]!;
    if (page.status === status) return actionFor(request, page);
  }
  return null;
}

/** The status after "=": 0 where there is none. A status that no response can have is refused. */
function parseOverride(word: string, cx: ParseContext): number {
  if (word === '=') return 0;
  return parseInteger(word.slice(1), LEAST_OVERRIDE, LAST_OVERRIDE) ?? cx.fail(`invalid value "${word}"`);
}

function parseStatus(word: string, cx: ParseContext): number {
  const status = parseInteger(word);
  if (status === undefined || status === CLIENT_CLOSED) return cx.fail(`invalid value "${word}"`);
  if (status >= FIRST_ERROR && status <= LAST_ERROR) return status;
  return cx.fail(`value "${word}" must be between ${FIRST_ERROR} and ${LAST_ERROR}`);
}

function parseErrorPage(args: readonly string[], cx: ParseContext): ErrorPage[] {
  const page = cx.complex(args[args.length - 1]!);
  const word = args[args.length - 2]!;
  const overrides = args.length > 2 && word.startsWith('=');
  const override = overrides ? parseOverride(word, cx) : -1;
  const statuses = args.slice(0, overrides ? -2 : -1);
  return statuses.map(text => ({ status: parseStatus(text, cx), override, page }));
}

export const errorPages: Module = {
  name: 'error_page',
  directives: [
    row<'errorPage'>({
      name: 'error_page',
      key: 'errorPage',
      contexts: EVERYWHERE_AND_IF,
      args: [2, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [],
      doc: 'The URI, @name or URL for statuses; =STATUS changes the status. A level with its own takes none from above.',
      parse: (args, cx, before) => [...(before ?? []), ...parseErrorPage(args, cx)],
    }),
    flag(
      'recursive_error_pages',
      'recursiveErrorPages',
      EVERYWHERE,
      'off',
      'Whether the error of an error page has an error page again.',
    ),
    flag(
      'msie_padding',
      'msiePadding',
      EVERYWHERE,
      'on',
      'Whether the pages of errors are made longer for MSIE and Chrome.',
    ),
    flag(
      'msie_refresh',
      'msieRefresh',
      EVERYWHERE,
      'off',
      'Whether MSIE gets a page that sends it on, where others get a redirect (301, 302, and those of error_page).',
    ),
  ],
};
