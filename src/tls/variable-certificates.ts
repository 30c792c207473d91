import { openssl } from '../../native/openssl.js';
import { climbs } from '../conf/climbs.js';
import type { Complex, Subject } from '../conf/variables.js';
import type { CertificateCache } from './certificate-cache.js';
import { isInline, type Loaded, readChain, readKey } from './certificates.js';
import type { TlsContext } from './context.js';
import { current } from './session.js';

/** What the names of a certificate and of its key are made of. */
export interface NamedPair {
  readonly certificate: Complex;
  readonly key: Complex;
}

/** Certificates of a server whose names hold variables: each handshake finds out which ones they are. */
export class VariableCertificates {
  /** Null where each handshake loads them anew. */
  cache: CertificateCache | null = null;

  constructor(
    private readonly pairs: readonly NamedPair[],
    private readonly passwords: readonly string[],
  ) {}

  /**
   * Has a connection show them.
   * @param subject what variables are read from
   * @throws Error with nginx's message
   */
  useOnce(ssl: number, subject: Subject): void {
    for (const { certificate, key } of this.pairs) {
      const chainSource = sourceOf(certificate, 'certificate', subject);
      this.use('certificate', chainSource, readChain, chain => chain.useOnce(ssl));
      const keySource = sourceOf(key, 'certificate key', subject);
      this.use('key', keySource, this.readKey, loaded => loaded.useOnce(ssl));
    }
  }

  private readonly readKey = (source: string) => readKey(source, this.passwords);

  private use<T extends Loaded>(
    kind: string,
    source: string,
    load: (source: string) => T,
    use: (loaded: T) => void,
  ): void {
    if (this.cache !== null) {
      use(this.cache.fetch(kind, source, load));
      return;
    }
    const loaded = load(source);
    try {
      use(loaded);
    } finally {
      loaded.free();
    }
  }
}

/** As for logs: no value climbs up from the folder that the configuration names. */
function sourceOf(name: Complex, what: string, subject: Subject): string {
  const source = name.evaluate(subject);
  if (!isInline(source) && climbs(source) && !climbs(name.text)) {
    throw new Error(`cannot load ${what} "${source}": a value in its name leads out of its folder`);
  }
  return source;
}

/** OpenSSL asks for the certificate when it has read the client's first message, and has found no session to take up again. */
export class CertificateCallback {
  private readonly pointer = openssl().onCertificate(ssl => choose(ssl));

  useFor({ pointer }: TlsContext): void {
    openssl().SSL_CTX_set_cert_cb(pointer, this.pointer, 0);
  }
}

function choose(ssl: number): number {
  const session = current;
  try {
    const certificates = (session?.server?.tls ?? session?.context)?.variableCertificates;
    if (session === null || !certificates) return 0;
    certificates.useOnce(ssl, session.subject());
    return 1;
  } catch (error) {
    // nothing may throw into OpenSSL
    if (session !== null) session.certificateFailure = (error as Error).message;
    return 0;
  }
}
