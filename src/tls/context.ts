import { createHash } from 'node:crypto';
import { cString, MemoryBlock } from '../../native/memory.js';
import {
  openssl,
  SSL_CONF_FLAG_CERTIFICATE,
  SSL_CONF_FLAG_FILE,
  SSL_CONF_FLAG_SERVER,
  SSL_CONF_FLAG_SHOW_ERRORS,
  SSL_CTRL_MODE,
  SSL_CTRL_SET_GROUPS_LIST,
  SSL_CTRL_SET_MIN_PROTO_VERSION,
  SSL_CTRL_SET_READ_AHEAD,
  SSL_CTRL_SET_SESS_CACHE_MODE,
  SSL_CTRL_SET_SESS_CACHE_SIZE,
  SSL_CTRL_SET_TLSEXT_TICKET_KEYS,
  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER,
  SSL_MODE_ENABLE_PARTIAL_WRITE,
  SSL_MODE_RELEASE_BUFFERS,
  SSL_OP_CIPHER_SERVER_PREFERENCE,
  SSL_OP_ENABLE_KTLS,
  SSL_OP_IGNORE_UNEXPECTED_EOF,
  SSL_OP_NO_ANTI_REPLAY,
  SSL_OP_NO_COMPRESSION,
  SSL_OP_NO_RENEGOTIATION,
  SSL_OP_NO_TICKET,
  SSL_OP_NO_TLSv1,
  SSL_OP_NO_TLSv1_1,
  SSL_OP_NO_TLSv1_2,
  SSL_OP_NO_TLSv1_3,
  SSL_SESS_CACHE_NO_INTERNAL,
  SSL_SESS_CACHE_OFF,
  SSL_SESS_CACHE_SERVER,
  SSL_VERIFY_NONE,
  SSL_VERIFY_PEER,
  TLS1_VERSION,
  X509_FILETYPE_PEM,
  X509_V_FLAG_CRL_CHECK,
  X509_V_FLAG_CRL_CHECK_ALL,
} from '../../native/openssl.js';
import type { Settings } from '../conf/settings.js';
import type { Protocol } from '../modules/ssl.js';
import { type Chain, type Loaded, nameOf, readChain, readKey, readPasswords } from './certificates.js';
import { largestEarlyData } from './early.js';
import { failure, readText } from './failure.js';
import type { Staple } from './staple.js';
import { staplesFor } from './stapling.js';
import { fixedKeys, readTicketKeys, type TicketKeys, ticketKeySize } from './ticket-keys.js';
import { type NamedPair, VariableCertificates } from './variable-certificates.js';

const protocolOptions: Record<Protocol, number> = {
  TLSv1: SSL_OP_NO_TLSv1,
  'TLSv1.1': SSL_OP_NO_TLSv1_1,
  'TLSv1.2': SSL_OP_NO_TLSv1_2,
  'TLSv1.3': SSL_OP_NO_TLSv1_3,
};

/** Sessions of one server are not taken up again at another with other rules for clients. */
const sessionIdSize = 32;

/** What a server's settings come to in OpenSSL. It lives as long as the process, or until `free`. */
export class TlsContext {
  /** Of SSL_CTX. */
  readonly pointer: number;
  readonly verifyMode: number;
  /** What clients that ask for it are told of a certificate, by its X509. */
  staples: ReadonlyMap<number, Staple> = new Map();
  /** Null where the certificates are the same for all handshakes. */
  variableCertificates: VariableCertificates | null = null;
  /** Null where OpenSSL has the one key itself. */
  ticketKeys: TicketKeys | null = null;
  /** What is no mistake, and worth a line. */
  readonly warnings: string[] = [];
  /** Those that are shown in all handshakes. */
  private readonly chains: Chain[] = [];

  /**
   * @param ticketKey 80 random bytes that all workers have, so that each takes the tickets of the others; those of
   * `ssl_session_ticket_key` come first
   * @param ktls whether to have the kernel encrypt
   * @param callbacks of this process
   * @throws Error with nginx's message where something in the settings is wrong
   */
  constructor(
    private readonly settings: Settings,
    ticketKey: Uint8Array,
    readonly ktls: boolean,
    private readonly callbacks: { readonly alpn: bigint; readonly verify: bigint },
  ) {
    const { SSL_CTX_new, TLS_server_method } = openssl();
    this.verifyMode = settings.sslVerifyClient === 'off' ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;
    this.pointer = SSL_CTX_new(TLS_server_method());
    if (this.pointer === 0) throw failure('SSL_CTX_new()');
    try {
      this.setProtocols();
      this.loadCertificates();
      this.setCiphers();
      // before the sessions, which read the same files: so OpenSSL says what is wrong with them, as in nginx
      this.setClients();
      this.setSessions(ticketKey);
      this.runCommands();
      this.loadStaples();
    } catch (error) {
      this.free();
      throw error;
    }
  }

  get takesEarlyData(): boolean {
    return this.settings.sslEarlyData;
  }
  /** '' where OpenSSL chooses. */
  get curves(): string {
    return this.settings.sslEcdhCurve === 'auto' ? '' : this.settings.sslEcdhCurve;
  }
  get verifyCallback(): bigint {
    return this.callbacks.verify;
  }
  get verifyDepth(): number {
    return this.settings.sslVerifyDepth;
  }

  free(): void {
    for (const staple of this.staples.values()) staple.free();
    for (const chain of this.chains) chain.free();
    openssl().SSL_CTX_free(this.pointer);
  }

  private control(command: number, number: number, pointer = 0): number {
    return openssl().SSL_CTX_ctrl(this.pointer, command, number, pointer);
  }

  private setProtocols(): void {
    const { SSL_CTX_set_options, SSL_CTX_set_alpn_select_cb } = openssl();
    const { sslProtocols, sslPreferServerCiphers } = this.settings;
    // above the floor that the system's configuration of OpenSSL may have set: what the directive says counts
    this.control(SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_VERSION);
    let options = SSL_OP_NO_COMPRESSION + SSL_OP_NO_RENEGOTIATION + SSL_OP_IGNORE_UNEXPECTED_EOF;
    if (this.ktls) options += SSL_OP_ENABLE_KTLS;
    for (const [name, option] of Object.entries(protocolOptions)) {
      if (!sslProtocols.includes(name as Protocol)) options += option;
    }
    if (sslPreferServerCiphers) options += SSL_OP_CIPHER_SERVER_PREFERENCE;
    SSL_CTX_set_options(this.pointer, options);
    this.control(
      SSL_CTRL_MODE,
      SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
    );
    // whatever has come is read at once, not the head and the body of each record by themselves
    this.control(SSL_CTRL_SET_READ_AHEAD, 1);
    SSL_CTX_set_alpn_select_cb(this.pointer, this.callbacks.alpn, 0);
  }

  private loadCertificates(): void {
    const passwords = readPasswords(this.settings.sslPasswordFile);
    const pairs = pairsOf(this.settings);
    if (pairs.some(({ certificate, key }) => certificate.constant === undefined || key.constant === undefined)) {
      this.variableCertificates = new VariableCertificates(pairs, passwords);
      return;
    }
    for (const { certificate, key } of pairs) {
      const chain = readChain(certificate.text);
      this.chains.push(chain);
      chain.useFor(this.pointer);
      useAndFree(readKey(key.text, passwords), loaded => loaded.useFor(this.pointer));
    }
  }

  private setCiphers(): void {
    const {
      SSL_CTX_set_cipher_list,
      BIO_new_file,
      BIO_free,
      PEM_read_bio_Parameters,
      SSL_CTX_set0_tmp_dh_pkey,
      EVP_PKEY_free,
    } = openssl();
    const { curves } = this;
    const { sslCiphers, sslDhparam } = this.settings;
    if (SSL_CTX_set_cipher_list(this.pointer, sslCiphers) !== 1)
      throw failure(`SSL_CTX_set_cipher_list("${sslCiphers}")`);
    if (curves !== '' && this.control(SSL_CTRL_SET_GROUPS_LIST, 0, cString(curves)) !== 1) {
      throw failure(`SSL_CTX_set1_curves_list("${curves}")`);
    }
    if (sslDhparam === '') return;
    const bio = BIO_new_file(cString(sslDhparam), 'r');
    if (bio === 0) throw failure(`BIO_new_file("${sslDhparam}")`);
    const parameters = PEM_read_bio_Parameters(bio, 0);
    BIO_free(bio);
    if (parameters === 0) throw failure(`PEM_read_bio_DHparams("${sslDhparam}")`);
    if (SSL_CTX_set0_tmp_dh_pkey(this.pointer, parameters) === 1) return;
    EVP_PKEY_free(parameters);
    throw failure(`SSL_CTX_set_tmp_dh("${sslDhparam}")`);
  }

  private setSessions(ticketKey: Uint8Array): void {
    const { SSL_CTX_set_timeout, SSL_CTX_set_options, SSL_CTX_set_session_id_context, SSL_CTX_set_max_early_data } =
      openssl();
    const { sslSessionCache, sslSessionTimeout, sslSessionTickets } = this.settings;
    const { kind } = sslSessionCache;
    const builtin = kind === 'builtin' ? sslSessionCache.sessions : kind === 'shared' ? sslSessionCache.builtin : 0;
    // with "off" clients are told that there are no sessions; with "none" they get their ids, and none is kept
    let mode = kind === 'off' ? SSL_SESS_CACHE_OFF : SSL_SESS_CACHE_SERVER;
    if (builtin > 0) this.control(SSL_CTRL_SET_SESS_CACHE_SIZE, builtin);
    else mode |= SSL_SESS_CACHE_NO_INTERNAL;
    this.control(SSL_CTRL_SET_SESS_CACHE_MODE, mode);
    SSL_CTX_set_timeout(this.pointer, Math.floor(sslSessionTimeout / 1000));
    if (this.takesEarlyData) {
      SSL_CTX_set_max_early_data(this.pointer, largestEarlyData);
      SSL_CTX_set_options(this.pointer, SSL_OP_NO_ANTI_REPLAY);
    }
    if (!sslSessionTickets) SSL_CTX_set_options(this.pointer, SSL_OP_NO_TICKET);
    this.setTicketKeys(ticketKey);
    const id = block(sessionIdOf(this.settings));
    SSL_CTX_set_session_id_context(this.pointer, id.address, sessionIdSize);
  }

  /** @param common the key where no file has one */
  private setTicketKeys(common: Uint8Array): void {
    const own = readTicketKeys(this.settings);
    const [first = common] = own;
    if (own.length > 1 || first.length !== ticketKeySize) {
      this.ticketKeys = fixedKeys(own);
      return;
    }
    const key = block(first);
    if (this.control(SSL_CTRL_SET_TLSEXT_TICKET_KEYS, ticketKeySize, key.address) !== 1) {
      throw failure('SSL_CTX_set_tlsext_ticket_keys()');
    }
  }

  private setClients(): void {
    const { settings } = this;
    const { sslVerifyClient, sslVerifyDepth, sslClientCertificate, sslTrustedCertificate, sslCrl } = settings;
    // a responder may be verified by it as well
    if (sslTrustedCertificate !== '') this.trust(sslTrustedCertificate);
    if (sslVerifyClient === 'off') return;
    const { SSL_CTX_set_verify, SSL_CTX_set_verify_depth, SSL_load_client_CA_file, SSL_CTX_set_client_CA_list } =
      openssl();
    if (sslClientCertificate === '' && sslVerifyClient !== 'optional_no_ca') {
      throw new Error('no ssl_client_certificate for ssl_verify_client');
    }
    SSL_CTX_set_verify(this.pointer, this.verifyMode, this.callbacks.verify);
    SSL_CTX_set_verify_depth(this.pointer, sslVerifyDepth);
    if (sslClientCertificate !== '') {
      this.trust(sslClientCertificate);
      const names = SSL_load_client_CA_file(cString(sslClientCertificate));
      if (names === 0) throw failure(`SSL_load_client_CA_file("${sslClientCertificate}")`);
      SSL_CTX_set_client_CA_list(this.pointer, names);
    }
    if (sslCrl !== '') this.takeBack(sslCrl);
  }

  private trust(path: string): void {
    if (openssl().SSL_CTX_load_verify_file(this.pointer, cString(path)) !== 1) {
      throw failure(`SSL_CTX_load_verify_locations("${path}")`);
    }
  }

  private takeBack(path: string): void {
    const {
      SSL_CTX_get_cert_store,
      X509_STORE_add_lookup,
      X509_LOOKUP_file,
      X509_load_crl_file,
      X509_STORE_set_flags,
    } = openssl();
    const store = SSL_CTX_get_cert_store(this.pointer);
    const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup === 0 || X509_load_crl_file(lookup, cString(path), X509_FILETYPE_PEM) < 1) {
      throw failure(`X509_LOOKUP_load_file("${path}")`);
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  }

  private loadStaples(): void {
    if (!this.settings.sslStapling) return;
    const warn = (message: string) => this.warnings.push(message);
    if (this.variableCertificates !== null)
      warn('"ssl_stapling" ignored, the names of the certificates hold variables');
    else this.staples = staplesFor(this.settings, this.chains, openssl().SSL_CTX_get_cert_store(this.pointer), warn);
  }

  private runCommands(): void {
    const { sslConfCommand } = this.settings;
    if (sslConfCommand.length === 0) return;
    const {
      SSL_CONF_CTX_new,
      SSL_CONF_CTX_set_flags,
      SSL_CONF_CTX_set_ssl_ctx,
      SSL_CONF_cmd,
      SSL_CONF_CTX_finish,
      SSL_CONF_CTX_free,
    } = openssl();
    const conf = SSL_CONF_CTX_new();
    try {
      SSL_CONF_CTX_set_flags(
        conf,
        SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_CERTIFICATE | SSL_CONF_FLAG_SHOW_ERRORS,
      );
      SSL_CONF_CTX_set_ssl_ctx(conf, this.pointer);
      for (const [name, value] of sslConfCommand) {
        if (SSL_CONF_cmd(conf, name, value) <= 0) throw failure(`SSL_CONF_cmd("${name}", "${value}")`);
      }
      if (SSL_CONF_CTX_finish(conf) !== 1) throw failure('SSL_CONF_finish()');
    } finally {
      SSL_CONF_CTX_free(conf);
    }
  }
}

function pairsOf({ sslCertificate, sslCertificateKey }: Settings): NamedPair[] {
  return sslCertificate.map((certificate, index) => {
    const key = sslCertificateKey[index];
    if (key !== undefined) return { certificate, key };
    throw new Error(`no "ssl_certificate_key" is defined for certificate "${nameOf(certificate.text)}"`);
  });
}

/** OpenSSL keeps what it uses. */
function useAndFree<T extends Loaded>(loaded: T, use: (loaded: T) => void): void {
  try {
    use(loaded);
  } finally {
    loaded.free();
  }
}

function block(bytes: Uint8Array): MemoryBlock {
  const memory = new MemoryBlock(Math.max(bytes.length, 128));
  memory.bytes.set(bytes);
  return memory;
}

/** Equal for servers with the same certificates and the same rules for clients: other rules, or other lists of whom to trust, end sessions. */
function sessionIdOf(settings: Settings): Buffer {
  const { sslCertificate, sslVerifyClient, sslVerifyDepth } = settings;
  const { sslClientCertificate, sslTrustedCertificate, sslCrl } = settings;
  const names = sslCertificate.map(({ text }) => text);
  const hash = createHash('sha256').update(JSON.stringify([names, sslVerifyClient, sslVerifyDepth]), 'latin1');
  if (sslVerifyClient !== 'off') {
    const lists = [sslClientCertificate, sslTrustedCertificate, sslCrl];
    for (const path of lists) hash.update(`${path}\0${path === '' ? '' : readText(path)}\0`, 'latin1');
  }
  return hash.digest().subarray(0, sessionIdSize);
}
