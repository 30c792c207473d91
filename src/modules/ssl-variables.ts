/** The `$ssl_…` variables: what a handshake has come to. */
import type { Subject, Variable } from '../conf/variables.js';
import type { ClientCertificate, Request, TlsFacts } from './module.js';

function variable(name: string, doc: string, of: (tls: TlsFacts) => string | undefined): Variable {
  return {
    name,
    doc,
    get: (subject: Subject) => {
      const { tls } = subject as Request;
      return tls === null ? undefined : of(tls) || undefined;
    },
  };
}

function ofClient(name: string, doc: string, of: (certificate: ClientCertificate) => string): Variable {
  return variable(`ssl_client_${name}`, doc, tls => {
    const certificate = tls.clientCertificate();
    return certificate === null ? undefined : of(certificate);
  });
}

const DAY = 86_400_000;

/** As nginx has it in a header: the lines after the first one begin with a tab. */
function folded(pem: string): string {
  return pem.trimEnd().replaceAll('\n', '\n\t');
}

export const sslVariables: readonly Variable[] = [
  variable('ssl_protocol', 'TLSv1.2, TLSv1.3 …', tls => tls.protocol),
  variable('ssl_cipher', 'The name of the cipher suite.', tls => tls.cipher),
  variable('ssl_ciphers', 'Those that the client has offered, with colons between.', tls => tls.ciphers),
  variable('ssl_curve', 'The curve of the exchange of keys.', tls => tls.curve),
  variable('ssl_curves', 'Those that the client has offered, with colons between.', tls => tls.curves),
  variable(
    'ssl_sigalg',
    'How this server has signed the handshake; empty for a session that was taken up again.',
    tls => tls.signature,
  ),
  variable('ssl_client_sigalg', 'How the client has, with the key of its certificate.', tls => tls.clientSignature),
  variable('ssl_ech_status', 'Empty: there is no ssl_ech_file.', () => undefined),
  variable('ssl_ech_outer_server_name', 'Empty, likewise.', () => undefined),
  variable('ssl_alpn_protocol', 'The protocol that was agreed on by ALPN.', tls => tls.alpn),
  variable('ssl_early_data', '"1" until the handshake is done (ssl_early_data), else empty.', tls =>
    tls.isEarly ? '1' : undefined,
  ),
  variable('ssl_server_name', 'The name that the client asked for (SNI).', tls => tls.serverName),
  variable('ssl_session_reused', '"r" for a session that was taken up again, else ".".', tls =>
    tls.isReused ? 'r' : '.',
  ),
  variable('ssl_session_id', 'The id of the session, hexadecimal.', tls => tls.sessionId),
  variable('ssl_ktls', '"on" where the kernel encrypts, else "off" (not in nginx).', tls =>
    tls.isKtls ? 'on' : 'off',
  ),
  variable('ssl_client_verify', 'SUCCESS, FAILED:reason, or NONE.', tls => tls.clientVerify),
  ofClient('cert', "The client's certificate, its lines after the first with a tab.", each => folded(each.pem)),
  ofClient('raw_cert', "The client's certificate (PEM).", each => each.pem),
  ofClient('escaped_cert', "The client's certificate (PEM), escaped for a URI.", each => encodeURIComponent(each.pem)),
  ofClient('s_dn', "The client's name (RFC 2253).", each => each.subject),
  ofClient('i_dn', 'The name of who signed it (RFC 2253).', each => each.issuer),
  ofClient('s_dn_legacy', "The client's name, as /O=…/CN=….", each => each.subjectLegacy),
  ofClient('i_dn_legacy', 'The name of who signed it, likewise.', each => each.issuerLegacy),
  ofClient('serial', 'Its serial number.', each => each.serial),
  ofClient('fingerprint', 'Its SHA-1.', each => each.fingerprint),
  ofClient('v_start', 'From when on it holds.', each => each.validFrom),
  ofClient('v_end', 'Until when it holds.', each => each.validTo),
  ofClient('v_remain', 'Days until then.', each => {
    const left = Math.floor((Date.parse(each.validTo) - Date.now()) / DAY);
    return `${Math.max(0, left)}`;
  }),
];
