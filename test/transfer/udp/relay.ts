/** Stands between a sender and a receiver, and does to the datagrams what a bad network does: the same each time. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of a datagram, the number `index` that came: those that go on now, in their order. */
export type Script = (datagram: Buffer, index: number) => readonly Buffer[];

/** Bytes: what the tests send in one go has room in it, even where the relay does not get to look. */
const recvBufferSize = 400_000;

/**
 * A relay of TCP and UDP on one port. It reads along in the control connection: the sender's word that it has sent so many
 * datagrams goes on when all of them have, so that none is late because of the relay.
 */
export class Relay {
  private constructor(
    private readonly server: Server,
    private readonly datagrams: DatagramSocket | null,
    private readonly target: number,
    private readonly script: Script,
  ) {}

  private readonly connections: Socket[] = [];
  /** Datagrams that came. */
  private seen = 0;
  /** On their way to the receiver. */
  private leaving = 0;
  /** What the sender says, and after how many datagrams it goes on. */
  private readonly words: { readonly after: number; readonly act: () => void }[] = [];

  /**
   * @param target the receiver's port on 127.0.0.1
   * @param script null: nobody takes datagrams at this port
   */
  static async to(target: number, script: Script | null): Promise<Relay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const datagrams =
      script === null
        ? null
        : createSocket({ type: 'udp4', recvBufferSize }).bind((server.address() as AddressInfo).port, '127.0.0.1');
    if (datagrams !== null) await once(datagrams, 'listening');
    const relay = new Relay(server, datagrams, target, script ?? (() => []));
    server.on('connection', socket => relay.connected(socket));
    datagrams?.on('message', datagram => relay.pass(datagram));
    return relay;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private connected(sender: Socket): void {
    const receiver = connect(this.target, '127.0.0.1');
    this.connections.push(sender, receiver);
    sender.on('data', part => {
      const [, told = '0'] = /"is":"sent".*"sent":(\d+)/.exec(part.latin1Slice()) ?? [];
      this.say(Number(told), () => receiver.write(part));
    });
    sender.on('end', () => this.say(0, () => receiver.end()));
    receiver.on('data', part => sender.write(part));
    receiver.on('end', () => sender.end());
    // one end that breaks off is the other's to hear
    sender.on('error', () => receiver.destroy());
    receiver.on('error', () => sender.destroy());
  }

  private say(after: number, act: () => void): void {
    this.words.push({ after, act });
    this.goOn();
  }

  private goOn(): void {
    for (;;) {
      const [next] = this.words;
      if (next === undefined || this.seen < next.after || (next.after > 0 && this.leaving > 0)) return;
      this.words.shift();
      next.act();
    }
  }

  private pass(datagram: Buffer): void {
    for (const each of this.script(datagram, this.seen)) {
      this.leaving += 1;
      this.datagrams?.send(each, this.target, '127.0.0.1', () => {
        this.leaving -= 1;
        this.goOn();
      });
    }
    this.seen += 1;
    this.goOn();
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    if (this.datagrams !== null) await new Promise<void>(resolve => this.datagrams?.close(() => resolve()));
    await new Promise(resolve => this.server.close(resolve));
  }
}
