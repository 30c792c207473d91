import { X509Certificate } from 'node:crypto';
import { EAGAIN, ECONNRESET, EPROTO } from '../../native/errno.js';
import { Int64Cell } from '../../native/memory.js';
import {
  BIO_CTRL_GET_KTLS_SEND,
  bytesAt,
  openssl,
  SSL_ERROR_SYSCALL,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
  takeErrors,
  textOf,
  X509_V_OK,
  XN_FLAG_RFC2253,
} from '../../native/openssl.js';
import type { ClientCertificate, TlsFacts } from '../modules/module.js';
import type { TlsContext } from './context.js';
import type { NamedServer, TlsAddress } from './names.js';

const lengthCell = new Int64Cell();

/** How far a handshake has come. */
export const Handshake = {
  Done: 0,
  /** The socket has to be readable, or writable, for it to go on. */
  WantsRead: 1,
  WantsWrite: 2,
  /** `failure` says why. */
  Failed: 3,
} as const;
export type Handshake = (typeof Handshake)[keyof typeof Handshake];

/** The session whose handshake is being done: OpenSSL calls back from within it (see names.ts). */
export let current: TlsSession | null = null;

/**
 * One connection's TLS, by OpenSSL on the socket itself. What `read` and `write` give is what recv and send would: a count, 0 at the end, or a
 * negative errno; EPROTO for what breaks the protocol.
 */
export class TlsSession implements TlsFacts {
  /** What OpenSSL had to say of the last failure. */
  failure = '';
  /** The last read could not go on because the socket was full: OpenSSL has something to say first. */
  readWantsWrite = false;
  isDone = false;
  /** Set by the handshake, where the client names a server. */
  serverName = '';
  /** The server of that name: whose certificate was shown. */
  server: NamedServer | null = null;
  private ssl: number;
  private isBroken = false;

  /** @throws Error where OpenSSL has no memory for it */
  constructor(
    fd: number,
    context: TlsContext,
    readonly address: TlsAddress,
  ) {
    const { SSL_new, SSL_set_fd } = openssl();
    this.ssl = SSL_new(context.pointer);
    if (this.ssl === 0 || SSL_set_fd(this.ssl, fd) !== 1) {
      this.failure = takeErrors().join(' ');
      this.free();
      throw new Error(`SSL_new() failed (SSL: ${this.failure})`);
    }
  }

  /** Of SSL; 0 when it was freed. */
  get pointer(): number {
    return this.ssl;
  }

  handshake(): Handshake {
    const { SSL_accept } = openssl();
    current = this;
    const returned = SSL_accept(this.ssl);
    current = null;
    if (returned === 1) {
      this.isDone = true;
      return Handshake.Done;
    }
    switch (this.result(returned)) {
      case wantsRead:
        return Handshake.WantsRead;
      case wantsWrite:
        return Handshake.WantsWrite;
      default:
        return Handshake.Failed;
    }
  }

  read(address: number, size: number): number {
    const count = openssl().SSL_read(this.ssl, address, size);
    if (count > 0) return count;
    const result = this.result(count);
    this.readWantsWrite = result === wantsWrite;
    return result === wantsRead || result === wantsWrite ? -EAGAIN : result;
  }

  write(address: number, size: number): number {
    const count = openssl().SSL_write(this.ssl, address, size);
    if (count > 0) return count;
    const result = this.result(count);
    return result === wantsRead || result === wantsWrite ? -EAGAIN : result;
  }

  /** Tells the client that nothing more comes. Where the socket is full or broken, it is not told. */
  close(): void {
    if (this.isDone && !this.isBroken) openssl().SSL_shutdown(this.ssl);
    takeErrors();
  }

  free(): void {
    if (this.ssl !== 0) openssl().SSL_free(this.ssl);
    this.ssl = 0;
  }

  get protocol(): string {
    return openssl().SSL_get_version(this.ssl) ?? '';
  }
  get cipher(): string {
    const { SSL_get_current_cipher, SSL_CIPHER_get_name } = openssl();
    return SSL_CIPHER_get_name(SSL_get_current_cipher(this.ssl)) ?? '';
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
    const { SSL_get1_peer_certificate, X509_free, X509_get_subject_name, X509_get_issuer_name } = openssl();
    const certificate = SSL_get1_peer_certificate(this.ssl);
    if (certificate === 0) return null;
    const nameText = (name: number) => textOf(bio => openssl().X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253));
    const pem = textOf(bio => openssl().PEM_write_bio_X509(bio, certificate));
    const [subject, issuer] = [X509_get_subject_name(certificate), X509_get_issuer_name(certificate)].map(nameText);
    X509_free(certificate);
    const { serialNumber, fingerprint, validFrom, validTo } = new X509Certificate(pem);
    return {
      ...{ pem, subject, issuer, validFrom, validTo },
      serial: serialNumber,
      fingerprint: fingerprint.replaceAll(':', '').toLowerCase(),
    };
  }

  /** What a call has come to: `wantsRead`, `wantsWrite`, 0 for the end, or a negative errno. */
  private result(returned: number): number {
    const error = openssl().SSL_get_error(this.ssl, returned);
    if (error === SSL_ERROR_WANT_READ) return wantsRead;
    if (error === SSL_ERROR_WANT_WRITE) return wantsWrite;
    if (error === SSL_ERROR_ZERO_RETURN) return 0;
    this.isBroken = true;
    const errors = takeErrors();
    this.failure = errors.join(' ');
    // the connection has gone without a word of TLS
    if (error === SSL_ERROR_SYSCALL || errors.some(text => text.endsWith('::unexpected eof while reading'))) {
      return -ECONNRESET;
    }
    return -EPROTO;
  }
}

/** No errno has these. */
const wantsRead = 1;
const wantsWrite = 2;
