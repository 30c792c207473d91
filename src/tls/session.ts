import { EAGAIN, ECONNRESET, EINTR, EPROTO } from '../../native/errno.js';
import {
  openssl,
  SSL_ERROR_SYSCALL,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
  SSL_RECEIVED_SHUTDOWN,
  SSL_SENT_SHUTDOWN,
  takeErrors,
} from '../../native/openssl.js';
import type { Subject } from '../conf/variables.js';
import type { TlsContext } from './context.js';
import { EarlyData, noMoreEarly } from './early.js';
import { SslFacts } from './facts.js';
import { beginGathering, endGathering, flushGathered } from './gather.js';
import type { NamedServer, TlsAddress } from './names.js';

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
export class TlsSession extends SslFacts {
  /** What OpenSSL had to say of the last failure. */
  failure = '';
  /** The last read could not go on because the socket was full: OpenSSL has something to say first. */
  readWantsWrite = false;
  isDone = false;
  /** Set by the handshake, where the client names a server. */
  serverName = '';
  /** The server of that name: whose certificate was shown. */
  server: NamedServer | null = null;
  /** Why there is no certificate to be shown, for the error log. */
  certificateFailure = '';
  private isBroken = false;
  private isClosed = false;
  /** The buffer of what is written; 0 where there is none. It is the SSL's. */
  private gathered = 0;
  /** Null where none is taken. */
  private readonly early: EarlyData | null;

  /** @throws Error where OpenSSL has no memory for it */
  constructor(
    fd: number,
    /** Of the address's default server. */
    readonly context: TlsContext,
    readonly address: TlsAddress,
    /** What the variables in names of certificates are read from, as long as the handshake is under way. */
    readonly subject: () => Subject,
  ) {
    super();
    const { SSL_new, SSL_set_fd } = openssl();
    this.ssl = SSL_new(context.pointer);
    if (this.ssl === 0 || SSL_set_fd(this.ssl, fd) !== 1) {
      this.failure = takeErrors().join(' ');
      this.free();
      throw new Error(`SSL_new() failed (SSL: ${this.failure})`);
    }
    this.early = address.takesEarlyData ? new EarlyData(this.ssl) : null;
  }

  get isEarly(): boolean {
    return this.early?.isOpen ?? false;
  }

  handshake(): Handshake {
    const { ERR_clear_error, SSL_accept } = openssl();
    ERR_clear_error();
    current = this;
    let returned = this.early === null ? noMoreEarly : this.early.begin();
    if (returned === noMoreEarly) returned = SSL_accept(this.ssl);
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
    const { ERR_clear_error, SSL_read } = openssl();
    this.readWantsWrite = false;
    ERR_clear_error();
    const count = this.isEarly ? this.readEarly(address, size) : SSL_read(this.ssl, address, size);
    if (count > 0) return count;
    const result = this.result(count);
    this.readWantsWrite = result === wantsWrite;
    return result === wantsRead || result === wantsWrite ? -EAGAIN : result;
  }

  write(address: number, size: number): number {
    const { ERR_clear_error, SSL_write } = openssl();
    ERR_clear_error();
    const count = this.isEarly ? (this.early as EarlyData).write(address, size) : SSL_write(this.ssl, address, size);
    if (count > 0) return count;
    const result = this.result(count);
    return result === wantsRead || result === wantsWrite ? -EAGAIN : result;
  }

  /** Goes on with the handshake where no more comes early. Gives what SSL_read would. */
  private readEarly(address: number, size: number): number {
    current = this;
    let count = (this.early as EarlyData).read(address, size);
    if (count === noMoreEarly) count = openssl().SSL_read(this.ssl, address, size);
    current = null;
    return count;
  }

  /** Until the handshake is done OpenSSL has a buffer of its own, and what is written may lie in it. */
  get mustFlush(): boolean {
    return this.isEarly;
  }

  /** What is written goes into a buffer of so many bytes, and to the socket by `flush`. Gives whether there is one. */
  gather(size: number): boolean {
    if (this.isEarly) return true;
    // a kernel that encrypts has to be told of each record by itself
    if (this.early !== null && this.context.ktls) return false;
    if (this.gathered === 0) this.gathered = beginGathering(this.ssl, size);
    return this.gathered !== 0;
  }

  /** Gives 1 when all is on the socket, or a negative errno. */
  flush(): number {
    const { SSL_get_wbio } = openssl();
    const returned = flushGathered(this.gathered === 0 ? SSL_get_wbio(this.ssl) : this.gathered);
    if (returned < 0 && returned !== -EAGAIN && returned !== -EINTR) this.isBroken = true;
    return returned;
  }

  /** All was flushed: what is written goes to the socket again. */
  endGather(): void {
    if (this.gathered !== 0) endGathering(this.ssl);
    this.gathered = 0;
  }

  /** Tells the client, once, that nothing more comes. Where the socket is full or broken, it is not told. */
  close(): void {
    if (!this.isDone || this.isClosed) return;
    this.isClosed = true;
    const { ERR_clear_error, SSL_set_shutdown, SSL_shutdown } = openssl();
    // OpenSSL forgets the session of who just leaves; a broken connection is no fault of the session. Before the handshake is done
    // there is no goodbye
    if (this.isBroken || this.isEarly) SSL_set_shutdown(this.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    else {
      ERR_clear_error();
      SSL_shutdown(this.ssl);
    }
  }

  /** What was being sent is not complete: the client is not told that it is. */
  abandon(): void {
    this.isBroken = true;
    this.close();
  }

  free(): void {
    if (this.ssl !== 0) openssl().SSL_free(this.ssl);
    this.ssl = 0;
  }

  /** What a call has come to: `wantsRead`, `wantsWrite`, 0 for the end, or a negative errno. */
  private result(returned: number): number {
    const error = openssl().SSL_get_error(this.ssl, returned);
    if (error === SSL_ERROR_WANT_READ) return wantsRead;
    if (error === SSL_ERROR_WANT_WRITE) return wantsWrite;
    if (error === SSL_ERROR_ZERO_RETURN) return 0;
    this.isBroken = true;
    this.failure = takeErrors().join(' ');
    // without a word from OpenSSL it was the socket
    return error === SSL_ERROR_SYSCALL && this.failure === '' ? -ECONNRESET : -EPROTO;
  }
}

/** No errno has these. */
const wantsRead = 1;
const wantsWrite = 2;
