/** HTTPS: the directives of nginx's ssl module. What they say is put into OpenSSL by src/tls. */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseInteger, parseSize } from '../conf/values.js';
import type { Module } from './module.js';
import { choice, count, flag, row, SERVER_LEVEL, time } from './rows.js';
import { certificates, file, stapling } from './ssl-certificates.js';
import { sslLeftOut } from './ssl-left-out.js';
import { sslVariables } from './ssl-variables.js';

/** Where sessions are kept for clients that do not take tickets. */
export type SessionCache =
  | { readonly kind: 'off' | 'none' }
  /** In each worker's own OpenSSL. */
  | { readonly kind: 'builtin'; readonly sessions: number }
  /** In memory of all workers; and in each worker's own OpenSSL before, where that has room for any. */
  | { readonly kind: 'shared'; readonly name: string; readonly sessions: number; readonly builtin: number };

export type VerifyClient = 'off' | 'on' | 'optional' | 'optional_no_ca';

const PROTOCOLS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

declare module '../conf/settings.js' {
  interface Settings {
    sslProtocols: readonly Protocol[];
    sslCiphers: string;
    sslPreferServerCiphers: boolean;
    sslEcdhCurve: string;
    sslDhparam: string;
    sslSessionCache: SessionCache;
    /** Milliseconds. */
    sslSessionTimeout: number;
    sslSessionTickets: boolean;
    sslSessionTicketKey: readonly string[];
    sslEarlyData: boolean;
    sslVerifyClient: VerifyClient;
    sslVerifyDepth: number;
    sslClientCertificate: string;
    sslTrustedCertificate: string;
    sslCrl: string;
    /** Bytes of one record at most, where this process encrypts. */
    sslBufferSize: number;
    sslConfCommand: readonly (readonly [name: string, value: string])[];
  }
}

/** About how many sessions fit into a megabyte, as nginx's documentation has it. */
const SESSIONS_PER_MEGABYTE = 4000;
const MEGABYTE = 1024 * 1024;
const LEAST_SHARED = 32 * 1024;
const BUILTIN_SESSIONS = 20_480;
const SMALLEST_RECORD = 512;
const LARGEST_RECORD = 16_384;

function parseProtocols(args: readonly string[], cx: ParseContext): readonly Protocol[] {
  return args.map(word => {
    if (word === 'SSLv2' || word === 'SSLv3') {
      cx.fail(`"${word}" is not there any more in OpenSSL: "ssl_protocols" takes TLSv1 to TLSv1.3`);
    }
    return PROTOCOLS.find(each => each === word) ?? cx.fail(`invalid value "${word}"`);
  });
}

/** `off`, `none`, `builtin[:SESSIONS]`, `shared:NAME:SIZE`, or the last two together. */
function parseCache(args: readonly string[], cx: ParseContext): SessionCache {
  let builtin = 0;
  let shared: { readonly name: string; readonly sessions: number } | undefined;
  for (const word of args) {
    const [kind, first = '', second = ''] = word.split(':');
    if (word === 'off' || word === 'none') return { kind: word };
    if (kind === 'builtin') {
      builtin =
        first === '' ? BUILTIN_SESSIONS : (parseInteger(first, 1) ?? cx.fail(`invalid session cache "${word}"`));
    } else if (kind === 'shared') shared = parseZone(word, first, second, cx);
    else cx.fail(`invalid session cache "${word}"`);
  }
  return shared === undefined ? { kind: 'builtin', sessions: builtin } : { kind: 'shared', ...shared, builtin };
}

function parseZone(word: string, name: string, size: string, cx: ParseContext): { name: string; sessions: number } {
  const bytes = parseSize(size);
  if (name === '' || bytes === undefined) return cx.fail(`invalid session cache "${word}"`);
  if (bytes < LEAST_SHARED) cx.fail(`session cache "${word}" is too small`);
  cx.zone(name, 'ssl_session_cache', bytes);
  return { name, sessions: sessionsIn(bytes) };
}

/** How many sessions a shared cache of so many bytes has room for. */
export function sessionsIn(bytes: number): number {
  return Math.ceil((bytes / MEGABYTE) * SESSIONS_PER_MEGABYTE);
}

const protocols: readonly AnyDirective[] = [
  row<'sslProtocols'>({
    name: 'ssl_protocols',
    key: 'sslProtocols',
    contexts: SERVER_LEVEL,
    args: [1, Number.POSITIVE_INFINITY],
    initial: ['TLSv1.2', 'TLSv1.3'],
    default: 'TLSv1.2 TLSv1.3',
    doc: 'The versions that are spoken, of TLSv1 to TLSv1.3.',
    parse: parseProtocols,
  }),
  row<'sslCiphers'>({
    name: 'ssl_ciphers',
    key: 'sslCiphers',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: 'HIGH:!aNULL:!MD5',
    default: 'HIGH:!aNULL:!MD5',
    doc: "Cipher suites up to TLSv1.2, in OpenSSL's words; for those of TLSv1.3: ssl_conf_command Ciphersuites.",
    parse: args => args[0]!,
  }),
  flag(
    'ssl_prefer_server_ciphers',
    'sslPreferServerCiphers',
    SERVER_LEVEL,
    'off',
    "Whether this server's order of ciphers counts.",
  ),
  row<'sslEcdhCurve'>({
    name: 'ssl_ecdh_curve',
    key: 'sslEcdhCurve',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: 'auto',
    default: 'auto',
    doc: 'Curves for the exchange of keys, with colons between them.',
    parse: args => args[0]!,
  }),
  file('ssl_dhparam', 'sslDhparam', 'Parameters for DHE ciphers; without it there are none.'),
  row<'sslConfCommand'>({
    name: 'ssl_conf_command',
    key: 'sslConfCommand',
    contexts: SERVER_LEVEL,
    args: [2, 2],
    repeatable: true,
    initial: [],
    doc: 'A command of SSL_CONF_cmd(3) and its value: Ciphersuites, Options …',
    parse: (args, _cx, before) => [...(before ?? []), [args[0]!, args[1]!] as const],
  }),
  row<'sslBufferSize'>({
    name: 'ssl_buffer_size',
    key: 'sslBufferSize',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: LARGEST_RECORD,
    default: '16k',
    doc: 'The largest record where this process encrypts. The kernel (kTLS) makes records of 16 KB.',
    parse(args, cx) {
      const bytes = parseSize(args[0]!);
      return bytes === undefined || bytes === 0
        ? cx.fail('"ssl_buffer_size" directive invalid value')
        : Math.min(LARGEST_RECORD, Math.max(SMALLEST_RECORD, bytes));
    },
  }),
];

const sessions: readonly AnyDirective[] = [
  row<'sslSessionCache'>({
    name: 'ssl_session_cache',
    key: 'sslSessionCache',
    contexts: SERVER_LEVEL,
    args: [1, 2],
    initial: { kind: 'none' },
    default: 'none',
    doc: 'off, none, builtin[:SESSIONS] of each worker, shared:NAME:SIZE of all of them (4,000 sessions a megabyte; it takes up to 4 times that size).',
    parse: parseCache,
  }),
  time(
    'ssl_session_timeout',
    'sslSessionTimeout',
    SERVER_LEVEL,
    '5m',
    'How long a session may be taken up again.',
    's',
  ),
  flag('ssl_session_tickets', 'sslSessionTickets', SERVER_LEVEL, 'on', 'Whether clients get tickets.'),
  row<'sslSessionTicketKey'>({
    name: 'ssl_session_ticket_key',
    key: 'sslSessionTicketKey',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    repeatable: true,
    initial: [],
    doc: 'A file of 80 (or 48) random bytes, for several servers to take the same tickets. Of several, the first encrypts and all decrypt. Without one: a key of all workers, which a shared cache has change.',
    parse: (args, cx, before) => [...(before ?? []), cx.confPath(args[0]!)],
  }),
  flag(
    'ssl_early_data',
    'sslEarlyData',
    SERVER_LEVEL,
    'off',
    'Whether requests are taken that come with the first message of TLS 1.3 (0-RTT). Whoever has recorded one can send it again: $ssl_early_data tells.',
  ),
];

const VERIFY: readonly VerifyClient[] = ['off', 'on', 'optional', 'optional_no_ca'];

const clients: readonly AnyDirective[] = [
  choice(
    'ssl_verify_client',
    'sslVerifyClient',
    SERVER_LEVEL,
    VERIFY,
    'off',
    'Whether clients are asked for a certificate.',
  ),
  count('ssl_verify_depth', 'sslVerifyDepth', SERVER_LEVEL, '1', 'Certificates between that of a client and the root.'),
  file(
    'ssl_client_certificate',
    'sslClientCertificate',
    'PEM: who may sign certificates of clients; their names are told.',
  ),
  file('ssl_trusted_certificate', 'sslTrustedCertificate', 'Likewise; their names are not told.'),
  file('ssl_crl', 'sslCrl', 'PEM: certificates that were taken back.'),
];

export const ssl: Module = {
  name: 'ssl',
  directives: [...certificates, ...protocols, ...sessions, ...clients, ...stapling, ...sslLeftOut],
  variables: sslVariables,
};
