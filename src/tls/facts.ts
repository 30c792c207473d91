import { X509Certificate } from 'node:crypto';
import { Int64Cell, MemoryBlock } from '../../native/memory.js';
import {
  BIO_CTRL_GET_KTLS_SEND,
  bytesAt,
  openssl,
  SSL_CTRL_GET_CURVES,
  SSL_CTRL_GET_NEGOTIATED_GROUP,
  SSL_CTRL_GET_RAW_CIPHERLIST,
  textOf,
  X509_V_OK,
  XN_FLAG_RFC2253,
} from '../../native/openssl.js';
import type { ClientCertificate, TlsFacts } from '../modules/module.js';
import { clientSignature, ownSignature } from './signature.js';

const dataCell = new Int64Cell();
const lengthCell = new Int64Cell();

/** A group that OpenSSL has no number of its own for, as it marks it (TLSEXT_nid_unknown). */
const unknownGroup = 0x100_0000;

/** What OpenSSL knows of a connection: read when somebody asks for it. */
export abstract class SslFacts implements TlsFacts {
  abstract readonly serverName: string;
  abstract readonly isEarly: boolean;
  /** Of SSL; 0 when there is none. */
  protected ssl = 0;
  private certificate: ClientCertificate | null | undefined;

  get protocol(): string {
    return openssl().SSL_get_version(this.ssl) ?? '';
  }
  get cipher(): string {
    const { SSL_get_current_cipher, SSL_CIPHER_get_name } = openssl();
    return SSL_CIPHER_get_name(SSL_get_current_cipher(this.ssl)) ?? '';
  }
  get alpn(): string {
    lengthCell.value = 0;
    openssl().SSL_get0_alpn_selected(this.ssl, dataCell.address, lengthCell.address);
    return lengthCell.low === 0 ? '' : bytesAt(dataCell.value, lengthCell.low).latin1Slice();
  }
  get curve(): string {
    const nid = openssl().SSL_ctrl(this.ssl, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, 0);
    return nid === 0 ? '' : groupName(nid);
  }
  get curves(): string {
    const { SSL_ctrl } = openssl();
    const count = SSL_ctrl(this.ssl, SSL_CTRL_GET_CURVES, 0, 0);
    if (count <= 0) return '';
    const nids = new MemoryBlock(count * 4);
    SSL_ctrl(this.ssl, SSL_CTRL_GET_CURVES, 0, nids.address);
    return Array.from({ length: count }, (_, index) => groupName(nids.bytes.readInt32LE(index * 4))).join(':');
  }
  get ciphers(): string {
    const { SSL_ctrl, SSL_CIPHER_find, SSL_CIPHER_get_name } = openssl();
    const length = SSL_ctrl(this.ssl, SSL_CTRL_GET_RAW_CIPHERLIST, 0, dataCell.address);
    if (length <= 0) return '';
    const address = dataCell.value;
    const bytes = bytesAt(address, length);
    const names = Array.from({ length: length / 2 }, (_, index) => {
      const cipher = SSL_CIPHER_find(this.ssl, address + index * 2);
      return cipher === 0 ? hexadecimal(bytes.readUInt16BE(index * 2)) : SSL_CIPHER_get_name(cipher);
    });
    return names.join(':');
  }
  get signature(): string {
    return ownSignature(this.ssl);
  }
  get clientSignature(): string {
    return clientSignature(this.ssl);
  }
  get isReused(): boolean {
    return openssl().SSL_session_reused(this.ssl) === 1;
  }
  get sessionId(): string {
    const { SSL_get_session, SSL_SESSION_get_id } = openssl();
    const session = SSL_get_session(this.ssl);
    if (session === 0) return '';
    const id = SSL_SESSION_get_id(session, lengthCell.address);
    return bytesAt(id, lengthCell.low).toString('hex');
  }
  get isKtls(): boolean {
    const { BIO_ctrl, SSL_get_wbio } = openssl();
    return BIO_ctrl(SSL_get_wbio(this.ssl), BIO_CTRL_GET_KTLS_SEND, 0, 0) > 0;
  }
  /** 0 (X509_V_OK), or why the client's certificate is not good. */
  get verifyResult(): number {
    return openssl().SSL_get_verify_result(this.ssl);
  }
  get verifyReason(): string {
    return openssl().X509_verify_cert_error_string(this.verifyResult) ?? '';
  }
  get clientVerify(): string {
    if (!this.hasClientCertificate) return 'NONE';
    return this.verifyResult === X509_V_OK ? 'SUCCESS' : `FAILED:${this.verifyReason}`;
  }
  get hasClientCertificate(): boolean {
    const { SSL_get1_peer_certificate, X509_free } = openssl();
    const certificate = SSL_get1_peer_certificate(this.ssl);
    if (certificate !== 0) X509_free(certificate);
    return certificate !== 0;
  }

  clientCertificate(): ClientCertificate | null {
    this.certificate ??= readClientCertificate(this.ssl);
    return this.certificate;
  }
}

function readClientCertificate(ssl: number): ClientCertificate | null {
  const { SSL_get1_peer_certificate, X509_free, X509_get_subject_name, X509_get_issuer_name } = openssl();
  const certificate = SSL_get1_peer_certificate(ssl);
  if (certificate === 0) return null;
  const names = [X509_get_subject_name(certificate), X509_get_issuer_name(certificate)];
  const [subject, issuer] = names.map(name =>
    textOf(bio => openssl().X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253)),
  );
  const [subjectLegacy, issuerLegacy] = names.map(oneLine);
  const pem = textOf(bio => openssl().PEM_write_bio_X509(bio, certificate));
  X509_free(certificate);
  const { serialNumber, fingerprint, validFrom, validTo } = new X509Certificate(pem);
  return {
    ...{ pem, subject, issuer, subjectLegacy, issuerLegacy, validFrom, validTo },
    serial: serialNumber,
    fingerprint: fingerprint.replaceAll(':', '').toLowerCase(),
  };
}

/** As OpenSSL once printed names: `/O=…/CN=…`. */
function oneLine(name: number): string {
  const block = new MemoryBlock(2048);
  openssl().X509_NAME_oneline(name, block.address, block.size);
  return block.bytes.latin1Slice(0, block.bytes.indexOf(0));
}

function groupName(nid: number): string {
  if ((nid & unknownGroup) !== 0) return hexadecimal(nid & 0xffff);
  return openssl().OBJ_nid2sn(nid) ?? '';
}

function hexadecimal(number: number): string {
  return `0x${number.toString(16).padStart(4, '0')}`;
}
