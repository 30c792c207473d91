/** The other end of a transfer, played by the test: a sender or a receiver that says what it likes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { until } from './ends.js';

/** A connection that is spoken to in lines. */
export class Peer {
  private text = '';
  isClosed = false;

  constructor(readonly socket: Socket) {
    socket.on('data', part => {
      this.text += part.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.on('end', () => socket.end());
  }

  static async to(port: number, greeting = ''): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const peer = new Peer(socket);
    if (greeting !== '') peer.say(greeting);
    return peer;
  }

  /** A control connection whose greeting is over. */
  static async control(port: number): Promise<Peer> {
    const peer = await Peer.to(port, 'zerocopy/1 control');
    assert.equal(await peer.line(), 'zerocopy/1 ok');
    return peer;
  }

  /** A data connection that has joined a session. */
  static async data(port: number, token: string): Promise<Peer> {
    const peer = await Peer.to(port, `zerocopy/1 data ${token}`);
    assert.equal(await peer.line(), 'zerocopy/1 ok');
    return peer;
  }

  say(line: string): void {
    this.socket.write(`${line}\n`, 'latin1');
  }

  tell(message: object): void {
    this.say(JSON.stringify(message).replace(/[^\0-\xff]/g, char => `\\u${char.charCodeAt(0).toString(16)}`));
  }

  /** The next line; pings are left out. '' where the connection has ended before. */
  async line(): Promise<string> {
    for (;;) {
      await until(() => this.text.includes('\n') || this.isClosed, 'a line comes');
      const end = this.text.indexOf('\n');
      if (end < 0) return '';
      const line = this.text.slice(0, end);
      this.text = this.text.slice(end + 1);
      if (line !== '{"is":"ping"}') return line;
    }
  }

  /** The next message, which must be of this kind. */
  async hears(is: string): Promise<Record<string, unknown>> {
    const line = await this.line();
    assert.ok(line !== '', `waited for ${is}, and the connection ended`);
    const message = JSON.parse(line) as Record<string, unknown>;
    assert.equal(message.is, is, line);
    return message;
  }

  async ends(): Promise<void> {
    await until(() => this.isClosed, 'the connection ends');
  }
}

export const hello = {
  is: 'hello',
  transport: 'tcp',
  streams: 2,
  files: 1,
  bytes: 100,
  checksum: 'none',
  resume: false,
  isCopy: true,
  plane: {},
};

export function offer(name: string, size = 100, file = 0): object {
  return { is: 'offer', file, name, size, version: 'v' };
}

/** A header of a piece. */
export function pieceHeader(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.write('zcpc', 'latin1');
  bytes.writeUInt32BE(file, 4);
  bytes.writeBigUInt64BE(BigInt(offset), 8);
  bytes.writeBigUInt64BE(BigInt(length), 16);
  return bytes;
}

/** A server that does with each connection what the test says. */
export async function listen(
  serve: (socket: Socket, index: number) => void,
): Promise<{ address: string; server: Server }> {
  let index = 0;
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    socket.on('error', () => {});
    sockets.push(socket);
    serve(socket, index++);
  });
  server.on('close', () => {
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
