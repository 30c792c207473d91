import { decode, encode, type LibraryHandle, load, pointer, proto, register, view } from 'koffi';
import { Int64Cell, IntCell, MemoryBlock } from './memory.js';
import { ocspPrototypes } from './openssl-ocsp.js';

/**
 * OpenSSL 3: the system's libssl.so.3, or the one inside the node binary. It is loaded when it is first asked for.
 *
 * Pointers are numbers, as everywhere in native/. The system's library must bind to its own libcrypto (`deep`), or its calls would end
 * in Node's copy. Node's copy is built without kTLS; the system's has it where its builders wanted it.
 */

/** The functions of openssl(3) that are used, as C has them; those that are macros there are below, as what they come to. */
const prototypes = {
  ...ocspPrototypes,
  ASN1_INTEGER_set_uint64: 'int ASN1_INTEGER_set_uint64(uintptr_t integer, uint64_t value)',
  BIO_ctrl: 'long BIO_ctrl(uintptr_t bio, int command, long number, uintptr_t pointer)',
  BIO_f_buffer: 'uintptr_t BIO_f_buffer()',
  BIO_free: 'int BIO_free(uintptr_t bio)',
  BIO_new: 'uintptr_t BIO_new(uintptr_t method)',
  BIO_new_file: 'uintptr_t BIO_new_file(uintptr_t path, const char *mode)',
  BIO_new_mem_buf: 'uintptr_t BIO_new_mem_buf(uintptr_t bytes, int length)',
  BIO_push: 'uintptr_t BIO_push(uintptr_t bio, uintptr_t next)',
  BIO_s_mem: 'uintptr_t BIO_s_mem()',
  BIO_up_ref: 'int BIO_up_ref(uintptr_t bio)',
  CRYPTO_free: 'void CRYPTO_free(uintptr_t memory, uintptr_t file, int line)',
  CRYPTO_memdup: 'uintptr_t CRYPTO_memdup(uintptr_t bytes, size_t size, uintptr_t file, int line)',
  EVP_CIPHER_fetch: 'uintptr_t EVP_CIPHER_fetch(uintptr_t library, const char *name, uintptr_t properties)',
  EVP_CipherInit_ex:
    'int EVP_CipherInit_ex(uintptr_t context, uintptr_t cipher, uintptr_t engine, uintptr_t key, uintptr_t iv, int encrypts)',
  EVP_MAC_init: 'int EVP_MAC_init(uintptr_t context, uintptr_t key, size_t length, uintptr_t parameters)',
  EVP_PKEY_CTX_free: 'void EVP_PKEY_CTX_free(uintptr_t context)',
  EVP_PKEY_CTX_new_from_name:
    'uintptr_t EVP_PKEY_CTX_new_from_name(uintptr_t library, const char *name, uintptr_t properties)',
  EVP_PKEY_CTX_set_group_name: 'int EVP_PKEY_CTX_set_group_name(uintptr_t context, const char *name)',
  EVP_PKEY_free: 'void EVP_PKEY_free(uintptr_t key)',
  EVP_PKEY_generate: 'int EVP_PKEY_generate(uintptr_t context, uintptr_t key)',
  EVP_PKEY_keygen_init: 'int EVP_PKEY_keygen_init(uintptr_t context)',
  EVP_sha256: 'uintptr_t EVP_sha256()',
  ERR_clear_error: 'void ERR_clear_error()',
  d2i_SSL_SESSION: 'uintptr_t d2i_SSL_SESSION(uintptr_t session, uintptr_t cursor, long length)',
  ERR_error_string_n: 'void ERR_error_string_n(unsigned long code, uintptr_t text, size_t size)',
  ERR_get_error_all:
    'unsigned long ERR_get_error_all(uintptr_t file, uintptr_t line, uintptr_t func, uintptr_t data, uintptr_t flags)',
  ERR_peek_last_error: 'unsigned long ERR_peek_last_error()',
  i2d_SSL_SESSION: 'int i2d_SSL_SESSION(uintptr_t session, uintptr_t cursor)',
  memcpy: 'uintptr_t memcpy(uintptr_t to, uintptr_t from, size_t size)',
  OBJ_nid2sn: 'const char *OBJ_nid2sn(int nid)',
  OpenSSL_version: 'const char *OpenSSL_version(int what)',
  OPENSSL_sk_free: 'void OPENSSL_sk_free(uintptr_t stack)',
  OPENSSL_sk_new_null: 'uintptr_t OPENSSL_sk_new_null()',
  OPENSSL_sk_push: 'int OPENSSL_sk_push(uintptr_t stack, uintptr_t element)',
  PEM_read_bio_PrivateKey:
    'uintptr_t PEM_read_bio_PrivateKey(uintptr_t bio, uintptr_t key, uintptr_t callback, const char *password)',
  PEM_read_bio_Parameters: 'uintptr_t PEM_read_bio_Parameters(uintptr_t bio, uintptr_t key)',
  PEM_read_bio_X509:
    'uintptr_t PEM_read_bio_X509(uintptr_t bio, uintptr_t certificate, uintptr_t callback, uintptr_t password)',
  PEM_read_bio_X509_AUX:
    'uintptr_t PEM_read_bio_X509_AUX(uintptr_t bio, uintptr_t certificate, uintptr_t callback, uintptr_t password)',
  PEM_write_bio_PrivateKey:
    'int PEM_write_bio_PrivateKey(uintptr_t bio, uintptr_t key, uintptr_t cipher, uintptr_t password, int length, uintptr_t callback, uintptr_t data)',
  PEM_write_bio_X509: 'int PEM_write_bio_X509(uintptr_t bio, uintptr_t certificate)',
  RAND_bytes: 'int RAND_bytes(uintptr_t buffer, int count)',
  SSL_accept: 'int SSL_accept(uintptr_t ssl)',
  SSL_CIPHER_find: 'uintptr_t SSL_CIPHER_find(uintptr_t ssl, uintptr_t number)',
  SSL_CIPHER_get_name: 'const char *SSL_CIPHER_get_name(uintptr_t cipher)',
  SSL_client_hello_get0_ext:
    'int SSL_client_hello_get0_ext(uintptr_t ssl, unsigned int type, uintptr_t data, uintptr_t length)',
  SSL_connect: 'int SSL_connect(uintptr_t ssl)',
  SSL_CONF_CTX_finish: 'int SSL_CONF_CTX_finish(uintptr_t conf)',
  SSL_CONF_CTX_free: 'void SSL_CONF_CTX_free(uintptr_t conf)',
  SSL_CONF_CTX_new: 'uintptr_t SSL_CONF_CTX_new()',
  SSL_CONF_CTX_set_flags: 'unsigned int SSL_CONF_CTX_set_flags(uintptr_t conf, unsigned int flags)',
  SSL_CONF_CTX_set_ssl_ctx: 'void SSL_CONF_CTX_set_ssl_ctx(uintptr_t conf, uintptr_t context)',
  SSL_CONF_cmd: 'int SSL_CONF_cmd(uintptr_t conf, const char *name, const char *value)',
  SSL_CTX_callback_ctrl: 'long SSL_CTX_callback_ctrl(uintptr_t context, int command, ZerocopyServerName *callback)',
  SSL_CTX_ctrl: 'long SSL_CTX_ctrl(uintptr_t context, int command, long number, uintptr_t pointer)',
  SSL_CTX_free: 'void SSL_CTX_free(uintptr_t context)',
  SSL_CTX_get_cert_store: 'uintptr_t SSL_CTX_get_cert_store(uintptr_t context)',
  SSL_CTX_load_verify_file: 'int SSL_CTX_load_verify_file(uintptr_t context, uintptr_t path)',
  SSL_CTX_new: 'uintptr_t SSL_CTX_new(uintptr_t method)',
  SSL_CTX_sess_set_get_cb: 'void SSL_CTX_sess_set_get_cb(uintptr_t context, ZerocopyGetSession *callback)',
  SSL_CTX_sess_set_new_cb: 'void SSL_CTX_sess_set_new_cb(uintptr_t context, ZerocopyNewSession *callback)',
  SSL_CTX_sess_set_remove_cb: 'void SSL_CTX_sess_set_remove_cb(uintptr_t context, ZerocopyRemoveSession *callback)',
  SSL_CTX_set_alpn_select_cb:
    'void SSL_CTX_set_alpn_select_cb(uintptr_t context, ZerocopyAlpn *callback, uintptr_t argument)',
  SSL_CTX_set_cert_cb: 'void SSL_CTX_set_cert_cb(uintptr_t context, ZerocopyCertificate *callback, uintptr_t argument)',
  SSL_CTX_set_cipher_list: 'int SSL_CTX_set_cipher_list(uintptr_t context, const char *list)',
  SSL_CTX_set_ciphersuites: 'int SSL_CTX_set_ciphersuites(uintptr_t context, const char *list)',
  SSL_CTX_set_client_hello_cb:
    'void SSL_CTX_set_client_hello_cb(uintptr_t context, ZerocopyClientHello *callback, uintptr_t argument)',
  SSL_CTX_set_client_CA_list: 'void SSL_CTX_set_client_CA_list(uintptr_t context, uintptr_t names)',
  SSL_CTX_set_max_early_data: 'int SSL_CTX_set_max_early_data(uintptr_t context, uint32_t size)',
  SSL_CTX_set_options: 'uint64_t SSL_CTX_set_options(uintptr_t context, uint64_t options)',
  SSL_CTX_set_session_id_context:
    'int SSL_CTX_set_session_id_context(uintptr_t context, uintptr_t id, unsigned int length)',
  SSL_CTX_set_timeout: 'long SSL_CTX_set_timeout(uintptr_t context, long seconds)',
  SSL_CTX_set_tlsext_ticket_key_evp_cb:
    'int SSL_CTX_set_tlsext_ticket_key_evp_cb(uintptr_t context, ZerocopyTicket *callback)',
  SSL_CTX_set_verify: 'void SSL_CTX_set_verify(uintptr_t context, int mode, ZerocopyVerify *callback)',
  SSL_CTX_set_verify_depth: 'void SSL_CTX_set_verify_depth(uintptr_t context, int depth)',
  SSL_CTX_set0_tmp_dh_pkey: 'int SSL_CTX_set0_tmp_dh_pkey(uintptr_t context, uintptr_t key)',
  SSL_CTX_use_certificate: 'int SSL_CTX_use_certificate(uintptr_t context, uintptr_t certificate)',
  SSL_CTX_use_PrivateKey: 'int SSL_CTX_use_PrivateKey(uintptr_t context, uintptr_t key)',
  SSL_ctrl: 'long SSL_ctrl(uintptr_t ssl, int command, long number, uintptr_t pointer)',
  SSL_free: 'void SSL_free(uintptr_t ssl)',
  SSL_get0_alpn_selected: 'void SSL_get0_alpn_selected(uintptr_t ssl, uintptr_t data, uintptr_t length)',
  SSL_get1_peer_certificate: 'uintptr_t SSL_get1_peer_certificate(uintptr_t ssl)',
  SSL_get1_session: 'uintptr_t SSL_get1_session(uintptr_t ssl)',
  SSL_get_current_cipher: 'uintptr_t SSL_get_current_cipher(uintptr_t ssl)',
  SSL_get_error: 'int SSL_get_error(uintptr_t ssl, int returned)',
  SSL_get_rbio: 'uintptr_t SSL_get_rbio(uintptr_t ssl)',
  SSL_get_session: 'uintptr_t SSL_get_session(uintptr_t ssl)',
  SSL_get_signature_type_nid: 'int SSL_get_signature_type_nid(uintptr_t ssl, uintptr_t type)',
  SSL_get_peer_signature_type_nid: 'int SSL_get_peer_signature_type_nid(uintptr_t ssl, uintptr_t type)',
  SSL_get_verify_result: 'long SSL_get_verify_result(uintptr_t ssl)',
  SSL_get_version: 'const char *SSL_get_version(uintptr_t ssl)',
  SSL_get_wbio: 'uintptr_t SSL_get_wbio(uintptr_t ssl)',
  SSL_is_init_finished: 'int SSL_is_init_finished(uintptr_t ssl)',
  SSL_load_client_CA_file: 'uintptr_t SSL_load_client_CA_file(uintptr_t path)',
  SSL_new: 'uintptr_t SSL_new(uintptr_t context)',
  SSL_read: 'int SSL_read(uintptr_t ssl, uintptr_t buffer, int size)',
  SSL_read_early_data: 'int SSL_read_early_data(uintptr_t ssl, uintptr_t buffer, size_t size, uintptr_t count)',
  SSL_SESSION_get_id: 'uintptr_t SSL_SESSION_get_id(uintptr_t session, uintptr_t length)',
  SSL_session_reused: 'int SSL_session_reused(uintptr_t ssl)',
  SSL_set_fd: 'int SSL_set_fd(uintptr_t ssl, int fd)',
  SSL_set_session: 'int SSL_set_session(uintptr_t ssl, uintptr_t session)',
  SSL_set_max_early_data: 'int SSL_set_max_early_data(uintptr_t ssl, uint32_t size)',
  SSL_set_SSL_CTX: 'uintptr_t SSL_set_SSL_CTX(uintptr_t ssl, uintptr_t context)',
  SSL_set0_wbio: 'void SSL_set0_wbio(uintptr_t ssl, uintptr_t bio)',
  SSL_set_shutdown: 'void SSL_set_shutdown(uintptr_t ssl, int how)',
  SSL_set_verify: 'void SSL_set_verify(uintptr_t ssl, int mode, ZerocopyVerify *callback)',
  SSL_set_verify_depth: 'void SSL_set_verify_depth(uintptr_t ssl, int depth)',
  SSL_clear_options: 'uint64_t SSL_clear_options(uintptr_t ssl, uint64_t options)',
  SSL_CTX_get_options: 'uint64_t SSL_CTX_get_options(uintptr_t context)',
  SSL_get_options: 'uint64_t SSL_get_options(uintptr_t ssl)',
  SSL_set_options: 'uint64_t SSL_set_options(uintptr_t ssl, uint64_t options)',
  SSL_shutdown: 'int SSL_shutdown(uintptr_t ssl)',
  SSL_use_certificate: 'int SSL_use_certificate(uintptr_t ssl, uintptr_t certificate)',
  SSL_use_PrivateKey: 'int SSL_use_PrivateKey(uintptr_t ssl, uintptr_t key)',
  SSL_version: 'int SSL_version(uintptr_t ssl)',
  SSL_write: 'int SSL_write(uintptr_t ssl, uintptr_t buffer, int size)',
  TLS_client_method: 'uintptr_t TLS_client_method()',
  SSL_write_early_data: 'int SSL_write_early_data(uintptr_t ssl, uintptr_t buffer, size_t size, uintptr_t count)',
  TLS_server_method: 'uintptr_t TLS_server_method()',
  X509_add_ext: 'int X509_add_ext(uintptr_t certificate, uintptr_t extension, int place)',
  X509_EXTENSION_free: 'void X509_EXTENSION_free(uintptr_t extension)',
  X509_free: 'void X509_free(uintptr_t certificate)',
  X509_get_serialNumber: 'uintptr_t X509_get_serialNumber(uintptr_t certificate)',
  X509_getm_notAfter: 'uintptr_t X509_getm_notAfter(uintptr_t certificate)',
  X509_getm_notBefore: 'uintptr_t X509_getm_notBefore(uintptr_t certificate)',
  X509_gmtime_adj: 'uintptr_t X509_gmtime_adj(uintptr_t time, long seconds)',
  X509_get_issuer_name: 'uintptr_t X509_get_issuer_name(uintptr_t certificate)',
  X509_get_subject_name: 'uintptr_t X509_get_subject_name(uintptr_t certificate)',
  X509_load_crl_file: 'int X509_load_crl_file(uintptr_t lookup, uintptr_t path, int type)',
  X509_LOOKUP_file: 'uintptr_t X509_LOOKUP_file()',
  X509_NAME_add_entry_by_txt:
    'int X509_NAME_add_entry_by_txt(uintptr_t name, const char *field, int type, uintptr_t bytes, int length, int place, int set)',
  X509_NAME_oneline: 'uintptr_t X509_NAME_oneline(uintptr_t name, uintptr_t buffer, int size)',
  X509_NAME_print_ex: 'int X509_NAME_print_ex(uintptr_t bio, uintptr_t name, int indent, unsigned long flags)',
  X509_new: 'uintptr_t X509_new()',
  X509_set_issuer_name: 'int X509_set_issuer_name(uintptr_t certificate, uintptr_t name)',
  X509_set_pubkey: 'int X509_set_pubkey(uintptr_t certificate, uintptr_t key)',
  X509_set_version: 'int X509_set_version(uintptr_t certificate, long version)',
  X509_sign: 'int X509_sign(uintptr_t certificate, uintptr_t key, uintptr_t digest)',
  X509_STORE_add_lookup: 'uintptr_t X509_STORE_add_lookup(uintptr_t store, uintptr_t method)',
  X509_STORE_set_flags: 'int X509_STORE_set_flags(uintptr_t store, unsigned long flags)',
  X509V3_EXT_conf_nid: 'uintptr_t X509V3_EXT_conf_nid(uintptr_t conf, uintptr_t context, int nid, const char *value)',
  X509V3_set_ctx:
    'void X509V3_set_ctx(uintptr_t context, uintptr_t issuer, uintptr_t subject, uintptr_t request, uintptr_t list, int flags)',
  X509_verify_cert_error_string: 'const char *X509_verify_cert_error_string(long error)',
} as const;

type Name = keyof typeof prototypes;
/** Which of them give text, or null. */
type TextName = {
  [K in Name]: (typeof prototypes)[K] extends `const char *${string}` ? K : never;
}[Name];

export type OpenSsl = {
  readonly [K in Exclude<Name, TextName>]: (...args: (number | bigint | string)[]) => number;
} & { readonly [K in TextName]: (...args: number[]) => string | null } & {
  /** `libssl.so.3`, or `node`. */
  readonly library: string;
  /** Has OpenSSL call back: these pointers stay good for as long as the process lives. Nothing may be thrown into OpenSSL. */
  readonly onClientHello: (callback: (ssl: number, alert: number) => number) => bigint;
  readonly onServerName: (callback: (ssl: number) => number) => bigint;
  readonly onCertificate: (callback: (ssl: number) => number) => bigint;
  /** A callback that chooses this one of the protocols that a client offers, and refuses a client that does not offer it. */
  readonly onAlpn: (wanted: string) => bigint;
  readonly onVerify: (callback: () => number) => bigint;
  readonly onTicket: (
    callback: (ssl: number, name: number, iv: number, cipher: number, mac: number, encrypts: number) => number,
  ) => bigint;
  readonly onNewSession: (callback: (ssl: number, session: number) => number) => bigint;
  readonly onGetSession: (callback: (ssl: number, id: number, length: number, copy: number) => number) => bigint;
  readonly onRemoveSession: (callback: (context: number, session: number) => void) => bigint;
};

let loaded: OpenSsl | null = null;

/** @throws Error where there is none */
export function openssl(): OpenSsl {
  loaded ??= bindAll(...findLibrary());
  return loaded;
}

function findLibrary(): [library: LibraryHandle, name: string] {
  try {
    return [load('libssl.so.3', { deep: true }), 'libssl.so.3'];
  } catch {
    // the one within Node
  }
  return [load(null), 'node'];
}

function bindAll(library: LibraryHandle, name: string): OpenSsl {
  const clientHello = proto('int ZerocopyClientHello(uintptr_t ssl, uintptr_t alert, uintptr_t argument)');
  const serverName = proto('int ZerocopyServerName(uintptr_t ssl, uintptr_t alert, uintptr_t argument)');
  const certificate = proto('int ZerocopyCertificate(uintptr_t ssl, uintptr_t argument)');
  const alpn = proto(
    'int ZerocopyAlpn(uintptr_t ssl, uintptr_t out, uintptr_t outLength, uintptr_t in, unsigned int length, uintptr_t argument)',
  );
  const verify = proto('int ZerocopyVerify(int preverified, uintptr_t store)');
  const ticket = proto(
    'int ZerocopyTicket(uintptr_t ssl, uintptr_t name, uintptr_t iv, uintptr_t cipher, uintptr_t mac, int encrypts)',
  );
  const newSession = proto('int ZerocopyNewSession(uintptr_t ssl, uintptr_t session)');
  const getSession = proto('uintptr_t ZerocopyGetSession(uintptr_t ssl, uintptr_t id, int length, uintptr_t copy)');
  const removeSession = proto('void ZerocopyRemoveSession(uintptr_t context, uintptr_t session)');
  const functions = Object.fromEntries(
    Object.entries(prototypes).map(([each, prototype]) => [each, library.func(prototype)]),
  );
  const callbacks = {
    onClientHello: (callback: (ssl: number, alert: number) => number) => register(callback, pointer(clientHello)),
    onServerName: (callback: (ssl: number) => number) => register(callback, pointer(serverName)),
    onCertificate: (callback: (ssl: number) => number) => register(callback, pointer(certificate)),
    onAlpn: (wanted: string) =>
      register(
        (_ssl: number, out: number, outLength: number, offered: number, length: number) =>
          chooseAlpn(wanted, out, outLength, offered, length),
        pointer(alpn),
      ),
    onVerify: (callback: () => number) => register(callback, pointer(verify)),
    onTicket: (
      callback: (ssl: number, name: number, iv: number, cipher: number, mac: number, encrypts: number) => number,
    ) => register(callback, pointer(ticket)),
    onNewSession: (callback: (ssl: number, session: number) => number) => register(callback, pointer(newSession)),
    onGetSession: (callback: (ssl: number, id: number, length: number, copy: number) => number) =>
      register(callback, pointer(getSession)),
    onRemoveSession: (callback: (context: number, session: number) => void) =>
      register(callback, pointer(removeSession)),
  };
  return { ...functions, ...callbacks, library: name } as unknown as OpenSsl;
}

/** Each protocol of the list has its length before it (RFC 7301). What is chosen is told by its place in that very list. */
function chooseAlpn(wanted: string, out: number, outLength: number, offered: number, length: number): number {
  const list = peekAt(offered, length);
  for (let at = 0; at < length; at += 1 + list[at]) {
    if (list[at] !== wanted.length || list.latin1Slice(at + 1, at + 1 + list[at]) !== wanted) continue;
    encode(out, 'uintptr_t', offered + at + 1);
    encode(outLength, 'uint8_t', wanted.length);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/** Commands of SSL_ctrl, SSL_CTX_ctrl and BIO_ctrl, which stand for macros. */
export const SSL_CTRL_MODE = 33;
export const SSL_CTRL_SET_READ_AHEAD = 41;
export const SSL_CTRL_SET_SESS_CACHE_SIZE = 42;
export const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
export const SSL_CTRL_SET_TLSEXT_SERVERNAME_CB = 53;
export const SSL_CTRL_SET_TLSEXT_TICKET_KEYS = 59;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB = 63;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP = 71;
export const SSL_CTRL_CHAIN = 88;
export const SSL_CTRL_GET_CURVES = 90;
export const SSL_CTRL_GET_PEER_SIGNATURE_NID = 108;
export const SSL_CTRL_GET_RAW_CIPHERLIST = 110;
export const SSL_CTRL_GET_SIGNATURE_NID = 132;
export const SSL_CTRL_GET_NEGOTIATED_GROUP = 134;
export const SSL_CTRL_SET_GROUPS_LIST = 92;
export const SSL_CTRL_SET_DH_AUTO = 118;
export const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
export const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
export const BIO_CTRL_INFO = 3;
export const BIO_CTRL_FLUSH = 11;
export const BIO_CTRL_GET_KTLS_SEND = 73;
export const BIO_C_SET_BUFF_SIZE = 117;

export const SSL_OP_ENABLE_KTLS = 2 ** 3;
/** A client that closes without a word of TLS has closed: it is no error. HTTP says itself where a request ends. */
export const SSL_OP_IGNORE_UNEXPECTED_EOF = 2 ** 7;
export const SSL_OP_NO_TICKET = 2 ** 14;
export const SSL_OP_NO_COMPRESSION = 2 ** 17;
export const SSL_OP_CIPHER_SERVER_PREFERENCE = 2 ** 22;
/** OpenSSL keeps no list of sessions to know early data again that is sent a second time. */
export const SSL_OP_NO_ANTI_REPLAY = 2 ** 24;
export const SSL_OP_NO_TLSv1 = 2 ** 26;
export const SSL_OP_NO_TLSv1_2 = 2 ** 27;
export const SSL_OP_NO_TLSv1_1 = 2 ** 28;
export const SSL_OP_NO_TLSv1_3 = 2 ** 29;
export const SSL_OP_NO_RENEGOTIATION = 2 ** 30;

export const SSL_MODE_ENABLE_PARTIAL_WRITE = 1;
export const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 2;
export const SSL_MODE_RELEASE_BUFFERS = 16;

export const SSL_ERROR_NONE = 0;
export const SSL_ERROR_SSL = 1;
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_WANT_WRITE = 3;
export const SSL_ERROR_SYSCALL = 5;
export const SSL_ERROR_ZERO_RETURN = 6;

export const SSL_READ_EARLY_DATA_SUCCESS = 1;
export const SSL_READ_EARLY_DATA_FINISH = 2;

export const SSL_SESS_CACHE_OFF = 0;
export const SSL_SESS_CACHE_SERVER = 2;
/** Sessions are looked for, and kept, by the callbacks alone. */
export const SSL_SESS_CACHE_NO_INTERNAL = 0x300;

export const SSL_VERIFY_NONE = 0;
export const SSL_VERIFY_PEER = 1;

export const SSL_TLSEXT_ERR_OK = 0;
export const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
export const SSL_TLSEXT_ERR_NOACK = 3;

export const SSL_CLIENT_HELLO_ERROR = 0;
export const SSL_CLIENT_HELLO_SUCCESS = 1;
/** unrecognized_name and internal_error (RFC 8446 §6). */
export const SSL_AD_UNRECOGNIZED_NAME = 112;
export const SSL_AD_INTERNAL_ERROR = 80;

export const SSL_SENT_SHUTDOWN = 1;
export const SSL_RECEIVED_SHUTDOWN = 2;

export const TLSEXT_TYPE_server_name = 0;

export const TLS1_VERSION = 0x0301;
export const TLS1_2_VERSION = 0x0303;
export const TLS1_3_VERSION = 0x0304;

export const X509_V_OK = 0;
export const X509_V_FLAG_CRL_CHECK = 4;
export const X509_V_FLAG_CRL_CHECK_ALL = 8;
export const X509_FILETYPE_PEM = 1;
/** XN_FLAG_RFC2253: how names of certificates are printed. */
export const XN_FLAG_RFC2253 = 0x0111_0317;

/** For certificates that are made here. */
export const MBSTRING_UTF8 = 0x1000;
export const NID_subject_key_identifier = 82;
export const NID_key_usage = 83;
export const NID_subject_alt_name = 85;
export const NID_basic_constraints = 87;
export const NID_ext_key_usage = 126;

/** The type of a parameter (OSSL_PARAM) that is a text. */
export const OSSL_PARAM_UTF8_STRING = 4;

export const SSL_CONF_FLAG_FILE = 2;
export const SSL_CONF_FLAG_SERVER = 8;
export const SSL_CONF_FLAG_SHOW_ERRORS = 0x10;
export const SSL_CONF_FLAG_CERTIFICATE = 0x20;

/** ERR_TXT_STRING: an error has a text of its own beside its number. */
const hasText = 2;

const errorText = new MemoryBlock(256);
const errorData = new Int64Cell();
const errorFlags = new IntCell();

/**
 * Takes the errors that OpenSSL has kept out of its queue, as nginx prints them: `error:0A00010B:SSL routines::wrong version number`.
 * The queue is one for the whole thread, and SSL_get_error looks into it: whatever may have left something there clears it.
 */
export function takeErrors(): string[] {
  const { ERR_get_error_all, ERR_error_string_n } = openssl();
  const next = () => ERR_get_error_all(0, 0, 0, errorData.address, errorFlags.address);
  const texts: string[] = [];
  for (let code = next(); code !== 0; code = next()) {
    const data = (errorFlags.value & hasText) === 0 ? '' : `:${stringAt(errorData.value)}`;
    ERR_error_string_n(code, errorText.address, errorText.size);
    texts.push(`${errorText.bytes.latin1Slice(0, errorText.bytes.indexOf(0))}${data}`);
  }
  return texts;
}

/** PEM_R_NO_START_LINE, of the library ERR_LIB_PEM. */
const noStartLine = 0x0480_006c;

/** Whether the last error is that there is no further object in a PEM file. It stays in the queue. */
export function peekIsEndOfPem(): boolean {
  return openssl().ERR_peek_last_error() === noStartLine;
}

/** Which library it is, `OpenSSL 3.0.19 27 Jan 2026 (libssl.so.3)`; '' where there is none. */
export function opensslVersion(): string {
  try {
    const { OpenSSL_version, library } = openssl();
    return `${OpenSSL_version(0)} (${library === 'node' ? 'within Node' : library})`;
  } catch {
    return '';
  }
}

const pointerCell = new Int64Cell();

/** What is written into a memory BIO by `write`, as a byte string; '' where that fails. */
export function textOf(write: (bio: number) => number): string {
  const { BIO_new, BIO_s_mem, BIO_ctrl, BIO_free } = openssl();
  const bio = BIO_new(BIO_s_mem());
  if (bio === 0) return '';
  const length = write(bio) > 0 ? BIO_ctrl(bio, BIO_CTRL_INFO, 0, pointerCell.address) : 0;
  const text = length > 0 ? bytesAt(pointerCell.value, length).latin1Slice() : '';
  BIO_free(bio);
  return text;
}

/** As large as all extensions of a client's message together can be. */
const foreign = new MemoryBlock(64 * 1024);

/** Bytes in memory that is OpenSSL's, as they are until the next call of this function. (koffi's `view` makes objects that cost 2 µs.) */
export function peekAt(address: number, length: number): Buffer {
  if (length > foreign.size) return Buffer.from(view(address, length));
  openssl().memcpy(foreign.address, address, length);
  return foreign.bytes.subarray(0, length);
}

/** A copy of them. */
export function bytesAt(address: number, length: number): Buffer {
  return Buffer.from(peekAt(address, length));
}

/** A C string there. */
export function stringAt(address: number): string {
  return address === 0 ? '' : (decode(address, 'char', -1) as string);
}

const dataCell = new Int64Cell();
const lengthCell = new Int64Cell();

/** What a client's first message says in an extension (within the callback of onClientHello), until the next such call; null for nothing. */
export function helloExtension(ssl: number, type: number): Buffer | null {
  const { SSL_client_hello_get0_ext } = openssl();
  const found = SSL_client_hello_get0_ext(ssl, type, dataCell.address, lengthCell.address);
  return found === 1 ? peekAt(dataCell.value, lengthCell.low) : null;
}

/** Writes an int to where a callback is given a place for one: an alert, a flag. */
export function setInt(place: number, value: number): void {
  encode(place, 'int', value);
}
