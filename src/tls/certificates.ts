import { cString, MemoryBlock } from '../../native/memory.js';
import { openssl, peekIsEndOfPem, SSL_CTRL_CHAIN, takeErrors } from '../../native/openssl.js';
import { failure, readText } from './failure.js';

/** What a source begins with that holds the PEM text itself, instead of naming its file. */
const inline = 'data:';

export function isInline(source: string): boolean {
  return source.startsWith(inline);
}

/** A source as messages have it: nobody's key is to be read in a log. */
export function nameOf(source: string): string {
  return isInline(source) ? inline : source;
}

/** Something of OpenSSL's that is this process's to free. What uses it has a count of its own. */
export interface Loaded {
  free(): void;
}

/** A certificate, and those between it and the root. */
export class Chain implements Loaded {
  /** For messages. */
  readonly name: string;
  /** STACK_OF(X509) of those that follow. */
  readonly others: number;

  /** @param certificates of X509, the one that is shown first */
  constructor(
    source: string,
    readonly certificates: readonly number[],
  ) {
    const { OPENSSL_sk_new_null, OPENSSL_sk_push } = openssl();
    this.name = nameOf(source);
    this.others = OPENSSL_sk_new_null();
    for (const one of certificates.slice(1)) OPENSSL_sk_push(this.others, one);
  }

  get certificate(): number {
    return this.certificates[0];
  }

  /** Has all connections of a context show it. @throws Error */
  useFor(context: number): void {
    const { SSL_CTX_use_certificate, SSL_CTX_ctrl } = openssl();
    if (SSL_CTX_use_certificate(context, this.certificate) !== 1)
      throw failure(`SSL_CTX_use_certificate("${this.name}")`);
    if (SSL_CTX_ctrl(context, SSL_CTRL_CHAIN, 1, this.others) !== 1)
      throw failure(`SSL_CTX_set1_chain("${this.name}")`);
  }

  /** Has one connection show it. @throws Error */
  useOnce(ssl: number): void {
    const { SSL_use_certificate, SSL_ctrl } = openssl();
    if (SSL_use_certificate(ssl, this.certificate) !== 1) throw failure(`SSL_use_certificate("${this.name}")`);
    if (SSL_ctrl(ssl, SSL_CTRL_CHAIN, 1, this.others) !== 1) throw failure(`SSL_set1_chain("${this.name}")`);
  }

  free(): void {
    const { X509_free, OPENSSL_sk_free } = openssl();
    for (const one of this.certificates) X509_free(one);
    OPENSSL_sk_free(this.others);
  }
}

/** The key of a certificate, which has to be in use before it. */
export class PrivateKey implements Loaded {
  /** @param pointer of EVP_PKEY */
  constructor(
    private readonly source: string,
    private readonly pointer: number,
  ) {}

  /** @throws Error, where it is not the key of the certificate too */
  useFor(context: number): void {
    if (openssl().SSL_CTX_use_PrivateKey(context, this.pointer) !== 1)
      throw failure(`SSL_CTX_use_PrivateKey("${nameOf(this.source)}")`);
  }

  useOnce(ssl: number): void {
    if (openssl().SSL_use_PrivateKey(ssl, this.pointer) !== 1)
      throw failure(`SSL_use_PrivateKey("${nameOf(this.source)}")`);
  }

  free(): void {
    openssl().EVP_PKEY_free(this.pointer);
  }
}

/** @throws Error with nginx's message */
export function readChain(source: string): Chain {
  const certificates: number[] = [];
  try {
    withBio(source, bio => readCertificates(bio, certificates));
  } catch (error) {
    for (const one of certificates) openssl().X509_free(one);
    throw new Error(`cannot load certificate "${nameOf(source)}": ${(error as Error).message}`);
  }
  return new Chain(source, certificates);
}

function readCertificates(bio: number, certificates: number[]): void {
  const { PEM_read_bio_X509_AUX, PEM_read_bio_X509 } = openssl();
  takeErrors();
  const first = PEM_read_bio_X509_AUX(bio, 0, 0, 0);
  if (first === 0) throw failure('PEM_read_bio_X509_AUX()');
  certificates.push(first);
  for (;;) {
    const next = PEM_read_bio_X509(bio, 0, 0, 0);
    if (next === 0) break;
    certificates.push(next);
  }
  if (!peekIsEndOfPem()) throw failure('PEM_read_bio_X509()');
  takeErrors();
}

/**
 * @param passwords to be tried in turn
 * @throws Error with nginx's message
 */
export function readKey(source: string, passwords: readonly string[]): PrivateKey {
  let key = 0;
  try {
    for (const password of passwords) {
      takeErrors();
      key = withBio(source, bio => openssl().PEM_read_bio_PrivateKey(bio, 0, 0, password));
      if (key !== 0) break;
    }
    if (key === 0) throw failure('PEM_read_bio_PrivateKey()');
  } catch (error) {
    throw new Error(`cannot load certificate key "${nameOf(source)}": ${(error as Error).message}`);
  }
  takeErrors();
  return new PrivateKey(source, key);
}

/** Without a file there is one, the empty one: OpenSSL would else ask for it at the terminal. */
export function readPasswords(path: string): string[] {
  if (path === '') return [''];
  return readText(path)
    .split('\n')
    .filter(line => line !== '');
}

/** Has `read` read what a source says. */
function withBio<T>(source: string, read: (bio: number) => T): T {
  const { BIO_new_file, BIO_new_mem_buf, BIO_free } = openssl();
  const isHere = isInline(source);
  // OpenSSL reads it where it is: the block has to live as long as the reader
  const text = new MemoryBlock(isHere ? source.length : 0);
  if (isHere) text.bytes.latin1Write(source.slice(inline.length));
  const path = isHere ? 0 : cString(source);
  if (path < 0) throw new Error('the name is not that of a file');
  const bio = isHere ? BIO_new_mem_buf(text.address, source.length - inline.length) : BIO_new_file(path, 'r');
  if (bio === 0) throw failure(isHere ? 'BIO_new_mem_buf()' : 'BIO_new_file()');
  try {
    return read(bio);
  } finally {
    BIO_free(bio);
  }
}
