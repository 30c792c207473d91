import {
  openssl,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from '../../native/openssl.js';
import type { TlsContext } from './context.js';
import { current } from './session.js';

/** Gives clients that ask for it what a responder has said of the certificate that they are shown. */
export class StapleCallback {
  private readonly pointer = openssl().onServerName(ssl => staple(ssl));

  useFor({ pointer }: TlsContext): void {
    openssl().SSL_CTX_callback_ctrl(pointer, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, this.pointer);
  }
}

function staple(ssl: number): number {
  const context = current?.server?.tls ?? current?.context;
  if (context === undefined || context.staple === null) return SSL_TLSEXT_ERR_NOACK;
  const { CRYPTO_memdup, SSL_ctrl } = openssl();
  const { address, size } = context.staple;
  // the copy is OpenSSL's to free
  const copy = CRYPTO_memdup(address, size, 0, 0);
  if (copy === 0) return SSL_TLSEXT_ERR_NOACK;
  SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, size, copy);
  return SSL_TLSEXT_ERR_OK;
}
