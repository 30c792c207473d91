import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { Int64Cell, MemoryBlock } from '../../native/memory.js';
import {
  MBSTRING_UTF8,
  NID_basic_constraints,
  NID_ext_key_usage,
  NID_key_usage,
  NID_subject_alt_name,
  NID_subject_key_identifier,
  openssl,
  takeErrors,
  textOf,
} from '../../native/openssl.js';

/** A certificate and its key, as PEM files hold them. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const secondsOfDay = 86_400;
/** Clocks differ: it holds since an hour ago. */
const earlier = -3600;
const keyCell = new Int64Cell();
/** X509V3_CTX, which the extensions are made with; it is smaller. */
const extensionContext = new MemoryBlock(256);

/**
 * Makes an ECDSA key (P-256) and a certificate that it signs itself, for servers alone.
 * @param names host names, wildcards and addresses that it is good for; the first is its common name
 * @throws Error with OpenSSL's words
 */
export function makeSelfSigned(names: readonly string[], days: number): Pair {
  const { X509_new, X509_free, EVP_PKEY_free, X509_sign, EVP_sha256 } = openssl();
  const key = makeKey();
  const certificate = X509_new();
  try {
    describe(certificate, key, names, days);
    check(X509_sign(certificate, key, EVP_sha256()), 'X509_sign');
    return {
      certificate: textOf(bio => openssl().PEM_write_bio_X509(bio, certificate)),
      key: textOf(bio => openssl().PEM_write_bio_PrivateKey(bio, key, 0, 0, 0, 0, 0)),
    };
  } finally {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
}

function makeKey(): number {
  const {
    EVP_PKEY_CTX_new_from_name,
    EVP_PKEY_CTX_free,
    EVP_PKEY_keygen_init,
    EVP_PKEY_CTX_set_group_name,
    EVP_PKEY_generate,
  } = openssl();
  const context = EVP_PKEY_CTX_new_from_name(0, 'EC', 0);
  try {
    check(EVP_PKEY_keygen_init(context), 'EVP_PKEY_keygen_init');
    check(EVP_PKEY_CTX_set_group_name(context, 'P-256'), 'EVP_PKEY_CTX_set_group_name');
    keyCell.value = 0;
    check(EVP_PKEY_generate(context, keyCell.address), 'EVP_PKEY_generate');
    return keyCell.value;
  } finally {
    EVP_PKEY_CTX_free(context);
  }
}

/** All of the certificate but its signature. */
function describe(certificate: number, key: number, names: readonly string[], days: number): void {
  const { X509_set_version, X509_get_serialNumber, ASN1_INTEGER_set_uint64, X509_set_pubkey } = openssl();
  const { X509_getm_notBefore, X509_getm_notAfter, X509_gmtime_adj } = openssl();
  check(X509_set_version(certificate, 2), 'X509_set_version');
  check(
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), randomBytes(8).readBigUInt64LE() >> 1n),
    'ASN1_INTEGER_set_uint64',
  );
  check(X509_gmtime_adj(X509_getm_notBefore(certificate), earlier), 'X509_gmtime_adj');
  check(X509_gmtime_adj(X509_getm_notAfter(certificate), days * secondsOfDay), 'X509_gmtime_adj');
  check(X509_set_pubkey(certificate, key), 'X509_set_pubkey');
  setName(certificate, names[0]);
  const altNames = names.map(name => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
  extend(certificate, NID_basic_constraints, 'critical,CA:FALSE');
  extend(certificate, NID_key_usage, 'critical,digitalSignature');
  extend(certificate, NID_ext_key_usage, 'serverAuth');
  extend(certificate, NID_subject_key_identifier, 'hash');
  extend(certificate, NID_subject_alt_name, altNames);
}

/** It is its own issuer. */
function setName(certificate: number, commonName: string): void {
  const { X509_get_subject_name, X509_NAME_add_entry_by_txt, X509_set_issuer_name } = openssl();
  const name = X509_get_subject_name(certificate);
  const text = new MemoryBlock(256);
  // a common name has 64 characters at most (RFC 5280, appendix A)
  const length = text.bytes.latin1Write(commonName.slice(0, 64));
  check(X509_NAME_add_entry_by_txt(name, 'CN', MBSTRING_UTF8, text.address, length, -1, 0), 'X509_NAME_add_entry');
  check(X509_set_issuer_name(certificate, name), 'X509_set_issuer_name');
}

function extend(certificate: number, kind: number, value: string): void {
  const { X509V3_set_ctx, X509V3_EXT_conf_nid, X509_add_ext, X509_EXTENSION_free } = openssl();
  extensionContext.bytes.fill(0);
  X509V3_set_ctx(extensionContext.address, certificate, certificate, 0, 0, 0);
  const extension = X509V3_EXT_conf_nid(0, extensionContext.address, kind, value);
  check(extension, `X509V3_EXT_conf_nid("${value}")`);
  const added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  check(added, 'X509_add_ext');
}

/** @param result 0 or null where the call failed */
function check(result: number, call: string): void {
  if (result > 0) return;
  throw new Error(`${call}() failed (SSL: ${takeErrors().join(' ')})`);
}
