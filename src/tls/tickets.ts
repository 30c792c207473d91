import { Int64Cell, MemoryBlock } from '../../native/memory.js';
import { OSSL_PARAM_UTF8_STRING, openssl, peekAt, TLS1_3_VERSION } from '../../native/openssl.js';
import type { TlsContext } from './context.js';
import { current } from './session.js';
import { type TicketKey, ticketNameSize } from './ticket-keys.js';

/** What the callback says: a ticket is of no use, or good, or good and to be renewed. */
const isNone = 0;
const isGood = 1;
const isOld = 2;

const ivSize = 16;

/**
 * Encrypts and decrypts tickets where there are several keys, or keys that change: with a single one OpenSSL does it by itself. As in nginx
 * the keys are those of the address's default server: the name is not looked at before.
 */
export class TicketCallback {
  private readonly pointer = openssl().onTicket((ssl, name, iv, cipher, mac, encrypts) => {
    try {
      return encrypts === 0 ? decrypt(ssl, name, iv, cipher, mac) : encrypt(name, iv, cipher, mac);
    } catch {
      // nothing may throw into OpenSSL: no ticket, but a handshake
      return isNone;
    }
  });

  useFor({ pointer }: TlsContext): void {
    openssl().SSL_CTX_set_tlsext_ticket_key_evp_cb(pointer, this.pointer);
  }
}

function keysNow(): readonly TicketKey[] {
  return current?.context.ticketKeys?.keys(Math.floor(Date.now() / 1000)) ?? [];
}

function encrypt(name: number, iv: number, cipher: number, mac: number): number {
  const { RAND_bytes, memcpy } = openssl();
  const [key] = keysNow();
  if (key === undefined || RAND_bytes(iv, ivSize) !== 1) return isNone;
  memcpy(name, key.nameAddress, ticketNameSize);
  return begin(key, iv, cipher, mac, 1) ? isGood : isNone;
}

function decrypt(ssl: number, name: number, iv: number, cipher: number, mac: number): number {
  const keys = keysNow();
  const wanted = peekAt(name, ticketNameSize);
  const index = keys.findIndex(key => key.name.equals(wanted));
  if (index < 0 || !begin(keys[index], iv, cipher, mac, 0)) return isNone;
  // with TLS 1.3 each ticket is for one connection, and OpenSSL asks us whether the client gets another
  return index > 0 || openssl().SSL_version(ssl) === TLS1_3_VERSION ? isOld : isGood;
}

function begin(key: TicketKey, iv: number, cipher: number, mac: number, encrypts: number): boolean {
  const { EVP_CipherInit_ex, EVP_MAC_init } = openssl();
  algorithms ??= findAlgorithms();
  const { keySize, cipherAddress, hmacAddress } = key;
  const kind = keySize === 16 ? algorithms.aes128 : algorithms.aes256;
  return (
    EVP_CipherInit_ex(cipher, kind, 0, cipherAddress, iv, encrypts) === 1 &&
    EVP_MAC_init(mac, hmacAddress, keySize, algorithms.parameters) === 1
  );
}

let algorithms: ReturnType<typeof findAlgorithms> | null = null;
/** `struct OSSL_PARAM { const char *key; unsigned data_type; void *data; size_t data_size, return_size; }`, and one that is empty. */
const parameterBlock = new MemoryBlock(128);
const wordsAt = 80;

function findAlgorithms() {
  const { EVP_CIPHER_fetch } = openssl();
  const { bytes, address } = parameterBlock;
  const digest = 'SHA256';
  bytes.latin1Write(`digest\0${digest}\0`, wordsAt);
  const pointer = new Int64Cell();
  const put = (at: number, value: number) => {
    pointer.value = value;
    bytes.writeUInt32LE(pointer.low, at);
    bytes.writeUInt32LE(pointer.high, at + 4);
  };
  put(0, address + wordsAt);
  put(8, OSSL_PARAM_UTF8_STRING);
  put(16, address + wordsAt + 'digest\0'.length);
  put(24, digest.length);
  return {
    aes128: EVP_CIPHER_fetch(0, 'AES-128-CBC', 0),
    aes256: EVP_CIPHER_fetch(0, 'AES-256-CBC', 0),
    parameters: address,
  };
}
