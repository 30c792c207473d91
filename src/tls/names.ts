import {
  openssl,
  SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
  SSL_TLSEXT_ERR_ALERT_FATAL,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from '../../native/openssl.js';
import { normalizeHost } from '../http/host.js';
import type { TlsContext } from './context.js';
import { current, type TlsSession } from './session.js';

/** The server that a client means, before it has sent a request. */
export interface NamedServer {
  /** Null where it has no certificate of its own: that of the address's default server is shown then. */
  readonly tls: TlsContext | null;
  readonly rejectsHandshakes: boolean;
}

/** The address that a connection has come to: it knows the servers of a name; '' is for the default one. */
export interface TlsAddress {
  findNamed(name: string): NamedServer;
}

/**
 * Has OpenSSL ask for the server that a client names in its first message (SNI, RFC 6066), and goes on with that server's certificate and
 * rules.
 */
export class ServerNameCallback {
  private readonly pointer: bigint;

  constructor() {
    this.pointer = openssl().onServerName(ssl => this.choose(ssl));
  }

  useFor(context: TlsContext): void {
    openssl().SSL_CTX_callback_ctrl(context.pointer, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, this.pointer);
  }

  private choose(ssl: number): number {
    try {
      const session = current as TlsSession;
      const name = normalizeHost(openssl().SSL_get_servername(ssl, 0) ?? '');
      const server = session.address.findNamed(name);
      // the alert is unrecognized_name, as OpenSSL has it
      if (server.rejectsHandshakes) return SSL_TLSEXT_ERR_ALERT_FATAL;
      session.serverName = name;
      session.server = server;
      if (server.tls !== null) use(ssl, server.tls);
      return name === '' ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK;
    } catch {
      // nothing may throw into OpenSSL
      return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
  }
}

/** SSL_set_SSL_CTX changes the certificate alone: the other rules are set as the context has them. */
function use(ssl: number, { pointer, verifyMode, verifyCallback, verifyDepth }: TlsContext): void {
  const {
    SSL_set_SSL_CTX,
    SSL_set_verify,
    SSL_set_verify_depth,
    SSL_CTX_get_options,
    SSL_get_options,
    SSL_clear_options,
    SSL_set_options,
  } = openssl();
  SSL_set_SSL_CTX(ssl, pointer);
  SSL_set_verify(ssl, verifyMode, verifyCallback);
  SSL_set_verify_depth(ssl, verifyDepth);
  const options = BigInt(SSL_CTX_get_options(pointer));
  SSL_clear_options(ssl, BigInt(SSL_get_options(ssl)) & ~options);
  SSL_set_options(ssl, options);
}
