import { EAGAIN } from '../../native/errno.js';
import { peekByte } from '../../native/socket.js';
import { BufferedOutput } from '../output/buffers.js';
import type { OutputBufferPool } from '../output/pool.js';
import { TlsDrain } from '../output/tls.js';
import type { Output } from '../output/transfer.js';
import { Counter } from '../scoreboard/counters.js';
import { Handshake, TlsSession } from '../tls/session.js';
import { closedConnection } from './proxy-header.js';
import { type Host, HttpRequest } from './request.js';
import type { AddressRuntime, ServerRuntime } from './runtime.js';
import { isTls, refusalOf } from './tls-rules.js';

/** What a step of the handshake came to. */
export const Step = {
  /** Requests can be read. */
  Ready: 0,
  /** Go on when the socket is readable, or has room. */
  Reads: 1,
  Writes: 2,
  /** It is over; `complaint` says why, where that is worth a line. */
  Over: 3,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

/** What a connection to an HTTPS port has beside others: the handshake, and how bodies leave where this process encrypts. */
export class TlsConnection {
  session: TlsSession | null = null;
  /** Null where the socket is written to like any other: the kernel encrypts, or nobody does. */
  output: Output | null = null;
  /** The counter of file bytes; -1 where the client speaks plain HTTP to this port. */
  counter = -1;
  complaint = '';
  /** Why there was no certificate to be shown: a fault of this side's. */
  fault = '';
  /** Something about a handshake that went well, for the error log. */
  remark = '';

  constructor(
    private readonly fd: number,
    private readonly address: AddressRuntime,
    private readonly pool: OutputBufferPool,
  ) {}

  /**
   * Goes on with the handshake, as far as the socket lets it.
   * @param host what is known of the connection
   */
  shakeHands(host: Host): Step {
    if (this.session === null) {
      const step = this.begin(host);
      if (this.session === null) return step;
    }
    switch (this.session.handshake()) {
      case Handshake.Done:
        this.ready(this.session);
        return Step.Ready;
      case Handshake.WantsRead:
        return Step.Reads;
      case Handshake.WantsWrite:
        return Step.Writes;
      default:
        this.complain(this.session);
        return Step.Over;
    }
  }

  /** As nginx, in its words: the status for a request that may not be answered over this connection; 0 for none. */
  refusal(request: HttpRequest, server: ServerRuntime): number {
    if (this.session !== null) return refusalOf(request, this.session, server);
    request.log('info', 'client sent plain HTTP request to HTTPS port while reading client request headers');
    return 497;
  }

  /** Says goodbye, where there is somebody who hears it. */
  close(): void {
    this.session?.close();
  }

  /** As `close`, but the response is not complete. */
  abandon(): void {
    this.session?.abandon();
  }

  /** What OpenSSL had to say of a call that failed; '' for nothing. */
  get failure(): string {
    return this.session?.failure ?? '';
  }

  free(): void {
    this.session?.free();
    this.session = null;
  }

  /** Looks at the client's first byte, and takes it for TLS or for plain HTTP, whose request is read to be refused. */
  private begin(host: Host): Step {
    const first = peekByte(this.fd);
    if (first === -EAGAIN) return Step.Reads;
    const { tls } = this.address.fallback;
    if (first < 0) this.complaint = closedConnection;
    if (first < 0 || tls === null) return Step.Over;
    if (!isTls(first)) return Step.Ready;
    this.session = new TlsSession(this.fd, tls, this.address, () => this.requestToCome(host));
    return Step.Reads;
  }

  private ready(session: TlsSession): void {
    const { ktls } = session.context;
    // before the handshake is done OpenSSL keeps things back that are to be written first
    const { isEarly } = session;
    const isKtls = ktls && !isEarly && session.isKtls;
    this.counter = isKtls ? Counter.ktlsBytes : Counter.tlsBytes;
    if (isKtls) return;
    if (ktls && !isEarly) this.remark = remarkOn(session);
    const { sslBufferSize } = this.address.fallback.self.settings;
    this.output = new BufferedOutput(this.pool, new TlsDrain(session, sslBufferSize));
  }

  /** A request without a head: as nginx, variables are read from one before there is any. */
  private requestToCome(host: Host): HttpRequest {
    const request = new HttpRequest();
    const server = (this.session?.server as ServerRuntime | null) ?? this.address.fallback;
    request.begin(host, server);
    request.serverCaptures = this.address.names.captures;
    request.captures = request.serverCaptures;
    return request;
  }

  private complain({ failure, certificateFailure }: TlsSession): void {
    this.fault = certificateFailure;
    this.complaint =
      failure === '' ? 'peer closed connection in SSL handshake' : `SSL_do_handshake() failed (SSL: ${failure})`;
  }
}

/** There are not many: those that OpenSSL knows. */
const remarked = new Set<string>();

/** Where the kernel could encrypt and does not: once for each cipher. */
function remarkOn({ protocol, cipher }: TlsSession): string {
  const name = `${protocol} ${cipher}`;
  if (remarked.has(name)) return '';
  remarked.add(name);
  return `no kTLS for ${name}: the kernel, or this build of OpenSSL, cannot do it`;
}
