import { X509_V_OK } from '../../native/openssl.js';
import type { TlsSession } from '../tls/session.js';
import type { HttpRequest } from './request.js';
import type { ServerRuntime } from './runtime.js';

const HANDSHAKE = 0x16;

/** Whether a connection's first byte begins TLS: a handshake record, or the hello of SSLv2, which is refused later. */
export function isTls(first: number): boolean {
  return first === HANDSHAKE || first >= 0x80;
}

/**
 * The status for a request that the server it names may not answer over this connection: 421 where another server's
 * rules for client certificates were asked for, 495 for a certificate that is not good, 496 for none. 0 for a request that may be.
 */
export function refusalOf(request: HttpRequest, session: TlsSession, server: ServerRuntime): number {
  const rule = server.config.settings.sslVerifyClient;
  const shown = session.server as ServerRuntime | null;
  if (rule === 'off') return 0;
  if (shown !== null && shown !== server) {
    request.log('info', 'client attempted to request the server name different from the one that was negotiated');
    return 421;
  }
  if (!session.hasClientCertificate) {
    if (rule !== 'on') return 0;
    request.log('info', 'client sent no required SSL certificate while reading client request headers');
    return 496;
  }
  const { verifyResult } = session;
  if (verifyResult === X509_V_OK || (rule === 'optional_no_ca' && isUnknownAuthority(verifyResult))) return 0;
  request.log(
    'info',
    `client SSL certificate verify error: (${verifyResult}:${session.verifyReason}) while reading client request headers`,
  );
  return 495;
}

/** X509_V_ERR_…: the chain ends at nobody who is known. */
function isUnknownAuthority(result: number): boolean {
  return result === 2 || (result >= 18 && result <= 21) || result === 27;
}
