import { EPOLLIN } from '../../../native/epoll.js';
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EMFILE,
  ENFILE,
  errnoText,
} from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { SocketAddress } from '../../../native/sockaddr.js';
import {
  accept4,
  bindSocket,
  getSocketName,
  listen,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  setOption,
  socket,
} from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import { type Endpoint, endpointText } from '../connect.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import type { TransferReport } from '../report.js';
import { DatagramPort } from '../udp/datagram-port.js';
import type { FirstLine } from './first-line.js';
import { agree, awaitGreeting, type Purpose, refuse } from './greeting.js';
import { ReceiveSession } from './receive-session.js';
import type { ReceiveSettings } from './settings.js';
import { setBufferSizes, watchPeer } from './socket-options.js';

/** Sessions at once. */
const mostSessions = 16;
/** Connections that have not said yet what they are for. */
const mostStrangers = 128;
const backlog = 256;
/** ms without accepting, where there is no free descriptor. */
const pauseAfterFailure = 500;

/** What a session came to. */
export interface SessionEnd {
  /** The sender's address. */
  readonly peer: string;
  /** Where all was well; else `error` says what was not. */
  readonly report?: TransferReport;
  readonly error?: unknown;
}

/** Who has a receiver: is asked where to show a session, and told what becomes of it. */
export interface ReceiverOwner {
  /** @param isAlone no other session is being shown */
  display(isAlone: boolean): Display;
  /** Something that ends nothing: a connection of somebody who is no sender. A line. */
  onNote(text: string): void;
  onSessionEnd(end: SessionEnd): void;
}

/** Listens, takes connections, finds out what they are for, and runs sessions. Whatever connects, it goes on. */
export class Receiver implements EventHandler, TimerOwner {
  private fd = -1;
  private readonly peer = new SocketAddress();
  private readonly timer = new Timer(this);
  private readonly strangers = new Map<number, FirstLine>();
  private readonly sessions = new Map<string, ReceiveSession>();
  private readonly ends = new Set<Promise<void>>();
  private hasBegun = false;
  private datagrams: DatagramPort | null = null;

  constructor(
    private readonly loop: EventLoop,
    private readonly settings: ReceiveSettings,
    private readonly owner: ReceiverOwner,
  ) {}

  /**
   * @returns where it listens, with the port that the kernel has chosen where the settings leave it open
   * @throws TransferError (kind network) that says why it cannot
   */
  listen(): Endpoint {
    const { host, port } = this.settings;
    const address = new SocketAddress().setInternet(host, port);
    const fd = socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) throw listenFailure(-fd, 'socket', host, port);
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    setBufferSizes(fd, this.settings);
    let call = 'bind';
    let returned = bindSocket(fd, address);
    if (returned >= 0) {
      call = 'listen';
      returned = listen(fd, backlog);
    }
    if (returned < 0) {
      close(fd);
      throw listenFailure(-returned, call, host, port);
    }
    this.fd = fd;
    getSocketName(fd, address);
    this.datagrams = new DatagramPort(this.loop, address, endpointText(host, address.port), this.settings.rcvbuf);
    this.start();
    return { host, port: address.port };
  }

  /** Takes no more connections, and ends the sessions; done when the senders have been told. */
  async stop(reason: TransferError): Promise<void> {
    this.stopListening();
    for (const session of this.sessions.values()) session.stop(reason);
    await Promise.all(this.ends);
  }

  /** Takes no more connections but those of the sessions that there are. */
  private stopListening(): void {
    this.loop.timers.remove(this.timer);
    for (const [fd, line] of this.strangers) {
      line.stop();
      close(fd);
    }
    this.strangers.clear();
    if (this.fd < 0) return;
    this.loop.forget(this.fd);
    close(this.fd);
    this.fd = -1;
  }

  onEvent(): void {
    for (;;) {
      const fd = accept4(this.fd, this.peer);
      if (fd >= 0) this.welcome(fd);
      else if (fd !== -EINTR && fd !== -ECONNABORTED) {
        if (fd === -EMFILE || fd === -ENFILE) this.pause(-fd);
        else if (fd !== -EAGAIN) this.owner.onNote(`accept4() failed (${errnoText(-fd)})`);
        return;
      }
    }
  }

  onTimer(): void {
    this.start();
  }

  private start(): void {
    this.loop.add(this.fd, EPOLLIN, this);
  }

  private pause(errno: number): void {
    this.owner.onNote(`no connections are taken for the moment: accept4() failed (${errnoText(errno)})`);
    this.loop.remove(this.fd);
    this.loop.setTimer(this.timer, pauseAfterFailure);
  }

  private welcome(fd: number): void {
    const peer = endpointText(this.peer.host, this.peer.port);
    if (this.strangers.size >= mostStrangers) this.dropOldest();
    const line = awaitGreeting(this.loop, fd, purpose => {
      this.strangers.delete(fd);
      this.place(fd, peer, purpose);
    });
    this.strangers.set(fd, line);
  }

  /** A sender says at once what it wants: who has waited longest is none. */
  private dropOldest(): void {
    const [oldest] = this.strangers;
    const [fd, line] = oldest;
    line.stop();
    this.strangers.delete(fd);
    close(fd);
  }

  /** A connection has said what it is for. */
  private place(fd: number, peer: string, purpose: Purpose): void {
    let problem = '';
    if (purpose.is === 'control') problem = this.open(fd, peer);
    else if (purpose.is === 'data') problem = this.join(fd, purpose.token);
    else {
      problem = purpose.answer;
      this.owner.onNote(`${peer} is no zerocopy sender: ${purpose.note}`);
    }
    if (problem === '') return;
    refuse(fd, problem);
    close(fd);
  }

  private open(fd: number, peer: string): string {
    if (this.settings.once && this.hasBegun) return 'this receiver takes one transfer (--once), and that has begun';
    if (this.sessions.size >= mostSessions) return `there are ${mostSessions} sessions already: try again later`;
    this.hasBegun = true;
    agree(fd);
    watchPeer(fd, this.settings.timeout);
    const display = this.owner.display(this.sessions.size === 0);
    const session = new ReceiveSession(this.loop, fd, peer, this.settings, this.datagrams, display);
    this.sessions.set(session.token, session);
    const end = this.run(session).finally(() => this.ends.delete(end));
    this.ends.add(end);
    return '';
  }

  private join(fd: number, token: string): string {
    const session = this.sessions.get(token);
    if (session === undefined) return 'there is no such session';
    const problem = session.join(fd);
    if (problem === '') agree(fd);
    return problem;
  }

  private async run(session: ReceiveSession): Promise<void> {
    const { peer } = session;
    const end: SessionEnd = await session.run().then(
      report => ({ peer, report }),
      error => ({ peer, error }),
    );
    this.sessions.delete(session.token);
    this.owner.onSessionEnd(end);
  }
}

function listenFailure(errno: number, call: string, host: string, port: number): TransferError {
  const where = endpointText(host, port);
  return new TransferError(`cannot listen on ${where}: ${listenAdvice(errno, call, host, port)}`, 'network');
}

function listenAdvice(errno: number, call: string, host: string, port: number): string {
  if (errno === EADDRINUSE) {
    return `the port is busy: another program listens there; choose another one with --listen, or see whose it is: ss -ltnp "sport = :${port}"`;
  }
  if (errno === EADDRNOTAVAIL) return `${host} is no address of this machine; "ip address" lists those that are`;
  if (errno === EACCES) return 'only root may listen on ports below 1024: choose another one with --listen';
  return `${call}() failed (${errnoText(errno)})`;
}
