/** A server that answers as its test says, and sees exactly what is on the wire. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What the server does with one connection. */
export type Script = (wire: Wire) => void | Promise<void>;

/** A connection, as a script sees it. */
export class Wire {
  private bytes = Buffer.alloc(0);
  private isOver = false;
  private wake: () => void = () => {};

  constructor(private readonly socket: Socket) {
    socket.on('data', chunk => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
      this.wake();
    });
    socket.on('error', () => {});
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isOver = true;
        this.wake();
      });
    }
  }

  /** Bytes that have come and that nobody has taken. */
  get waiting(): number {
    return this.bytes.length;
  }

  /** The head of the request, with its empty line. */
  async head(): Promise<string> {
    await this.until(() => this.bytes.includes('\r\n\r\n'), 'the head of a request');
    return this.take(this.bytes.indexOf('\r\n\r\n') + 4).toString('latin1');
  }

  /** The next so many bytes. */
  async body(count: number): Promise<Buffer> {
    await this.until(() => this.bytes.length >= count, `${count} bytes of a body`);
    return this.take(count);
  }

  /** Until the client has closed its side. */
  async over(): Promise<void> {
    while (!this.isOver) await this.more();
  }

  /** Nothing is read any more: the client's socket fills up. */
  pause(): void {
    this.socket.pause();
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Answers with a body of known length, and closes. */
  answer(status: string, body = '', ...fields: string[]): void {
    const lines = [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${body.length}`, 'Connection: close'];
    this.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  end(text = ''): void {
    this.socket.end(text, 'latin1');
  }

  /** Closes when the kernel has what was written, with what has come still unread: the client is sent a reset behind the answer. */
  destroyWhenSent(): void {
    this.socket.write('', () => this.socket.destroy());
  }

  resetWhenSent(): void {
    this.socket.write('', () => this.socket.resetAndDestroy());
  }

  private async until(holds: () => boolean, what: string): Promise<void> {
    while (!holds()) {
      assert.ok(!this.isOver, `the client closed; ${what} was waited for, and ${this.bytes.length} bytes came`);
      await this.more();
    }
  }

  private more(): Promise<void> {
    return new Promise(resolve => {
      this.wake = resolve;
    });
  }

  private take(count: number): Buffer {
    const taken = this.bytes.subarray(0, count);
    this.bytes = this.bytes.subarray(count);
    return taken;
  }
}

export class ScriptedServer {
  /** Connections so far. */
  connections = 0;
  private readonly running: Promise<void>[] = [];
  private readonly sockets: Socket[] = [];

  private constructor(
    private readonly server: Server,
    readonly port: number,
    scripts: readonly Script[],
  ) {
    server.on('connection', socket => {
      this.sockets.push(socket);
      const script = scripts[this.connections++] ?? unexpected;
      this.running.push((async () => script(new Wire(socket)))());
      this.running.at(-1)?.catch(() => socket.destroy());
    });
  }

  /** @param scripts one for each connection, in order */
  static start(...scripts: Script[]): Promise<ScriptedServer> {
    return ScriptedServer.startAt(0, ...scripts);
  }

  /** On a port that is known. */
  static async startAt(port: number, ...scripts: Script[]): Promise<ScriptedServer> {
    const server = createServer({ allowHalfOpen: true }).listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server, (server.address() as AddressInfo).port, scripts);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** @throws what a script threw */
  async close(): Promise<void> {
    this.server.close();
    const outcomes = await Promise.allSettled(this.running);
    for (const socket of this.sockets) socket.destroy();
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

function unexpected(): void {
  assert.fail('a connection that nobody expected');
}
