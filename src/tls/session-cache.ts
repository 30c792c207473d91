import { Int64Cell, MemoryBlock } from '../../native/memory.js';
import { bytesAt, openssl, SSL_OP_NO_TICKET, setInt, TLS1_3_VERSION } from '../../native/openssl.js';
import { largestSession, type SessionStore } from './session-store.js';

const encoded = new MemoryBlock(largestSession);
const cursor = new Int64Cell();
const lengthCell = new Int64Cell();

/**
 * Has OpenSSL keep sessions in stores, and look them up there. As in nginx, the store of a connection is that of the address's default
 * server: its name is not known yet when a session is looked up.
 */
export class SessionCacheCallbacks {
  /** By their SSL_CTX. */
  private readonly stores = new Map<number, SessionStore>();
  private readonly added = openssl().onNewSession((ssl, session) => quietly(() => this.add(ssl, session)));
  private readonly wanted = openssl().onGetSession((_ssl, id, length, copy) =>
    quietly(() => this.find(id, length, copy)),
  );
  private readonly removed = openssl().onRemoveSession((context, session) => {
    quietly(() => this.remove(context, session));
  });

  /** @param contextOf the SSL_CTX that a connection has begun with */
  constructor(private readonly contextOf: () => number) {}

  useFor(context: number, store: SessionStore): void {
    const { SSL_CTX_sess_set_new_cb, SSL_CTX_sess_set_get_cb, SSL_CTX_sess_set_remove_cb } = openssl();
    this.stores.set(context, store);
    SSL_CTX_sess_set_new_cb(context, this.added);
    SSL_CTX_sess_set_get_cb(context, this.wanted);
    SSL_CTX_sess_set_remove_cb(context, this.removed);
  }

  /** Before the context is freed. */
  forget(context: number): void {
    this.stores.delete(context);
  }

  /** Gives 0: OpenSSL keeps its reference to the session. */
  private add(ssl: number, session: number): number {
    const { SSL_version, SSL_get_options, i2d_SSL_SESSION } = openssl();
    const store = this.stores.get(this.contextOf());
    // the ticket of a client holds all of its session
    const isTicket = SSL_version(ssl) === TLS1_3_VERSION && (SSL_get_options(ssl) & SSL_OP_NO_TICKET) === 0;
    if (store === undefined || isTicket) return 0;
    const length = i2d_SSL_SESSION(session, 0);
    if (length <= 0 || length > largestSession) return 0;
    cursor.value = encoded.address;
    i2d_SSL_SESSION(session, cursor.address);
    store.put(idOf(session), encoded.bytes.subarray(0, length), Math.floor(Date.now() / 1000));
    return 0;
  }

  /** Gives a session that is OpenSSL's from then on (`copy` 0), or 0. */
  private find(id: number, length: number, copy: number): number {
    setInt(copy, 0);
    const found = this.stores.get(this.contextOf())?.get(bytesAt(id, length)) ?? null;
    if (found === null) return 0;
    found.copy(encoded.bytes);
    cursor.value = encoded.address;
    return openssl().d2i_SSL_SESSION(0, cursor.address, found.length);
  }

  private remove(context: number, session: number): number {
    this.stores.get(context)?.remove(idOf(session));
    return 0;
  }
}

function idOf(session: number): Buffer {
  const id = openssl().SSL_SESSION_get_id(session, lengthCell.address);
  return bytesAt(id, lengthCell.low);
}

/** Nothing may throw into OpenSSL. */
function quietly(act: () => number): number {
  try {
    return act();
  } catch {
    return 0;
  }
}
