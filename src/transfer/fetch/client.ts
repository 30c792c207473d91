import { close as closeSocket } from '../../../native/file.js';
import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import type { Field, ReceivedHead } from '../../http/received-head.js';
import { connectTo } from '../connect.js';
import { SoftErrors } from '../failure.js';
import { type BodyLength, bodyLength, keepsAlive } from '../http/body.js';
import { BrokenConnection } from '../http/broken.js';
import { requestHead } from '../http/request.js';
import type { HttpTarget } from '../http/url.js';
import type { CallCounts } from '../paths/path.js';
import type { Answer } from './answer.js';
import type { Delivery } from './flow.js';
import { HttpConnection } from './http-connection.js';
import type { FetchSettings } from './settings.js';
import { TlsAnswerBody } from './tls-body.js';

/** Asks servers for one thing after the other, over a connection that is kept while it serves. */
export class Client {
  readonly softErrors = new SoftErrors();
  /** Of connections that are closed by now. */
  private readonly past: CallCounts = {};
  private connection: HttpConnection | null = null;
  /** Whether there was ever a server at the other end. */
  hasConnected = false;
  /** Ends the request that is under way over https. */
  private tls: AbortController | null = null;
  private failure: Error | null = null;
  /** Fails when this is closed. */
  private readonly gone: Deferred<never>;

  constructor(
    private readonly loop: EventLoop,
    private readonly settings: Pick<FetchSettings, 'timeoutMs' | 'trust'>,
  ) {
    this.gone = new Deferred(loop);
  }

  /** System calls on all connections so far. */
  get calls(): CallCounts {
    const sum = { ...this.past };
    if (this.connection !== null) add(sum, this.connection.calls);
    return sum;
  }

  /**
   * Sends a GET, and waits for the head of its answer. The answer before must have been received or dropped.
   * @throws BrokenConnection; TransferError
   */
  async get(target: HttpTarget, fields: readonly Field[]): Promise<Answer> {
    if (this.failure !== null) throw this.failure;
    return target.secure ? this.getTls(target, fields) : this.getPlain(target, fields);
  }

  private async getPlain(target: HttpTarget, fields: readonly Field[]): Promise<Answer> {
    const text = requestHead('GET', target.path, fields);
    const used = this.connection;
    if (used?.canGoOn === true && used.peer === target.authority) {
      try {
        return new PlainAnswer(target, await used.get(text), used);
      } catch (error) {
        // the server may have closed it while the request was on its way (RFC 9112 section 9.3.1)
        if (!(error instanceof BrokenConnection && used.isUnanswered) || this.failure !== null) throw error;
      }
    }
    const connection = await this.connect(target);
    return new PlainAnswer(target, await connection.get(text), connection);
  }

  private async connect({ host, port, authority }: HttpTarget): Promise<HttpConnection> {
    const { loop, settings, softErrors } = this;
    this.letGo();
    const connecting = connectTo(loop, host, port, settings.timeoutMs);
    let fd: number;
    try {
      fd = await Promise.race([connecting, this.gone.promise]);
    } catch (error) {
      // who ends a transfer does not wait for a connection to come about; where it does, nobody wants it
      connecting.then(closeSocket, () => {});
      throw error;
    }
    this.hasConnected = true;
    this.connection = new HttpConnection(loop, fd, authority, settings.timeoutMs, softErrors);
    return this.connection;
  }

  private async getTls(target: HttpTarget, headers: readonly Field[]): Promise<Answer> {
    const { timeoutMs, trust } = this.settings;
    this.letGo();
    this.loop.onEvent();
    const tls = new AbortController();
    this.tls = tls;
    // Node's TLS takes longer to load than all of this
    const { requestTls } = await import('../http/tls.js');
    const { signal } = tls;
    const { head, body } = await requestTls({ target, method: 'GET', headers, timeoutMs, signal, ...trust });
    this.hasConnected = true;
    return new TlsAnswerBody(this.loop, target, head, body, timeoutMs);
  }

  private letGo(): void {
    if (this.connection === null) return;
    this.connection.close();
    add(this.past, this.connection.calls);
    this.connection = null;
  }

  /** Closes what is open; whatever is under way fails with this error. */
  close(error: Error): void {
    this.failure ??= error;
    this.gone.reject(error);
    this.tls?.abort(error);
    this.connection?.fail(error);
    this.letGo();
  }
}

function add(sum: CallCounts, more: Readonly<CallCounts>): void {
  for (const [name, times] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + times;
}

class PlainAnswer implements Answer {
  readonly length: BodyLength;

  constructor(
    readonly target: HttpTarget,
    readonly head: ReceivedHead,
    private readonly connection: HttpConnection,
  ) {
    try {
      this.length = bodyLength(head, 'GET');
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  receive(delivery: Delivery): Promise<void> {
    return this.connection.receive(this.length, delivery, keepsAlive(this.head, this.length));
  }

  drop(): void {
    this.connection.skip(this.length, keepsAlive(this.head, this.length));
  }
}
