import { EPOLLEXCLUSIVE, EPOLLIN } from '../../native/epoll.js';
import { EAGAIN, ECONNABORTED, EINTR, EMFILE, ENFILE } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { SocketAddress } from '../../native/sockaddr.js';
import { accept4, getSocketName } from '../../native/socket.js';
import type { EventHandler } from '../event/loop.js';
import { Timer, type TimerOwner } from '../event/timers.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { Connections } from './connections.js';
import { isWildcard } from './listener.js';
import type { AddressRuntime } from './runtime.js';

/** Without a free descriptor, nothing is accepted for this long (ms), as nginx does. */
const pauseAfterFailure = 500;

const peer = new SocketAddress();
const local = new SocketAddress();

/** Takes the connections of one listening socket. */
export class Acceptor implements EventHandler, TimerOwner {
  private readonly timer = new Timer(this);
  private isListening = false;
  /** Addresses of the same port that have no socket of their own, by host. */
  private readonly specific = new Map<string, AddressRuntime>();
  private readonly address: AddressRuntime;

  /**
   * @param addresses those that the socket serves: the bound one, and for a wildcard all of its port
   * @param shared other workers listen on the socket as well: only one of them is woken
   * @param report writes to the error log
   */
  constructor(
    private readonly fd: number,
    addresses: readonly AddressRuntime[],
    private readonly connections: Connections,
    private readonly acceptAll: boolean,
    private readonly shared: boolean,
    private readonly report: (level: 'crit' | 'alert', message: string) => void,
  ) {
    this.address = addresses.find(each => isWildcard(each.listen)) ?? addresses[0];
    for (const each of addresses) if (each !== this.address) this.specific.set(each.listen.host, each);
  }

  start(): void {
    if (this.isListening) return;
    this.isListening = true;
    this.connections.loop.add(this.fd, this.shared ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN, this);
  }

  stop(): void {
    this.connections.loop.timers.remove(this.timer);
    if (!this.isListening) return;
    this.isListening = false;
    this.connections.loop.remove(this.fd);
  }

  onEvent(): void {
    do {
      const fd = accept4(this.fd, peer);
      if (fd >= 0) this.take(fd);
      else if (fd !== -ECONNABORTED && fd !== -EINTR) {
        this.failed(-fd);
        return;
      }
    } while (this.acceptAll);
  }

  onTimer(): void {
    this.start();
  }

  private take(fd: number): void {
    counters[Counter.accepted] += 1;
    const { listen } = this.address;
    const address = this.specific.size === 0 ? this.address : this.addressOf(fd);
    if (this.connections.open(fd, address, peer.host, peer.port, listen.deferred)) return;
    this.report('alert', 'worker_connections are not enough');
    close(fd);
  }

  private addressOf(fd: number): AddressRuntime {
    getSocketName(fd, local);
    return this.specific.get(local.host) ?? this.address;
  }

  private failed(errno: number): void {
    if (errno === EAGAIN) return;
    this.report('crit', `accept4() failed (${this.connections.errorLog.describe(errno)})`);
    if (errno !== EMFILE && errno !== ENFILE) return;
    this.stop();
    this.connections.loop.setTimer(this.timer, pauseAfterFailure);
  }
}
