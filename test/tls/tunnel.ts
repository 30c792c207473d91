/** What is under a client's TLS: the bytes on the wire, to be counted, cut up, or mixed with others. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Client } from '../server/client.js';
import type { TestServer } from '../server/harness.js';

/** Types of TLS records (RFC 8446 §5.1), readable up to TLS 1.2. */
export const record = { alert: 21, handshake: 22, data: 23 } as const;
const recordHead = 5;

export class Tunnel extends Duplex {
  /** The types of the records that came, in order. */
  readonly records: number[] = [];
  private received = Buffer.alloc(0);

  /** @param send puts bytes on the wire */
  constructor(
    readonly raw: Socket,
    private readonly send: (raw: Socket, bytes: Buffer) => Promise<void> | void = (socket, bytes) => {
      socket.write(bytes);
    },
  ) {
    super();
    raw.setNoDelay(true);
    raw.on('data', (bytes: Buffer) => {
      this.note(bytes);
      this.push(bytes);
    });
    raw.on('end', () => this.push(null));
    raw.on('error', error => this.destroy(error));
  }

  override _read(): void {}
  override _write(bytes: Buffer, _encoding: string, done: (error?: Error) => void): void {
    Promise.resolve(this.send(this.raw, bytes)).then(() => done(), done);
  }
  override _final(done: () => void): void {
    this.raw.end(done);
  }
  override _destroy(_error: Error | null, done: () => void): void {
    this.raw.destroy();
    done();
  }

  private note(bytes: Buffer): void {
    let rest = Buffer.concat([this.received, bytes]);
    while (rest.length >= recordHead && rest.length >= recordHead + rest.readUInt16BE(3)) {
      this.records.push(rest[0]);
      rest = rest.subarray(recordHead + rest.readUInt16BE(3));
    }
    this.received = rest;
  }
}

/** A connection without TLS to the port for it. */
export async function rawSocket(server: TestServer): Promise<Socket> {
  const raw = connectTcp({ host: '127.0.0.1', port: server.ports[1], allowHalfOpen: true });
  await once(raw, 'connect');
  return raw;
}

/** As `rawSocket`, for a client that looks at bytes. */
export async function rawClient(server: TestServer): Promise<Client> {
  return Client.over(await rawSocket(server));
}

export interface Tunnelled {
  readonly tunnel: Tunnel;
  readonly client: Client;
  readonly socket: TLSSocket;
}

export async function tunnelled(
  server: TestServer,
  options: ConnectionOptions = {},
  send?: ConstructorParameters<typeof Tunnel>[1],
): Promise<Tunnelled> {
  const tunnel = new Tunnel(await rawSocket(server), send);
  const socket = connect({ rejectUnauthorized: false, ...options, socket: tunnel });
  await once(socket, 'secureConnect');
  return { tunnel, socket, client: Client.over(socket) };
}

/** The first message of a client. */
export function helloBytes(): Promise<Buffer> {
  return new Promise(resolve => {
    const nowhere = new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        resolve(bytes);
        done();
      },
    });
    connect({ socket: nowhere }).on('error', () => {});
  });
}
