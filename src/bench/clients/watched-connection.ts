import type { Socket } from 'node:net';

/** How the connections of one of autocannon's clients end: it takes a new one without a word, and counts what it hears of the old one. */

/** What is used of a client's inside: the types of its package leave it out. */
export interface Inside {
  /** Not there before the first connect. */
  readonly conn?: Socket;
  readonly parser: Parser;
  /** Connects, and sends as many requests as are to be under way. */
  _connect(): void;
  /** Takes leave of a connection: what still comes of it is not heard. */
  _destroyConnection(): void;
  _doRequest(): void;
  on(event: 'headers', listener: (head: { readonly shouldKeepAlive: boolean }) => void): void;
  on(event: 'request', listener: () => void): void;
  on(event: 'response', listener: (status: number) => void): void;
  on(event: 'connError', listener: (error: NodeJS.ErrnoException) => void): void;
}

interface Parser {
  readonly constructor: { readonly kOnBody: number };
  readonly type: string;
  readonly state: string;
  finish(): void;
  reinitialize(type: string): void;
  [callback: number]: (chunk: Buffer, start: number, length: number) => void;
}

/** How connections have ended, and what that has cost. */
export interface Endings {
  /** Could not be made, or ended before they had answered anything. */
  broken: number;
  /** Answers that the connection ended in the middle of. */
  cut: number;
  /** Requests that got no answer on a connection that had answered others. */
  unanswered: number;
  /** Connections whose last answer had said that it is the last one. */
  closed: number;
}

/** What a server that has closed a connection says to a request that was already on its way. */
const ofClosed: readonly (string | undefined)[] = ['ECONNRESET', 'EPIPE'];

export class WatchedConnection {
  private answers = 0;
  private isAnswering = false;
  /** The answer that comes, or has come, is the connection's last one. */
  private isLast = false;
  /** It was this client that left: after the last answer, or because none has come in time. */
  private hasLeft = false;
  private error: NodeJS.ErrnoException | undefined;
  /** When the requests were sent that have no answer yet. */
  private sent: number[] = [];

  /** Takes its place between a client that has not connected yet and its connections. */
  constructor(
    private readonly client: Inside,
    private readonly endings: Endings,
  ) {
    const { _connect: connect, _destroyConnection: destroy, _doRequest: request } = client;
    client._connect = () => {
      if (this.endsBody()) return;
      this.ended();
      // the old one may still fail, which would be taken for the new one's failure; and its requests are nobody's any more
      if (client.conn !== undefined) destroy.call(client);
      connect.call(client);
    };
    client._destroyConnection = () => {
      this.hasLeft = true;
      destroy.call(client);
    };
    client._doRequest = () => {
      if (this.isLast && !this.isAnswering) this.leave();
      else request.call(client);
    };
    client.on('request', () => this.sent.push(performance.now()));
    client.on('headers', ({ shouldKeepAlive }) => {
      this.isAnswering = true;
      this.isLast = !shouldKeepAlive;
    });
    client.on('connError', error => {
      this.error = error;
    });
  }

  /** @returns when the request was sent whose answer has come */
  answered(): number {
    this.isAnswering = false;
    this.answers += 1;
    return this.sent.shift() ?? Number.NaN;
  }

  /** Whether it was the end of a body that has no other one: the answer is whole then, and the client goes on as after any last one. */
  private endsBody(): boolean {
    const { parser } = this.client;
    if (!this.isAnswering || this.hasLeft || this.error !== undefined || parser.state !== 'BODY_RAW') return false;
    parser.finish();
    return true;
  }

  /** The server takes no further request here: as any client of HTTP, it goes on with a new connection. */
  private leave(): void {
    this.endings.closed += 1;
    this.hasLeft = true;
    this.client._connect();
  }

  private ended(): void {
    const { endings, client, sent, error } = this;
    // its parser would take the next answer for the rest of this one
    client.parser.reinitialize(client.parser.type);
    if (this.isAnswering && !this.hasLeft) endings.cut += 1;
    else if (!this.hasLeft && client.conn !== undefined) {
      const isClose = this.answers > 0 && (error === undefined || ofClosed.includes(error.code));
      if (isClose) endings.unanswered += sent.length;
      else if (error !== undefined || sent.length > 0) endings.broken += 1;
    }
    this.answers = 0;
    this.isAnswering = this.isLast = this.hasLeft = false;
    this.error = undefined;
    this.sent = [];
  }
}
