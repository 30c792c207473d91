import { SocketAddress } from '../../native/sockaddr.js';
import { getSocketName } from '../../native/socket.js';
import type { Client } from '../modules/module.js';

const local = new SocketAddress();

/** Who is at the other end of a connection, and where it has arrived; both as variables show them. */
export class Peer implements Client {
  requests = 0;

  constructor(
    private readonly fd: number,
    readonly serial: number,
    readonly acceptedAt: number,
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {}

  get serverAddress(): string {
    getSocketName(this.fd, local);
    return local.host;
  }

  get serverPort(): number {
    getSocketName(this.fd, local);
    return local.port;
  }
}
