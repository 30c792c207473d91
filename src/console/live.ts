import type { TemplatedApp, WebSocket } from 'uWebSockets.js';
import type { Recent } from './recent.js';
import type { LiveMessage, Sample } from './snapshot.js';
import type { Status } from './status.js';

/** WebSockets at once; another one is refused with 503. */
const mostClients = 256;
/** Bytes that may wait for one client: a status and a few news. What is more is not sent. */
const mostWaiting = 1024 * 1024;
/** Clients have nothing to say. A message that is longer than this ends the connection. */
const longestMessage = 256;
/** Seconds without a sign of life; pings go out by themselves. A client that does not read does not answer them. */
const idleTimeout = 32;

type Socket = WebSocket<Client>;

interface Client {
  /** It has not kept up: what it gets next is the whole status. */
  isBehind: boolean;
}

/** Why an upgrade is refused, as a status line; '' for none. */
export type Examine = (header: (name: string) => string, query: string) => string;

/** The clients of `/live`. */
export class Live {
  private readonly clients = new Set<Socket>();
  private lastRequest = 0;
  private lastError = 0;

  constructor(
    private readonly status: Status,
    private readonly recent: Recent,
  ) {}

  get count(): number {
    return this.clients.size;
  }

  listen(app: TemplatedApp, examine: Examine): void {
    app.ws<Client>('/live', {
      maxPayloadLength: longestMessage,
      maxBackpressure: mostWaiting,
      idleTimeout,
      sendPingsAutomatically: true,
      upgrade: (res, req, context) => {
        const header = (name: string) => req.getHeader(name);
        const refused = this.clients.size >= mostClients ? '503 Service Unavailable' : examine(header, req.getQuery());
        if (refused !== '') {
          res.onAborted(() => {});
          res.writeStatus(refused).end();
          return;
        }
        const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map(each =>
          header(`sec-websocket-${each}`),
        );
        res.upgrade<Client>({ isBehind: false }, key, protocol, extensions, context);
      },
      open: socket => {
        this.clients.add(socket);
        this.sendAll(socket, this.full());
      },
      drain: socket => {
        if (socket.getUserData().isBehind && socket.getBufferedAmount() === 0) this.sendAll(socket, this.full());
      },
      close: socket => {
        this.clients.delete(socket);
      },
    });
  }

  /** Tells all clients what is new. @param sample the newest one, or null between samples */
  push(sample: Sample | null): void {
    const text = JSON.stringify(this.status.news(sample, this.lastRequest, this.lastError));
    this.lastRequest = highest(this.recent.requests);
    this.lastError = highest(this.recent.errors);
    for (const socket of this.clients) {
      const client = socket.getUserData();
      if (client.isBehind) continue;
      if (socket.getBufferedAmount() > 0) client.isBehind = true;
      else this.send(socket, text);
    }
  }

  close(): void {
    for (const socket of this.clients) socket.end(1001, 'the console closes');
  }

  private full(): string {
    return JSON.stringify({ type: 'full', snapshot: this.status.snapshot() } satisfies LiveMessage);
  }

  private sendAll(socket: Socket, text: string): void {
    socket.getUserData().isBehind = false;
    this.send(socket, text);
  }

  private send(socket: Socket, text: string): void {
    // 2: it was not taken, for too much is waiting
    if (socket.send(text) === 2) socket.getUserData().isBehind = true;
  }
}

function highest(list: readonly { readonly serial: number }[]): number {
  return list.reduce((most, { serial }) => Math.max(most, serial), 0);
}
