/** Under which name (RFC 8446 §4.2.3) a side has signed a handshake: `$ssl_sigalg`, `$ssl_client_sigalg`. */
import { IntCell } from '../../native/memory.js';
import { openssl, SSL_CTRL_GET_PEER_SIGNATURE_NID, SSL_CTRL_GET_SIGNATURE_NID } from '../../native/openssl.js';

/** OpenSSL's numbers (NID_…) for kinds of signatures, and for digests. */
const rsa = 6;
const ecdsa = 408;
const rsaPss = 912;
const wholeNames: Readonly<Record<number, string>> = { 1087: 'ed25519', 1088: 'ed448' };
const digests: Readonly<Record<number, string>> = { 64: 'sha1', 672: 'sha256', 673: 'sha384', 674: 'sha512' };
/** The curve is in the name of the signature, whatever that of the key is with TLS 1.2. */
const curves: Readonly<Record<string, string>> = { sha256: 'secp256r1_', sha384: 'secp384r1_', sha512: 'secp521r1_' };

const cell = new IntCell();

/** Of this side; '' where nothing was signed: a session was taken up again. */
export function ownSignature(ssl: number): string {
  const { SSL_get_signature_type_nid } = openssl();
  return nameOf(ssl, SSL_get_signature_type_nid(ssl, cell.address), SSL_CTRL_GET_SIGNATURE_NID);
}

/** Of the client, with its certificate's key; '' where it has shown none. */
export function clientSignature(ssl: number): string {
  const { SSL_get_peer_signature_type_nid } = openssl();
  return nameOf(ssl, SSL_get_peer_signature_type_nid(ssl, cell.address), SSL_CTRL_GET_PEER_SIGNATURE_NID);
}

/** @param found whether the kind is in the cell. @param control asks for the digest */
function nameOf(ssl: number, found: number, control: number): string {
  if (found !== 1) return '';
  const kind = cell.value;
  if (kind in wholeNames) return wholeNames[kind];
  const digest = openssl().SSL_ctrl(ssl, control, 0, cell.address) === 1 ? digests[cell.value] : undefined;
  if (digest === undefined) return '';
  if (kind === ecdsa) return `ecdsa_${curves[digest] ?? ''}${digest}`;
  if (kind === rsaPss) return `rsa_pss_rsae_${digest}`;
  return kind === rsa ? `rsa_pkcs1_${digest}` : '';
}
