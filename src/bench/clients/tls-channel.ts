import { EAGAIN, ECONNRESET, EPROTO } from '../../../native/errno.js';
import type { MemoryBlock } from '../../../native/memory.js';
import { cString } from '../../../native/memory.js';
import {
  openssl,
  SSL_CTRL_SET_GROUPS_LIST,
  SSL_CTRL_SET_MAX_PROTO_VERSION,
  SSL_CTRL_SET_MIN_PROTO_VERSION,
  SSL_ERROR_SYSCALL,
  SSL_ERROR_WANT_READ,
  SSL_ERROR_WANT_WRITE,
  SSL_ERROR_ZERO_RETURN,
  SSL_RECEIVED_SHUTDOWN,
  SSL_SENT_SHUTDOWN,
  TLS1_2_VERSION,
  TLS1_3_VERSION,
  takeErrors,
} from '../../../native/openssl.js';
import { IPPROTO_TCP, setOption, TCP_NODELAY } from '../../../native/socket.js';
import { type Secured, secured } from '../secured.js';
import type { Channel, Channels } from './channel.js';

/** A record, with what is around its bytes: what OpenSSL may have read of one that is not whole. */
const record = 17 * 1024;

/** Clients of one kind: they offer one version, one cipher and one group, so that all servers do the same work. */
export class TlsChannels implements Channels {
  /** SSL_CTX. */
  readonly context: number;
  /** SSL_SESSION that connections take up again; 0 while there is none. */
  session = 0;
  readonly resumes: boolean;

  /** @throws Error with OpenSSL's words */
  constructor({ version, connections }: Secured) {
    const { SSL_CTX_new, TLS_client_method, SSL_CTX_ctrl, SSL_CTX_set_cipher_list, SSL_CTX_set_ciphersuites } =
      openssl();
    this.resumes = connections === 'resumed';
    this.context = SSL_CTX_new(TLS_client_method());
    const isNew = version === 'TLSv1.3';
    const number = isNew ? TLS1_3_VERSION : TLS1_2_VERSION;
    const setCipher = isNew ? SSL_CTX_set_ciphersuites : SSL_CTX_set_cipher_list;
    const isSet = [
      SSL_CTX_ctrl(this.context, SSL_CTRL_SET_MIN_PROTO_VERSION, number, 0),
      SSL_CTX_ctrl(this.context, SSL_CTRL_SET_MAX_PROTO_VERSION, number, 0),
      SSL_CTX_ctrl(this.context, SSL_CTRL_SET_GROUPS_LIST, 0, cString(secured.groups)),
      setCipher(this.context, secured.ciphers[version]),
    ];
    if (isSet.some(result => result !== 1)) throw new Error(`OpenSSL refuses ${version}: ${takeErrors().join(' ')}`);
  }

  over(fd: number, block: MemoryBlock): Channel {
    return new TlsChannel(fd, block, this);
  }
}

/** TLS by OpenSSL on the socket itself. No certificate is looked at: that is no work of the server's. */
class TlsChannel implements Channel {
  readonly heldBack = record;
  problem = '';
  private readonly ssl: number;
  /** It has a session to take up again. */
  private readonly resumes: boolean;
  private readonly calls = openssl();

  constructor(
    fd: number,
    private readonly block: MemoryBlock,
    private readonly owner: TlsChannels,
  ) {
    const { SSL_new, SSL_set_fd, SSL_set_session } = this.calls;
    // a request follows the end of the handshake at once, and would wait for the server's delayed ACK
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    this.ssl = SSL_new(owner.context);
    SSL_set_fd(this.ssl, fd);
    this.resumes = owner.session !== 0;
    if (this.resumes) SSL_set_session(this.ssl, owner.session);
  }

  begin(): number {
    const { ERR_clear_error, SSL_connect, SSL_session_reused } = this.calls;
    ERR_clear_error();
    const returned = SSL_connect(this.ssl);
    if (returned !== 1) return this.failed(returned) || -ECONNRESET;
    if (!this.resumes || SSL_session_reused(this.ssl) === 1) return 0;
    this.problem = 'did not take a session up again';
    return -EPROTO;
  }

  send(address: number, size: number): number {
    this.calls.ERR_clear_error();
    const count = this.calls.SSL_write(this.ssl, address, size);
    return count > 0 ? count : this.failed(count);
  }

  receive(address: number, size: number): number {
    this.calls.ERR_clear_error();
    const count = this.calls.SSL_read(this.ssl, address, size);
    return count > 0 ? count : this.failed(count);
  }

  drop(count: number): number {
    return this.receive(this.block.address, Math.min(count, this.block.size));
  }

  /** With TLS 1.3 a session comes after the handshake: it is there when an answer is. */
  answered(): void {
    const { owner } = this;
    if (owner.resumes && owner.session === 0) owner.session = this.calls.SSL_get1_session(this.ssl);
  }

  close(): void {
    // OpenSSL would not take up a session again whose connection has ended without a word
    this.calls.SSL_set_shutdown(this.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    this.calls.SSL_free(this.ssl);
  }

  private failed(returned: number): number {
    const error = this.calls.SSL_get_error(this.ssl, returned);
    // what a client says here always fits into its socket: it is never full
    if (error === SSL_ERROR_WANT_READ || error === SSL_ERROR_WANT_WRITE) return -EAGAIN;
    if (error === SSL_ERROR_ZERO_RETURN) return 0;
    const words = takeErrors().join(' ');
    if (error === SSL_ERROR_SYSCALL && words === '') return -ECONNRESET;
    this.problem = `broke TLS (${words})`;
    return -EPROTO;
  }
}
