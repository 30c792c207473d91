import type { MemoryBlock } from '../../native/memory.js';
import {
  openssl,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from '../../native/openssl.js';
import type { TlsContext } from './context.js';
import { current } from './session.js';

/** What clients that ask for it are told of a certificate (OCSP, RFC 6066 §8). */
export interface Staple {
  /** What a responder has said; null for nothing that holds now. */
  readonly bytes: MemoryBlock | null;
  free(): void;
}

/** Gives clients that ask for it what a responder has said of the certificate that they are shown. */
export class StapleCallback {
  private readonly pointer = openssl().onServerName(ssl => staple(ssl));

  useFor({ pointer }: TlsContext): void {
    openssl().SSL_CTX_callback_ctrl(pointer, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, this.pointer);
  }
}

function staple(ssl: number): number {
  try {
    const { SSL_get_certificate, CRYPTO_memdup, SSL_ctrl } = openssl();
    const context = current?.server?.tls ?? current?.context;
    const bytes = context?.staples.get(SSL_get_certificate(ssl))?.bytes ?? null;
    if (bytes === null) return SSL_TLSEXT_ERR_NOACK;
    // the copy is OpenSSL's to free
    const copy = CRYPTO_memdup(bytes.address, bytes.size, 0, 0);
    if (copy === 0) return SSL_TLSEXT_ERR_NOACK;
    SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, bytes.size, copy);
    return SSL_TLSEXT_ERR_OK;
  } catch {
    // nothing may throw into OpenSSL
    return SSL_TLSEXT_ERR_NOACK;
  }
}
