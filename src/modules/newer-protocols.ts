/**
 * HTTP/2 and HTTP/3, which are not spoken. A configuration that asks for them is taken, for its clients speak HTTP/1.1 too; whoever
 * reads the error log or `-t` is told. What only tunes them is taken without a word.
 */
import type { AnyDirective, Context, ParseContext } from '../conf/directive.js';
import { parseFlag } from '../conf/values.js';
import type { Subject, Variable } from '../conf/variables.js';
import { accepted, isAnything, isFlag, isNumber, isSize, isTime } from './accepted.js';
import type { Module } from './module.js';
import { EVERYWHERE, row, SERVER_LEVEL } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    newerProtocol: null;
  }
}

/** Says that something asks for what is not spoken. @param what as it stands in the configuration */
export function warnOfProtocol(what: string, cx: ParseContext): void {
  cx.warn(`the ${what} has no effect, HTTP/1.1 is spoken`);
}

/** A flag that turns one of them on. */
function protocol(name: string): AnyDirective {
  return row<'newerProtocol'>({
    name,
    key: 'newerProtocol',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: null,
    doc: 'Taken, with a warning where it is on: HTTP/1.1 is spoken.',
    parse([word]: readonly string[], cx) {
      const on = parseFlag(word!);
      if (on === undefined) cx.fail(`invalid value "${word}" in "${name}" directive, it must be "on" or "off"`);
      if (on) warnOfProtocol(`"${name}" directive`, cx);
      return null;
    },
  });
}

function variable(name: string, doc: string): Variable {
  return { name, doc, get: (_subject: Subject) => '' };
}

const MAIN: readonly Context[] = ['main'];
const HTTP: readonly Context[] = ['http'];
const NO_HTTP2 = 'HTTP/2 is not spoken.';
const NO_HTTP3 = 'HTTP/3 is not spoken.';

const tuning: readonly AnyDirective[] = [
  accepted('http2_recv_buffer_size', HTTP, isSize, NO_HTTP2),
  ...['concurrent_streams', 'concurrent_pushes', 'requests'].map(what =>
    accepted(`http2_max_${what}`, SERVER_LEVEL, isNumber, NO_HTTP2),
  ),
  ...['max_field_size', 'max_header_size', 'body_preread_size'].map(what =>
    accepted(`http2_${what}`, SERVER_LEVEL, isSize, NO_HTTP2),
  ),
  accepted('http2_recv_timeout', SERVER_LEVEL, isTime, NO_HTTP2),
  accepted('http2_idle_timeout', SERVER_LEVEL, isTime, NO_HTTP2),
  accepted('http2_chunk_size', EVERYWHERE, isSize, NO_HTTP2),
  accepted('http2_push', EVERYWHERE, isAnything, NO_HTTP2, { repeatable: true }),
  accepted('http2_push_preload', EVERYWHERE, isFlag, NO_HTTP2),
  accepted('http3_hq', SERVER_LEVEL, isFlag, NO_HTTP3),
  accepted('http3_max_concurrent_streams', SERVER_LEVEL, isNumber, NO_HTTP3),
  accepted('http3_stream_buffer_size', SERVER_LEVEL, isSize, NO_HTTP3),
  accepted('quic_active_connection_id_limit', SERVER_LEVEL, isNumber, NO_HTTP3),
  accepted('quic_bpf', MAIN, isFlag, NO_HTTP3),
  accepted('quic_gso', SERVER_LEVEL, isFlag, NO_HTTP3),
  accepted('quic_host_key', SERVER_LEVEL, isAnything, NO_HTTP3),
  accepted('quic_retry', SERVER_LEVEL, isFlag, NO_HTTP3),
];

export const newerProtocols: Module = {
  name: 'newer_protocols',
  directives: [protocol('http2'), protocol('http3'), ...tuning],
  variables: [variable('http2', 'Empty: HTTP/2 is not spoken.'), variable('http3', 'Empty: HTTP/3 is not spoken.')],
};
