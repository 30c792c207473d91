/** Directives of nginx's ssl module for what is not done here: what a configuration can go without is a warning, and what it relies on an error. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseEnum, parseFlag } from '../conf/values.js';
import { accepted, isAnything } from './accepted.js';
import { row, SERVER_LEVEL } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    sslLeftOut: null;
  }
}

function leftOut(name: string, doc: string, check: (word: string, cx: ParseContext) => void): AnyDirective {
  return row<'sslLeftOut'>({
    name,
    key: 'sslLeftOut',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    repeatable: name === 'ssl_ech_file',
    initial: null,
    doc,
    parse([word]: readonly string[], cx) {
      check(word!, cx);
      return null;
    },
  });
}

/** As nginx says it where OpenSSL cannot. */
function warn(name: string, cx: ParseContext): void {
  cx.warn(`"${name}" is not supported on this platform, ignored`);
}

export const sslLeftOut: readonly AnyDirective[] = [
  leftOut(
    'ssl_ocsp',
    'Refused but for off: nobody is asked whether a certificate of a client was taken back (ssl_crl is looked at).',
    (word, cx) => {
      const value = parseEnum(word, ['off', 'on', 'leaf']) ?? cx.fail(`invalid value "${word}"`);
      if (value !== 'off') cx.fail('"ssl_ocsp" is not supported: use "ssl_crl" for certificates that were taken back');
    },
  ),
  accepted('ssl_ocsp_cache', SERVER_LEVEL, isAnything, 'there is no ssl_ocsp.'),
  accepted('ssl_ocsp_responder', SERVER_LEVEL, isAnything, 'there is no ssl_ocsp.'),
  leftOut(
    'ssl_certificate_compression',
    'Taken, with a warning where it is on: certificates are sent as they are.',
    (word, cx) => {
      const on = parseFlag(word);
      if (on === undefined) cx.fail(`invalid value "${word}" in "${cx.node.name}" directive, it must be "on" or "off"`);
      if (on) warn(cx.node.name, cx);
    },
  ),
  leftOut('ssl_ech_file', 'Taken, with a warning: the names that clients ask for are not encrypted.', (_word, cx) =>
    warn(cx.node.name, cx),
  ),
];
