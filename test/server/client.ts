/** A client that speaks raw bytes: the tests of the server see exactly what is on the wire. */
import { readFileSync } from 'node:fs';
import { createConnection, type NetConnectOpts, type Socket } from 'node:net';

/** How long anything may take (ms) before a test fails. */
export const patience = 8000;

/** Waits until a condition holds, and gives what it gave. Fails after `limit` ms, saying what was waited for. */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  limit = patience,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited ${limit} ms in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** A response as it came. */
export interface Reply {
  readonly status: number;
  readonly statusLine: string;
  /** By lower-case name; several of one name are joined with ", ". */
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Splits a head (without its empty line) into status and headers. */
function parseHead(text: string): Omit<Reply, 'body'> {
  const [statusLine, ...lines] = text.split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  if (!/^HTTP\/1\.1 \d{3} /.test(statusLine)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
  return { status: Number(statusLine.slice(9, 12)), statusLine, headers };
}

/** Where to connect to: a port of 127.0.0.1, or what net.connect takes. */
export type Target = number | NetConnectOpts;

export class Client {
  private chunks: Buffer[] = [];
  private length = 0;
  private ended = false;
  private wake: () => void = () => {};
  /** The error that ended the connection (`ECONNRESET` …), if one did. */
  error = '';

  private constructor(readonly socket: Socket) {
    socket.on('data', chunk => this.take(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.ended = true;
        this.wake();
      });
    }
  }

  /** @param reads false for a client that does not read before `socket.resume()` */
  static async connect(target: Target, reads = true): Promise<Client> {
    const address = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target;
    const socket = createConnection({ ...address, allowHalfOpen: true });
    const client = new Client(socket);
    if (!reads) socket.pause();
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.setNoDelay(true);
    return client;
  }

  /** @param socket that is connected */
  static over(socket: Socket): Client {
    return new Client(socket);
  }

  /** Bytes that came and were not taken yet. */
  get pending(): number {
    return this.length;
  }

  /** The server has closed the connection. */
  get isClosed(): boolean {
    return this.ended;
  }

  /** @param bytes a byte string or bytes */
  send(bytes: string | Buffer): this {
    if (this.socket.writable) this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Sends a GET with a Host header. @param lines further header lines */
  get(target: string, ...lines: string[]): this {
    return this.send(request('GET', target, ...lines));
  }

  /** The next response, read to its end: by Content-Length, or to the close where there is none. */
  async reply(method = 'GET'): Promise<Reply> {
    await this.until('the end of a head', () => this.ended || this.joined().includes('\r\n\r\n'));
    const bytes = this.joined();
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) throw new Error(`closed (${this.error}) before a whole head came: ${JSON.stringify(show(bytes))}`);
    const head = parseHead(bytes.toString('latin1', 0, end));
    this.drop(end + 4);
    const hasBody = method !== 'HEAD' && head.status >= 200 && head.status !== 204 && head.status !== 304;
    if (!hasBody) return { ...head, body: Buffer.alloc(0) };
    const announced = head.headers['content-length'];
    if (announced === undefined) return { ...head, body: await this.rest() };
    const length = Number(announced);
    await this.until(`${length} bytes of a body`, () => this.ended || this.length >= length);
    if (this.length < length) throw new Error(`closed (${this.error}) after ${this.length} of ${length} bytes`);
    const body = this.joined().subarray(0, length);
    this.drop(length);
    return { ...head, body };
  }

  /** Everything to the close. */
  async rest(limit = patience): Promise<Buffer> {
    await this.until('the close', () => this.ended, limit);
    const bytes = this.joined();
    this.drop(bytes.length);
    return bytes;
  }

  /** Waits for something that changes when bytes come or the connection ends. */
  async until(what: string, condition: () => boolean, limit = patience): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wake = () => {};
        const got = JSON.stringify(show(this.joined()));
        reject(new Error(`waited ${limit} ms in vain for ${what}; ${this.length} bytes came: ${got}`));
      }, limit);
      this.wake = () => {
        if (!condition()) return;
        this.wake = () => {};
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    this.wake();
  }

  private joined(): Buffer {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0];
  }

  private drop(count: number): void {
    this.chunks = [this.joined().subarray(count)];
    this.length -= count;
  }
}

function show(bytes: Buffer): string {
  return bytes.toString('latin1', 0, 200);
}

/** A request's head as a byte string. */
export function request(method: string, target: string, ...lines: string[]): string {
  return `${[`${method} ${target} HTTP/1.1`, 'Host: test.local', ...lines].join('\r\n')}\r\n\r\n`;
}

/**
 * The queues of the server's socket for a client on IPv4, in bytes: what the client does not take, and what the server has
 * not read. Nothing where the server has no such socket any more. From /proc/net/tcp (proc(5)).
 */
function queues({ socket }: Client): { send: number; receive: number } {
  const port = (number = 0) => number.toString(16).toUpperCase().padStart(4, '0');
  const line = `:${port(socket.remotePort)} [0-9A-F]+:${port(socket.localPort)} [0-9A-F]+ ([0-9A-F]+):([0-9A-F]+)`;
  const [, send = '0', receive = '0'] = new RegExp(line).exec(readFileSync('/proc/net/tcp', 'ascii')) ?? [];
  return { send: Number.parseInt(send, 16), receive: Number.parseInt(receive, 16) };
}

/** Waits until the server has read all that the client has sent. */
export async function taken(client: Client): Promise<void> {
  await waitFor('the server has read it', () => client.socket.bytesWritten > 0 && queues(client).receive === 0);
}

/** Waits until the server can send nothing more to a client that does not read. */
export async function stalled(client: Client): Promise<void> {
  let last = 0;
  let same = 0;
  await waitFor('the sockets are full', () => {
    const queued = queues(client).send;
    same = queued > 0 && queued === last ? same + 1 : 0;
    last = queued;
    return same >= 3;
  });
}

/** One request over a connection of its own, which the server is asked to close. */
export async function fetchOnce(target: Target, path: string, lines: string[] = [], method = 'GET'): Promise<Reply> {
  const client = await Client.connect(target);
  try {
    client.send(request(method, path, ...lines, 'Connection: close'));
    const reply = await client.reply(method);
    await client.until('the close', () => client.isClosed);
    if (client.pending > 0) throw new Error(`${client.pending} bytes came behind the response`);
    return reply;
  } finally {
    client.close();
  }
}
