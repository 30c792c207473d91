import { cString } from '../../native/memory.js';
import {
  helloExtension,
  openssl,
  SSL_AD_INTERNAL_ERROR,
  SSL_AD_UNRECOGNIZED_NAME,
  SSL_CLIENT_HELLO_ERROR,
  SSL_CLIENT_HELLO_SUCCESS,
  SSL_CTRL_SET_GROUPS_LIST,
  SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
  setInt,
  TLSEXT_TYPE_server_name,
} from '../../native/openssl.js';
import { normalizeHost } from '../http/host.js';
import type { TlsContext } from './context.js';
import { largestEarlyData } from './early.js';
import { current, type TlsSession } from './session.js';

/** The server that a client means, before it has sent a request. */
export interface NamedServer {
  /** Null where it has no certificate of its own: that of the address's default server is shown then. */
  readonly tls: TlsContext | null;
  readonly rejectsHandshakes: boolean;
}

/** The address that a connection has come to: it knows the servers of a name; '' is for the default one. */
export interface TlsAddress {
  /** Whether any of its servers does. */
  readonly takesEarlyData: boolean;
  findNamed(name: string): NamedServer;
}

/**
 * Chooses the server that a client names in its first message (SNI, RFC 6066), and goes on with that server's certificate and rules. It
 * happens as soon as that message is there: before OpenSSL looks for a session to take up again, so that one which began under
 * another server's rules for clients is none, and before it agrees on a version, so that each server has its own.
 */
export class ServerNameCallbacks {
  private readonly hello = openssl().onClientHello((ssl, alert) => choose(ssl, alert));
  /** Tells the client that its name was understood. */
  private readonly acknowledge = openssl().onServerName(() =>
    current === null || current.serverName === '' ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK,
  );

  useFor({ pointer }: TlsContext): void {
    const { SSL_CTX_set_client_hello_cb, SSL_CTX_callback_ctrl } = openssl();
    SSL_CTX_set_client_hello_cb(pointer, this.hello, 0);
    SSL_CTX_callback_ctrl(pointer, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, this.acknowledge);
  }
}

function choose(ssl: number, alert: number): number {
  try {
    const session = current as TlsSession;
    const name = normalizeHost(nameIn(helloExtension(ssl, TLSEXT_TYPE_server_name)));
    const server = session.address.findNamed(name);
    if (server.rejectsHandshakes) {
      setInt(alert, SSL_AD_UNRECOGNIZED_NAME);
      return SSL_CLIENT_HELLO_ERROR;
    }
    session.serverName = name;
    session.server = server;
    if (server.tls !== null && server.tls !== session.context) use(ssl, server.tls);
    return SSL_CLIENT_HELLO_SUCCESS;
  } catch {
    // nothing may throw into OpenSSL
    setInt(alert, SSL_AD_INTERNAL_ERROR);
    return SSL_CLIENT_HELLO_ERROR;
  }
}

const listHead = 2;
const entryHead = 3;

/** The one name of the extension: a list, of which each entry has a type (0 is a host's name) and a length before it. '' for none. */
function nameIn(extension: Buffer | null): string {
  if (extension === null || extension.length < listHead + entryHead || extension[listHead] !== 0) return '';
  const start = listHead + entryHead;
  const length = extension.readUInt16BE(listHead + 1);
  return start + length > extension.length ? '' : extension.latin1Slice(start, start + length);
}

/** SSL_set_SSL_CTX changes the certificate, its ciphers and whose sessions are taken: the other rules are set as the context has them. */
function use(ssl: number, context: TlsContext): void {
  const { pointer, verifyMode, verifyCallback, verifyDepth, takesEarlyData, curves } = context;
  const {
    SSL_set_SSL_CTX,
    SSL_set_verify,
    SSL_set_verify_depth,
    SSL_CTX_get_options,
    SSL_get_options,
    SSL_clear_options,
    SSL_set_options,
    SSL_set_max_early_data,
    SSL_ctrl,
  } = openssl();
  SSL_set_SSL_CTX(ssl, pointer);
  SSL_set_verify(ssl, verifyMode, verifyCallback);
  SSL_set_verify_depth(ssl, verifyDepth);
  const options = BigInt(SSL_CTX_get_options(pointer));
  SSL_clear_options(ssl, BigInt(SSL_get_options(ssl)) & ~options);
  SSL_set_options(ssl, options);
  SSL_set_max_early_data(ssl, takesEarlyData ? largestEarlyData : 0);
  if (curves !== '') SSL_ctrl(ssl, SSL_CTRL_SET_GROUPS_LIST, 0, cString(curves));
}
