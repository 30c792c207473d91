import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Readable } from 'node:stream';
import { ETIMEDOUT, SystemError } from '../../../native/errno.js';
import { type Field, ReceivedHead } from '../../http/received-head.js';
import { BrokenConnection } from './broken.js';
import { connectFailure, tlsFailure } from './tls-failure.js';
import type { HttpTarget } from './url.js';

/** How a server's certificate is judged. */
export interface TlsTrust {
  /** Whatever certificate comes is taken (--insecure). */
  readonly insecure?: boolean;
  /** PEM: the authorities that are trusted, in place of Node's own list (--cacert). */
  readonly ca?: string | Buffer;
}

export interface TlsRequest extends TlsTrust {
  readonly target: HttpTarget;
  readonly method: string;
  /** All of them, Host among them; they are sent as they stand. */
  readonly headers: readonly Field[];
  /**
   * Asked for when the body is to be sent: at once, or with "Expect: 100-continue" among the headers when the server has said
   * so or `continueMs` are over. After an answer that came before, it is not asked for at all.
   */
  readonly body?: () => Readable;
  readonly continueMs?: number;
  /** For the connection to be made (30 s at most), and for each silence on it. */
  readonly timeoutMs: number;
  /** Gives up: the promise is rejected with the signal's reason, or the body fails with it. */
  readonly signal?: AbortSignal;
}

export interface TlsAnswer {
  readonly head: ReceivedHead;
  /** Without the codings of the transfer. Who does not read it to its end destroys it: that closes the connection. */
  readonly body: Readable;
}

const defaultContinueMs = 1000;
/** For the connection to come about; for the rest, a server may take longer. */
const longestConnectMs = 30_000;

/**
 * A request over https, by Node's own client and on a connection of its own. An error status that comes while the body is
 * being sent ends the sending.
 * @returns the answer, as soon as its head has come
 * @throws BrokenConnection or TransferError where there is none; whatever the body's stream failed with
 */
export async function requestTls(options: TlsRequest): Promise<TlsAnswer> {
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    new Exchange(options, resolve, reject);
  });
}

class Exchange {
  private readonly request: ClientRequest;
  private source: Readable | undefined;
  private response: IncomingMessage | undefined;
  private continueTimer: NodeJS.Timeout | undefined;
  private connectTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: TlsRequest,
    private readonly resolve: (answer: TlsAnswer) => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const { target, method, headers, timeoutMs, signal, insecure, ca, body } = options;
    this.request = request({
      host: target.host,
      port: target.port,
      method,
      path: target.path,
      // in this form they are sent as they stand
      headers: headers.flatMap(({ name, value }) => [name, value]),
      agent: false,
      rejectUnauthorized: insecure !== true,
      timeout: timeoutMs,
      ...(ca === undefined ? {} : { ca }),
    });
    this.watch(signal);
    this.request.on('response', response => this.answer(response));
    this.request.on('error', error => {
      // later ones are told by the response, if it is not whole by then
      if (this.response === undefined) this.fail(tlsFailure(error, target, timeoutMs));
    });
    if (body === undefined) this.request.end();
    else if (headers.some(({ name }) => name.toLowerCase() === 'expect')) this.awaitContinue();
    else this.sendBody();
  }

  /** Has the connection come about in time, silences ended, and the signal heard. */
  private watch(signal: AbortSignal | undefined): void {
    const { target, timeoutMs } = this.options;
    const connectMs = Math.min(timeoutMs, longestConnectMs);
    const stop = () => this.fail(signal?.reason);
    this.request.once('socket', socket => {
      const late = new SystemError('connect()', ETIMEDOUT);
      this.connectTimer = setTimeout(() => this.fail(connectFailure(late, target, connectMs)), connectMs);
      socket.once('connect', () => clearTimeout(this.connectTimer));
    });
    this.request.on('timeout', () => {
      if (this.request.socket?.connecting === false) this.fail(this.silence());
    });
    signal?.addEventListener('abort', stop);
    this.request.once('close', () => {
      clearTimeout(this.connectTimer);
      signal?.removeEventListener('abort', stop);
    });
  }

  private awaitContinue(): void {
    this.request.flushHeaders();
    this.request.once('continue', () => this.sendBody());
    // the time begins when the head can have gone
    this.request.once('socket', socket =>
      socket.once('secureConnect', () => {
        this.continueTimer = setTimeout(() => this.sendBody(), this.options.continueMs ?? defaultContinueMs);
      }),
    );
  }

  private sendBody(): void {
    clearTimeout(this.continueTimer);
    if (this.source !== undefined || this.response !== undefined || this.request.destroyed) return;
    this.source = this.options.body?.();
    this.source?.on('error', error => this.fail(error));
    this.source?.pipe(this.request);
  }

  private answer(response: IncomingMessage): void {
    clearTimeout(this.continueTimer);
    this.response = response;
    const { httpVersionMajor, httpVersionMinor, statusCode = 0, statusMessage = '', rawHeaders } = response;
    const version = httpVersionMajor * 1000 + httpVersionMinor;
    if (statusCode >= 300) this.stopSending();
    this.resolve({ head: new ReceivedHead(version, statusCode, statusMessage, fieldsOf(rawHeaders)), body: response });
  }

  private stopSending(): void {
    this.source?.unpipe(this.request);
    this.source?.destroy();
  }

  private silence(): BrokenConnection {
    const { target, timeoutMs } = this.options;
    return new BrokenConnection(`${target.authority} was silent for ${timeoutMs / 1000} s`);
  }

  /** What comes after the answer's head is told to who reads its body. */
  private fail(error: Error): void {
    clearTimeout(this.continueTimer);
    this.stopSending();
    this.reject(error);
    if (this.response === undefined) this.request.destroy();
    else this.response.destroy(error);
  }
}

function fieldsOf(rawHeaders: readonly string[]): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    fields.push({ name: rawHeaders[at], value: rawHeaders[at + 1] });
  return fields;
}
