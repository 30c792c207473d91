/** Values of nginx's ssl module that are refused when a configuration is read, before any file is. */
import type { Mistake } from './mistakes.js';

const flags = [
  'ssl_prefer_server_ciphers',
  'ssl_session_tickets',
  'ssl_early_data',
  'ssl_stapling',
  'ssl_stapling_verify',
];

export const SSL_MISTAKES: readonly Mistake[] = [
  ['server', 'ssl_protocols TLSv9;', 'invalid value "TLSv9"'],
  ['server', 'ssl_session_cache x;', 'invalid session cache "x"'],
  ['server', 'ssl_session_cache builtin:x;', 'invalid session cache "builtin:x"'],
  ['server', 'ssl_session_cache shared:a;', 'invalid session cache "shared:a"'],
  ['server', 'ssl_session_cache shared::1m;', 'invalid session cache "shared::1m"'],
  ['server', 'ssl_session_cache shared:a:1k;', 'session cache "shared:a:1k" is too small'],
  ['server', 'ssl_session_timeout x;', '"ssl_session_timeout" directive invalid value'],
  ['server', 'ssl_buffer_size x;', '"ssl_buffer_size" directive invalid value'],
  ['server', 'ssl_verify_client x;', 'invalid value "x"'],
  ['server', 'ssl_verify_depth x;', '"ssl_verify_depth" directive invalid number'],
  ['server', 'ssl_conf_command x;', 'invalid number of arguments in "ssl_conf_command" directive'],
  ['server', 'ssl_ciphers a; ssl_ciphers b;', '"ssl_ciphers" directive is duplicate'],
  ['location', 'ssl_certificate a;', '"ssl_certificate" directive is not allowed here'],
  ...[...flags, 'ssl_reject_handshake'].map(
    (name): Mistake => ['server', `${name} x;`, `invalid value "x" in "${name}" directive, it must be "on" or "off"`],
  ),
];
