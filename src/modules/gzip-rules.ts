/** Whom compressed responses are sent to: what `gzip` and `gzip_static` have in common. */
import type { AnyDirective } from '../conf/directive.js';
import { parseEnum } from '../conf/values.js';
import { acceptsGzip } from '../http/accept-encoding.js';
import { asciiLower } from '../http/ascii.js';
import { parseHttpDate } from '../http/dates.js';
import type { Request, Response } from './module.js';
import { choice, EVERYWHERE, flag, row } from './rows.js';

const PROXIED = [
  ...(['off', 'expired', 'no-cache', 'no-store', 'private'] as const),
  ...(['no_last_modified', 'no_etag', 'auth', 'any'] as const),
];
type Proxied = (typeof PROXIED)[number];

declare module '../conf/settings.js' {
  interface Settings {
    gzipHttpVersion: '1.0' | '1.1';
    /** Which requests that came through a proxy (Via) get compressed responses. */
    gzipProxied: readonly Proxied[];
    /** User agents that get none. */
    gzipDisable: readonly RegExp[];
    gzipVary: boolean;
  }
}

/** Whether a compressed response may be sent for a request. */
export function mayCompress(request: Request): boolean {
  const { head, settings } = request;
  if (!acceptsGzip(head.get('accept-encoding'))) return false;
  if (head.version < (settings.gzipHttpVersion === '1.0' ? 1000 : 1001)) return false;
  if (head.get('via') !== undefined && !settings.gzipProxied.some(rule => isMet(rule, request))) return false;
  return !settings.gzipDisable.some(agents => agents.test(head.userAgent ?? ''));
}

/** Says that the response is another one for clients with another Accept-Encoding. */
export function sayVary({ response, settings }: Request): void {
  if (settings.gzipVary) response.vary = 'Accept-Encoding';
}

function isMet(rule: Proxied, { head, response, now }: Request): boolean {
  switch (rule) {
    case 'off':
      return false;
    case 'any':
      return true;
    case 'auth':
      return head.authorization !== undefined;
    case 'no_last_modified':
      return response.lastModified === -1;
    case 'no_etag':
      return response.etag === '';
    case 'expired':
      return isExpired(headerOf(response, 'expires'), now);
    default:
      return headerOf(response, 'cache-control').includes(rule);
  }
}

function isExpired(expires: string, now: number): boolean {
  return expires !== '' && parseHttpDate(expires) * 1000 < now;
}

function headerOf({ headers }: Response, name: string): string {
  const at = headers.findIndex((each, index) => index % 2 === 0 && asciiLower(each) === name);
  return at < 0 ? '' : headers[at + 1]!;
}

/** What nginx takes for Internet Explorer 4 to 6, before the service pack that mended it. */
const MSIE6 = /MSIE [4-6]\.(?!.*SV1)/;

export const gzipRules: readonly AnyDirective[] = [
  choice('gzip_http_version', 'gzipHttpVersion', EVERYWHERE, ['1.0', '1.1'], '1.1', 'The least version of requests.'),
  row<'gzipProxied'>({
    name: 'gzip_proxied',
    key: 'gzipProxied',
    contexts: EVERYWHERE,
    args: [1, Number.POSITIVE_INFINITY],
    initial: ['off'],
    default: 'off',
    doc: 'Which requests with Via get compressed responses: off, expired, no-cache, no-store, private, no_last_modified, no_etag, auth, any.',
    parse: (args, cx) => args.map(word => parseEnum(word, PROXIED) ?? cx.fail(`invalid value "${word}"`)),
  }),
  row<'gzipDisable'>({
    name: 'gzip_disable',
    key: 'gzipDisable',
    contexts: EVERYWHERE,
    args: [1, Number.POSITIVE_INFINITY],
    initial: [],
    doc: 'Patterns of User-Agent that get no compressed responses; msie6 stands for old ones of Internet Explorer.',
    parse: (args, cx) => args.map(word => (word === 'msie6' ? MSIE6 : cx.regex(word, true))),
  }),
  flag(
    'gzip_vary',
    'gzipVary',
    EVERYWHERE,
    'off',
    'Whether to send Vary: Accept-Encoding with what may be compressed.',
  ),
];
