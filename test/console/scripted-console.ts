/** A console as the page knows it, that says what a test wants: the same routes, a WebSocket or none, and no server behind it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type {
  ControlAnswer,
  ControlOffer,
  ControlRequest,
  LiveMessage,
  Sample,
  Snapshot,
} from '../../src/console/snapshot.js';

const folder = fileURLToPath(new URL('../../../public/console/', import.meta.url));
const scripts = fileURLToPath(new URL('../../src/console/page/', import.meta.url));
/** RFC 6455 §1.3 */
const socketKey = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
};

/** A `POST /control` that has come. */
export interface Wish {
  readonly token: string | undefined;
  readonly contentType: string | undefined;
  readonly request: ControlRequest;
}

export class ScriptedConsole {
  readonly wishes: Wish[] = [];
  /** Paths of all requests, the query left out. */
  readonly asked: string[] = [];
  token = 'a-token';
  hasSocket = true;
  /** A file server has the page alone. */
  hasScripts = true;
  /** What the next wishes get; a test may wait in it. */
  answer: (wish: Wish) => Promise<readonly [status: number, answer: ControlAnswer]> | readonly [number, ControlAnswer] =
    () => [200, { ok: true }];
  private readonly server = createServer((request, response) => this.serve(request, response));
  private readonly sockets = new Set<Duplex>();
  private port = 0;

  constructor(public snapshot: Snapshot) {
    this.server.on('upgrade', (request, socket) => this.upgrade(request, socket));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** How many pages listen. */
  get listeners(): number {
    return this.sockets.size;
  }

  /** Listens; again on the same port after `stop`. */
  async start(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.dropSockets();
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  dropSockets(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  /** Changes the state, and tells of it as the server does. */
  news(changes: Partial<Snapshot>, sample: Sample | null = null): void {
    const { history, ...rest } = { ...this.snapshot, ...changes };
    this.snapshot = { ...rest, history: sample === null ? history : [...history, sample] };
    this.push({ type: 'news', ...rest, requests: changes.requests ?? [], errors: changes.errors ?? [], sample });
  }

  push(message: LiveMessage): void {
    for (const socket of this.sockets) socket.write(frame(JSON.stringify(message)));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', this.url);
    this.asked.push(pathname);
    if (request.method === 'POST') this.change(request, response);
    else if (pathname === '/status') json(response, 200, this.snapshot);
    else if (pathname === '/control') json(response, 200, this.offer());
    else serveFile(pathname, this.hasScripts, response);
  }

  private offer(): ControlOffer {
    const { control } = this.snapshot;
    return { ...control, token: control.allowed ? this.token : '' };
  }

  private async change(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const part of request) text += part;
    const wish: Wish = {
      token: request.headers['x-zerocopy-token'] as string | undefined,
      contentType: request.headers['content-type'],
      request: JSON.parse(text) as ControlRequest,
    };
    this.wishes.push(wish);
    const [status, answer] = await this.answer(wish);
    json(response, status, answer);
  }

  private upgrade(request: IncomingMessage, socket: Duplex): void {
    const url = new URL(request.url ?? '/', this.url);
    const isWanted = url.pathname === '/live' && url.searchParams.get('token') === this.offer().token;
    if (!this.hasSocket || !isWanted) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${socketKey}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => socket.destroy());
    // a page that goes says so with a frame, which needs no answer here
    socket.on('data', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    this.sockets.add(socket);
    socket.write(frame(JSON.stringify({ type: 'full', snapshot: this.snapshot } satisfies LiveMessage)));
  }
}

/** One whole text message (RFC 6455 §5.2), not masked, as a server sends it. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(body.length), 2);
  // the shortest form is asked for
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  if (body.length < 65_536) return Buffer.concat([Buffer.from([0x81, 126, body.length >> 8, body.length & 255]), body]);
  return Buffer.concat([head, body]);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function serveFile(path: string, hasScripts: boolean, response: ServerResponse): void {
  const script = /^\/page\/([a-z-]+\.js)$/.exec(path)?.[1];
  const [file, type] = script === undefined ? (files[path] ?? []) : [`${scripts}${script}`, 'text/javascript'];
  if (file === undefined || type === undefined || (script !== undefined && !hasScripts)) {
    response.writeHead(404).end();
    return;
  }
  response
    .writeHead(200, { 'content-type': type, 'content-security-policy': policy })
    .end(readFileSync(script === undefined ? `${folder}${file}` : file));
}
