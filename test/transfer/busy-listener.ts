import { check } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import { bindSocket, connect, getSocketName, listen, SOCK_STREAM, socket } from '../../native/socket.js';

/** A listener whose queue is full: the kernel drops what else comes. */
export class BusyListener {
  readonly port: number;
  private readonly fds: number[] = [];

  constructor() {
    const address = new SocketAddress().setInternet('127.0.0.1', 0);
    const listener = this.socket();
    check(bindSocket(listener, address), 'bind()');
    check(listen(listener, 0), 'listen()');
    check(getSocketName(listener, address), 'getsockname()');
    this.port = address.port;
    check(connect(this.socket(), address), 'connect()');
  }

  private socket(): number {
    const fd = check(socket(AF_INET, SOCK_STREAM), 'socket()');
    this.fds.push(fd);
    return fd;
  }

  close(): void {
    for (const fd of this.fds) close(fd);
  }
}
