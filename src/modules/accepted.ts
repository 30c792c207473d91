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

export const isNumber: Check = ([word], name) =>
  parseInteger(word!) === undefined ? `"${name}" directive invalid number` : '';
export const isSize: Check = ([word], name) => (parseSize(word!) === undefined ? invalidValue(name) : '');
export const isTime: Check = ([word], name) => (parseTime(word!, 'ms') === undefined ? invalidValue(name) : '');
export const isFlag: Check = ([word], name) =>
  word === 'on' || word === 'off' ? '' : `invalid value "${word}" in "${name}" directive, it must be "on" or "off"`;
export const isAnything: Check = () => '';
export const areBuffers: Check = ([number, bytes], name) =>
  parseInteger(number!, 1) !== undefined && parseSize(bytes!) ? '' : invalidValue(name);
export const isOneOf =
  (...words: string[]): Check =>
  ([word]) =>
    words.includes(word!) ? '' : `invalid value "${word}"`;

/** How many words a directive takes, and whether it may be given again: one word, and once, where nothing is said. */
interface Form {
  readonly args?: readonly [least: number, most: number];
  readonly repeatable?: boolean;
}

/** A directive whose words are checked, and that has no effect. @param why for its reader */
export function accepted(
  name: string,
  contexts: readonly Context[],
  check: Check,
  why: string,
  { args = [1, 1], repeatable = false }: Form = {},
): AnyDirective {
  return row<'accepted'>({
    name,
    key: 'accepted',
    contexts,
    args,
    repeatable,
    initial: null,
    doc: `Accepted: ${why}`,
    parse(words, cx) {
      const wrong = check(words, name);
      return wrong === '' ? null : cx.fail(wrong);
    },
  });
}

/** `NAME_hash_max_size` and `NAME_hash_bucket_size`: nginx has to be told how big its tables are. */
export function hashSizes(name: string, contexts: readonly Context[]): AnyDirective[] {
  return ['max_size', 'bucket_size'].map(what =>
    accepted(`${name}_hash_${what}`, contexts, isNumber, 'tables grow as they need to.'),
  );
}

const MANY: Form = { args: [1, Number.POSITIVE_INFINITY] };
const POOLS = 'there are no such pools.';
const RESOLVER = 'names, those of OCSP responders alone, are resolved by the system.';
const SUBREQUESTS = 'there are no subrequests.';

export const accept: Module = {
  name: 'accepted',
  directives: [
    ...hashSizes('types', EVERYWHERE),
    ...hashSizes('variables', HTTP),
    ...hashSizes('server_names', HTTP),
    accepted('connection_pool_size', SERVER_LEVEL, isSize, POOLS),
    accepted('request_pool_size', SERVER_LEVEL, isSize, POOLS),
    accepted('subrequest_output_buffer_size', EVERYWHERE, isSize, SUBREQUESTS),
    accepted('log_subrequest', EVERYWHERE, isFlag, SUBREQUESTS),
    accepted('send_lowat', EVERYWHERE, isSize, 'Linux has nothing of the kind, and nginx ignores it there too.'),
    accepted('open_file_cache_events', EVERYWHERE, isFlag, 'nginx can do so with kqueue alone.'),
    accepted('aio_write', EVERYWHERE, isFlag, 'bodies are written as they come.'),
    accepted('early_hints', EVERYWHERE, isAnything, 'only answers of other servers have any.', MANY),
    accepted('resolver', EVERYWHERE, isAnything, RESOLVER, MANY),
    accepted('resolver_timeout', EVERYWHERE, isTime, RESOLVER),
    accepted('timer_resolution', MAIN, isTime, 'the time is read once a turn of the loop.'),
    accepted('lock_file', MAIN, isAnything, 'no lock is needed.'),
    accepted('debug_points', MAIN, isOneOf('stop', 'abort'), 'there are none.'),
    accepted('pcre_jit', MAIN, isFlag, 'V8 compiles regular expressions by itself.'),
    accepted('accept_mutex_delay', EVENTS, isTime, 'workers do not wait for one another.'),
    accepted('worker_aio_requests', EVENTS, isNumber, 'files are read by threads (thread_pool).'),
    accepted('debug_connection', EVENTS, isAnything, 'there are no debug lines.', { repeatable: true }),
  ],
};
