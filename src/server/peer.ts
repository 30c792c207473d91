import { SocketAddress } from '../../native/sockaddr.js';
import { getSocketName, getTcpInfo } from '../../native/socket.js';
import type { Client, ProxyHeader, TcpInfo } from '../modules/module.js';

const local = new SocketAddress();

/** Who is at the other end of a connection, and where it has arrived; both as variables show them. */
export class Peer implements Client {
  requests = 0;
  proxy: ProxyHeader | null = null;

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

  get tcpInfo(): TcpInfo | null {
    return getTcpInfo(this.fd);
  }
}

/** A client that a proxy has named: its address, and else what is known of the proxy's connection. */
export class NamedClient implements Client {
  constructor(
    private readonly peer: Client,
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {}

  get serverAddress(): string {
    return this.peer.serverAddress;
  }
  get serverPort(): number {
    return this.peer.serverPort;
  }
  get serial(): number {
    return this.peer.serial;
  }
  get requests(): number {
    return this.peer.requests;
  }
  get acceptedAt(): number {
    return this.peer.acceptedAt;
  }
  get proxy(): ProxyHeader | null {
    return this.peer.proxy;
  }
  get tcpInfo(): TcpInfo | null {
    return this.peer.tcpInfo;
  }
}
