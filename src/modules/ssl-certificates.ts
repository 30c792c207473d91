/** HTTPS: which certificates are shown, and what is said of them (OCSP). */
import type { AnyDirective, ParseContext } from '../conf/directive.js';
import { parseInteger, parseTime } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { constantText, flag, row, SERVER_LEVEL } from './rows.js';

/** How certificates and keys are kept whose names hold variables. */
export interface CertificateCacheRules {
  /** Certificates and keys at most. */
  readonly max: number;
  /** Milliseconds without use after which one is dropped. */
  readonly inactive: number;
  /** Milliseconds after which it is checked whether its file is still the same. */
  readonly valid: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** Full paths, or `data:` and the PEM text, in the order in which they stand; keys belong to the certificates of the same place. */
    sslCertificate: readonly Complex[];
    sslCertificateKey: readonly Complex[];
    /** Null where each handshake loads them anew. */
    sslCertificateCache: CertificateCacheRules | null;
    /** '' for none. */
    sslPasswordFile: string;
    sslRejectHandshake: boolean;
    sslStapling: boolean;
    /** '' for none. */
    sslStaplingFile: string;
    /** A URL; '' for that of the certificate. */
    sslStaplingResponder: string;
    sslStaplingVerify: boolean;
  }
}

type PathKey =
  | 'sslPasswordFile'
  | 'sslDhparam'
  | 'sslClientCertificate'
  | 'sslTrustedCertificate'
  | 'sslCrl'
  | 'sslStaplingFile';

/** A file that OpenSSL reads, relative to the configuration's folder. */
export function file(name: string, key: PathKey, doc: string): AnyDirective {
  return row<PathKey>({
    name,
    key,
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: '',
    doc,
    parse: (args, cx) => cx.confPath(args[0]!),
  });
}

/** Several of them: of a certificate and its key there may be one of each kind (RSA, ECDSA). */
function sources(name: string, key: 'sslCertificate' | 'sslCertificateKey', doc: string): AnyDirective {
  return row<typeof key>({
    name,
    key,
    contexts: SERVER_LEVEL,
    args: [1, 1],
    repeatable: true,
    initial: [],
    doc,
    parse(args, cx, before) {
      const text = args[0]!;
      const other = /^(engine|store):/.exec(text);
      if (other !== null) cx.fail(`"${text}" cannot be loaded: "${name}" takes a file or "data:", no "${other[0]}"`);
      return [...(before ?? []), sourceOf(text, cx)];
    },
  });
}

/** Relative names begin at the configuration's folder; as in nginx, what a value of a variable begins with counts too. */
function sourceOf(text: string, cx: ParseContext): Complex {
  const full = (source: string) => (source.startsWith('data:') ? source : cx.confPath(source));
  const complex = cx.complex(text);
  if (complex.constant !== undefined) return constantText(full(complex.constant));
  const evaluate: Complex['evaluate'] = subject => full(complex.evaluate(subject));
  return { text, constant: undefined, evaluate, value: evaluate };
}

function parseCache(args: readonly string[], cx: ParseContext): CertificateCacheRules | null {
  const rules = { max: 0, inactive: 10_000, valid: 60_000 };
  for (const word of args) {
    const [key, value = ''] = word.split('=', 2);
    const fail = () => cx.fail(`invalid parameter "${word}"`);
    if (key === 'max') rules.max = parseInteger(value, 1) ?? fail();
    else if (key === 'inactive' || key === 'valid') rules[key] = parseTime(value, 's') ?? fail();
    else if (word !== 'off') fail();
  }
  if (args.includes('off')) return null;
  return rules.max > 0 ? rules : cx.fail('"ssl_certificate_cache" must have the "max" parameter');
}

export const certificates: readonly AnyDirective[] = [
  sources(
    'ssl_certificate',
    'sslCertificate',
    'A PEM file with the certificate and those between it and the root, or data:TEXT; one a kind of key. With variables it is loaded at each handshake, with the rights of a worker.',
  ),
  sources(
    'ssl_certificate_key',
    'sslCertificateKey',
    'The PEM file of its key, or data:TEXT; variables as there. Unlike nginx, no engines.',
  ),
  row<'sslCertificateCache'>({
    name: 'ssl_certificate_cache',
    key: 'sslCertificateCache',
    contexts: SERVER_LEVEL,
    args: [1, 3],
    initial: null,
    default: 'off',
    doc: 'How many certificates and keys whose names hold variables a worker keeps: max=N [inactive=10s] [valid=60s], or off.',
    parse: parseCache,
  }),
  file('ssl_password_file', 'sslPasswordFile', 'Passwords of keys, one a line, tried in turn.'),
  flag(
    'ssl_reject_handshake',
    'sslRejectHandshake',
    SERVER_LEVEL,
    'off',
    'Whether to refuse handshakes for this server.',
  ),
];

export const stapling: readonly AnyDirective[] = [
  flag(
    'ssl_stapling',
    'sslStapling',
    SERVER_LEVEL,
    'off',
    'Whether clients get the OCSP response for the certificate. Each worker asks the responder when a client first wants it, and then once an hour at most; names are resolved by the system.',
  ),
  file(
    'ssl_stapling_file',
    'sslStaplingFile',
    'The response (DER), as "openssl ocsp -respout" gets it, instead of asking for one; a reload reads it anew.',
  ),
  row<'sslStaplingResponder'>({
    name: 'ssl_stapling_responder',
    key: 'sslStaplingResponder',
    contexts: SERVER_LEVEL,
    args: [1, 1],
    initial: '',
    doc: 'Whom to ask (http://…), instead of the responder that the certificate names.',
    parse: args => args[0]!,
  }),
  flag(
    'ssl_stapling_verify',
    'sslStaplingVerify',
    SERVER_LEVEL,
    'off',
    "Whether who has signed a responder's answer is verified, up to a root of ssl_trusted_certificate.",
  ),
];
