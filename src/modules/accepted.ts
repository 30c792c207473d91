/**
 * Directives that a configuration for nginx may hold, and that have nothing to do here: they size nginx's own tables and
 * pools, or tune what it alone has. Their values are checked, so that a mistake is found here as it would be there.
 */
import type { AnyDirective, Context } from '../conf/directive.js';
import { parseInteger, parseSize, parseTime } from '../conf/values.js';
import type { Module } from './module.js';
import { EVERYWHERE, invalidValue, row, SERVER_LEVEL } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    accepted: null;
  }
}

/** What is wrong with the words of a directive; '' for nothing. */
type Check = (args: readonly string[], name: string) => string;

const MAIN: readonly Context[] = ['main'];
const EVENTS: readonly Context[] = ['events'];
const HTTP: readonly Context[] = ['http'];

const isNumber: Check = ([word], name) =>
  parseInteger(word!) === undefined ? `"${name}" directive invalid number` : '';
const isSize: Check = ([word], name) => (parseSize(word!) === undefined ? invalidValue(name) : '');
const isTime: Check = ([word], name) => (parseTime(word!, 'ms') === undefined ? invalidValue(name) : '');
const isFlag: Check = ([word], name) =>
  word === 'on' || word === 'off' ? '' : `invalid value "${word}" in "${name}" directive, it must be "on" or "off"`;
const isAnything: Check = () => '';
const isOneOf =
  (...words: string[]): Check =>
  ([word]) =>
    words.includes(word!) ? '' : `invalid value "${word}"`;

function accepted(name: string, contexts: readonly Context[], check: Check, why: string, most = 1): AnyDirective {
  return row<'accepted'>({
    name,
    key: 'accepted',
    contexts,
    args: [1, most],
    repeatable: true,
    initial: null,
    doc: `Accepted: ${why}`,
    parse(args, cx) {
      const wrong = check(args, name);
      return wrong === '' ? null : cx.fail(wrong);
    },
  });
}

const TABLES = 'tables grow as they need to.';
const POOLS = 'there are no such pools.';
const SUBREQUESTS = 'there are no subrequests.';

export const accept: Module = {
  name: 'accepted',
  directives: [
    ...['types_hash', 'variables_hash', 'server_names_hash'].flatMap(table => {
      const contexts = table === 'types_hash' ? EVERYWHERE : HTTP;
      return ['max_size', 'bucket_size'].map(what => accepted(`${table}_${what}`, contexts, isNumber, TABLES));
    }),
    accepted('connection_pool_size', SERVER_LEVEL, isSize, POOLS),
    accepted('request_pool_size', SERVER_LEVEL, isSize, POOLS),
    accepted('subrequest_output_buffer_size', EVERYWHERE, isSize, SUBREQUESTS),
    accepted('log_subrequest', EVERYWHERE, isFlag, SUBREQUESTS),
    accepted('send_lowat', EVERYWHERE, isSize, 'Linux has nothing of the kind, and nginx ignores it there too.'),
    accepted('msie_refresh', EVERYWHERE, isFlag, 'redirects are sent as such to every browser.'),
    accepted('open_file_cache_events', EVERYWHERE, isFlag, 'nginx can do so with kqueue alone.'),
    accepted('resolver', EVERYWHERE, isAnything, "the system's own resolver is asked.", 16),
    accepted('resolver_timeout', EVERYWHERE, isTime, "the system's own resolver is asked."),
    accepted('timer_resolution', MAIN, isTime, 'the time is read once a turn of the loop.'),
    accepted('lock_file', MAIN, isAnything, 'no lock is needed.'),
    accepted('debug_points', MAIN, isOneOf('stop', 'abort'), 'there are none.'),
    accepted('pcre_jit', MAIN, isFlag, 'V8 compiles regular expressions by itself.'),
    accepted('accept_mutex_delay', EVENTS, isTime, 'workers do not wait for one another.'),
    accepted('worker_aio_requests', EVENTS, isNumber, 'files are read by threads (thread_pool).'),
    accepted('debug_connection', EVENTS, isAnything, 'there are no debug lines.'),
  ],
};
