/** Whether a connection is kept for further requests, and how long: `keepalive_timeout` and its companions. */
import type { ParseContext } from '../conf/directive.js';
import { parseEnum, parseTime } from '../conf/values.js';
import type { Module, Request } from './module.js';
import { count, EVERYWHERE, invalidValue, row, time } from './rows.js';

/** What `keepalive_timeout` says. */
export interface KeepaliveTimeout {
  /** Milliseconds an idle connection is kept; 0 closes it after the response. */
  readonly timeout: number;
  /** Seconds for the "Keep-Alive: timeout=" header; 0 sends none. */
  readonly header: number;
}

const BROWSERS = ['none', 'msie6', 'safari'] as const;
type Browser = (typeof BROWSERS)[number];

declare module '../conf/settings.js' {
  interface Settings {
    keepaliveTimeout: KeepaliveTimeout;
    keepaliveRequests: number;
    /** Milliseconds. */
    keepaliveTime: number;
    /** Milliseconds. */
    keepaliveMinTimeout: number;
    keepaliveDisable: readonly Browser[];
  }
}

/** Whether the connection of a request that asks to be kept is kept, by the settings of the location that the request has come to. */
export function mayKeepAlive({ settings, client, head, now }: Request): boolean {
  const { keepaliveTimeout, keepaliveRequests, keepaliveTime, keepaliveDisable } = settings;
  return (
    keepaliveTimeout.timeout > 0 &&
    client.requests < keepaliveRequests &&
    now - client.acceptedAt <= keepaliveTime &&
    !(head.method === 'POST' && keepaliveDisable.includes('msie6') && isOldExplorer(head.userAgent)) &&
    !(keepaliveDisable.includes('safari') && isSafari(head.userAgent))
  );
}

/** What nginx takes for Internet Explorer 4 to 6, before the service pack that mended it. */
export function isOldExplorer(userAgent = ''): boolean {
  return /MSIE (?:[45]\.|6\.(?!.*SV1))/.test(userAgent) && !userAgent.includes('Opera');
}

function isSafari(userAgent = ''): boolean {
  return /^(?!.*(?:MSIE |Opera|Gecko\/|Chrome\/))(?=.*Mac OS X).*Safari\//.test(userAgent);
}

function parseTimeout(args: readonly string[], cx: ParseContext): KeepaliveTimeout {
  const timeout = parseTime(args[0]!, 'ms');
  const header = args[1] === undefined ? 0 : parseTime(args[1], 's');
  if (timeout === undefined || header === undefined) return cx.fail(invalidValue('keepalive_timeout'));
  return { timeout, header: header / 1000 };
}

export const keepalive: Module = {
  name: 'keepalive',
  directives: [
    row<'keepaliveTimeout'>({
      name: 'keepalive_timeout',
      key: 'keepaliveTimeout',
      contexts: EVERYWHERE,
      args: [1, 2],
      initial: { timeout: 75_000, header: 0 },
      default: '75s',
      doc: 'How long an idle connection is kept, and what the Keep-Alive header says.',
      parse: parseTimeout,
    }),
    count('keepalive_requests', 'keepaliveRequests', EVERYWHERE, '1000', 'The most requests of one connection.'),
    time('keepalive_time', 'keepaliveTime', EVERYWHERE, '1h', 'How long a connection may take further requests.'),
    time(
      'keepalive_min_timeout',
      'keepaliveMinTimeout',
      EVERYWHERE,
      '0',
      'How long a worker that leaves waits for the next request of an idle connection; at least a second.',
    ),
    row<'keepaliveDisable'>({
      name: 'keepalive_disable',
      key: 'keepaliveDisable',
      contexts: EVERYWHERE,
      args: [1, 2],
      initial: ['msie6'],
      default: 'msie6',
      doc: 'Browsers whose connections are not kept: msie6 (after a POST), safari, none.',
      parse: (args, cx) => args.map(word => parseEnum(word, BROWSERS) ?? cx.fail(`invalid value "${word}"`)),
    }),
  ],
};
