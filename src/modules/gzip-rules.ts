/** Whom compressed responses are sent to: what `gzip` and `gzip_static` have in common. */
import type { AnyDirective } from '../conf/directive.js';
import { parseEnum } from '../conf/values.js';
import { acceptsGzip } from '../http/accept-encoding.js';
import { asciiLower } from '../http/ascii.js';
import { parseHttpDate } from '../http/dates.js';
import { isOldExplorer } from './keepalive.js';
import type { Request, Response } from './module.js';
import { choice, EVERYWHERE, flag, row } from './rows.js';

const PROXIED = [
  ...(['off', 'expired', 'no-cache', 'no-store', 'private'] as const),
  ...(['no_last_modified', 'no_etag', 'auth', 'any'] as const),
];
type Proxied = (typeof PROXIED)[number];
const CONTROLS = ['no-cache', 'no-store', 'private'] as const;

declare module '../conf/settings.js' {
  interface Settings {
    gzipHttpVersion: '1.0' | '1.1';
    /** Which requests that came through a proxy (Via) get compressed responses. */
    gzipProxied: readonly Proxied[];
    /** User agents that get none. */
    gzipDisable: readonly (RegExp | 'msie6')[];
    gzipVary: boolean;
  }
}

/** Whether a compressed response may be sent for a request. */
export function mayCompress(request: Request): boolean {
  const { head, settings } = request;
  if (!acceptsGzip(head.get('accept-encoding'))) return false;
  if (head.version < (settings.gzipHttpVersion === '1.0' ? 1000 : 1001)) return false;
  if (head.get('via') !== undefined && !mayCompressForProxy(request)) return false;
  const { userAgent = '' } = head;
  return !settings.gzipDisable.some(each => (each === 'msie6' ? isOldExplorer(userAgent) : each.test(userAgent)));
}

/** Says that the response is another one for clients with another Accept-Encoding. */
export function sayVary({ response, settings }: Request): void {
  if (settings.gzipVary) response.vary = 'Accept-Encoding';
}

/** As nginx weighs them: what the response says of caching counts first, and what no rule speaks of is compressed. */
function mayCompressForProxy({ head, response, settings, now }: Request): boolean {
  const has = (rule: Proxied) => settings.gzipProxied.includes(rule);
  if (has('off')) return false;
  if (has('any') || (has('auth') && head.authorization !== undefined)) return true;
  const expires = headerOf(response, 'expires');
  if (expires !== '') return has('expired') && parseHttpDate(expires) * 1000 < now;
  const control = headerOf(response, 'cache-control');
  if (control !== '') return CONTROLS.some(rule => has(rule) && control.includes(rule));
  return !(has('no_last_modified') && response.lastModified !== -1) && !(has('no_etag') && response.etag !== '');
}

function headerOf({ headers }: Response, name: string): string {
  const at = headers.findIndex((each, index) => index % 2 === 0 && asciiLower(each) === name);
  return at < 0 ? '' : headers[at + 1]!;
}

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
    parse: (args, cx) => args.map(word => (word === 'msie6' ? word : cx.regex(word, true))),
  }),
  flag(
    'gzip_vary',
    'gzipVary',
    EVERYWHERE,
    'off',
    'Whether to send Vary: Accept-Encoding with what may be compressed.',
  ),
];
