import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../../native/epoll.js';
import { ETIMEDOUT } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { IPPROTO_TCP, SHUT_WR, setLingerReset, setOption, shutdown, TCP_NODELAY } from '../../native/socket.js';
import type { Settings } from '../conf/settings.js';
import type { EventHandler, Task } from '../event/loop.js';
import { Timer, type TimerOwner } from '../event/timers.js';
import type { LogLevel } from '../modules/module.js';
import { Progress } from '../output/transfer.js';
import type { Connections } from './connections.js';
import { Exchange, type ExchangeOwner } from './exchange.js';
import { Input, Received } from './input.js';
import { Peer } from './peer.js';
import { closedConnection, readProxyHeader } from './proxy-header.js';
import type { HttpRequest } from './request.js';
import type { AddressRuntime } from './runtime.js';
import { Step, TlsConnection } from './tls-connection.js';

/** What a connection is doing. */
const State = {
  /** Waiting for a request, or for the rest of its head. */
  Reading: 0,
  /** The phases have the request. */
  Answering: 1,
  /** The phases want the body of the request, which is read. */
  Receiving: 7,
  /** The response is on its way. */
  Sending: 2,
  /** The response is sent, and the body of its request still comes: it is read to its end before the next request. */
  Discarding: 3,
  /** The handshake of TLS is under way. */
  Handshaking: 6,
  /** Said goodbye. What still comes is read and dropped, or the client might not get to see the response (lingering_close). */
  Lingering: 4,
  Closed: 5,
  /** The proxy at the other end is to say who its client is (`listen … proxy_protocol`). */
  Introducing: 8,
} as const;
type State = (typeof State)[keyof typeof State];

const watched = EPOLLIN | EPOLLRDHUP | EPOLLET;

/** Pipelined requests that are answered before other connections have their turn. */
const requestsPerTurn = 16;

/** One client's connection: reads requests, has them answered, and sends the responses. */
export class Connection implements EventHandler, TimerOwner, Task, ExchangeOwner {
  /** Its place in the list of idle connections. */
  previousIdle: Connection | null = null;
  nextIdle: Connection | null = null;
  isIdle = false;

  private state: State = State.Reading;
  private readonly peer: Peer;
  private readonly input: Input;
  /** The request in hand; what is left of its body when it is answered. */
  private readonly exchange: Exchange;
  /** Null at a port for plain HTTP. */
  private readonly secure: TlsConnection | null;
  private readonly timer = new Timer(this);
  private watchesOutput = false;
  private noDelay = false;
  private hasEndedOutput = false;
  private isPosted = false;
  /** The response has been as fast as it may be, and waits (`limit_rate`). */
  private isPaced = false;
  /** Of the present request's location. */
  private idleTimeout = 0;
  private lingeringTimeout = 0;
  /** On the loop's clock: when the head has to be complete, and when reading and dropping has to end. */
  private headDeadline = 0;
  private lingerEnd = 0;

  constructor(
    private readonly home: Connections,
    readonly fd: number,
    private readonly address: AddressRuntime,
    remoteAddress: string,
    remotePort: number,
  ) {
    this.peer = new Peer(fd, home.nextSerial(), home.loop.wallClock, remoteAddress, remotePort);
    this.secure = address.listen.ssl ? new TlsConnection(fd, address, home.bufferedOutput.pool) : null;
    this.input = new Input(fd, home.inputBlock, home.turnInput, home.inputBuffers, this.defaults);
    this.exchange = new Exchange(home, this.peer, address, this.secure, this, fd);
  }

  /** Of the address's default server: what holds until a request has named its own. */
  private get defaults(): Settings {
    return this.address.fallback.self.settings;
  }

  /** Begins to wait for the first request. `ready`: the kernel has its first bytes already (`listen … deferred`). */
  open(ready: boolean): void {
    if (this.home.loop.add(this.fd, watched, this) < 0) {
      this.close();
      return;
    }
    this.input.isReadable = ready;
    this.home.addIdle(this);
    this.setTimer(this.defaults.clientHeaderTimeout);
    if (this.address.listen.proxyProtocol) this.state = State.Introducing;
    else this.begin();
    if (ready) this.goOn();
  }

  private begin(): void {
    this.state = this.secure === null ? State.Reading : State.Handshaking;
    // each record is written by itself, and none is to wait for the answer to the one before
    if (this.secure !== null) this.setNoDelay(this.defaults);
  }

  onEvent(mask: number): void {
    this.input.onEvent(mask);
    if (this.secure?.session?.readWantsWrite && (mask & EPOLLOUT) !== 0) this.input.isReadable = true;
    if (this.state === State.Sending) {
      if (this.input.isReadable && this.exchange.body.isPending) this.discard();
      if (this.exchange.sender.waitsForDisk) {
        if ((mask & (EPOLLHUP | EPOLLERR)) !== 0) this.hasLeftMeanwhile('while reading a file for it');
        return;
      }
      if ((mask & (EPOLLOUT | EPOLLHUP | EPOLLERR)) === 0 || this.isPosted) return;
      if (this.isPaced) {
        if ((mask & (EPOLLHUP | EPOLLERR)) !== 0) this.hasLeftMeanwhile('while sending response to client');
        return;
      }
      // the small wishes of others come first
      if (this.home.loop.isCrowded) {
        this.post();
        return;
      }
    }
    if (this.exchange.waiting.isGivenUp(mask)) this.giveUp('info', 'client prematurely closed connection', 499);
    else this.goOn();
  }

  /** Its turn has come again, after it had used up its share of the last one. */
  onTurn(): void {
    this.isPosted = false;
    if (!this.exchange.waiting.takeUp()) this.goOn();
  }

  onTimer(): void {
    switch (this.state) {
      case State.Reading:
        this.headIsLate();
        return;
      case State.Sending:
        if (this.isPaced) this.goOn();
        else this.timedOut(' while sending response to client', 0);
        return;
      case State.Receiving:
        this.timedOut(' while reading client request body', 408);
        return;
      case State.Answering:
        this.exchange.waiting.timeIsUp();
        return;
      case State.Introducing:
        this.giveUp('info', `${this.timeout} while reading PROXY protocol`);
        return;
      case State.Handshaking:
        this.giveUp('info', `${this.timeout} while SSL handshaking`);
        return;
      default:
        this.close();
    }
  }

  /** A bug threw: the connection goes, the worker stays. */
  onFault(): void {
    try {
      this.exchange.end(500);
    } finally {
      this.close();
    }
  }

  /**
   * The worker is leaving. An idle client may be sending its next request just now, and closing would cut it off: it gets
   * a moment for it, and the answer will say "close".
   */
  leave(grace: number): void {
    this.setTimer(Math.max(grace, this.defaults.keepaliveMinTimeout));
  }

  onResponse(): void {
    this.state = State.Sending;
    this.continueSending();
  }

  onReceiving(): void {
    this.state = State.Receiving;
    this.post();
  }

  /** Reads on in the body of the request, which goes where the phases want it. */
  private receiveBody(): void {
    const { body } = this.exchange;
    const isRead = this.input.discard(body);
    if (body.isPending) {
      if (!isRead) this.post();
      this.setTimer((this.exchange.request as HttpRequest).settings.clientBodyTimeout);
    } else if (body.isBroken && body.status === 0) {
      this.giveUp('info', 'client prematurely closed connection', 400);
    } else {
      this.home.loop.timers.clear(this.timer);
      this.state = State.Answering;
      this.exchange.endReceiving();
    }
  }

  onResumed(): void {
    this.goOn();
  }

  onDelay(milliseconds: number): void {
    this.setTimer(milliseconds);
  }

  post(): void {
    if (this.isPosted) return;
    this.isPosted = true;
    this.home.loop.post(this);
  }

  close(): void {
    if (this.state === State.Closed) return;
    this.state = State.Closed;
    this.input.drop();
    this.home.loop.timers.remove(this.timer);
    this.home.loop.forget(this.fd);
    this.secure?.close();
    this.secure?.free();
    close(this.fd);
    this.home.closed(this);
  }

  /** On with what is to be done now. */
  private goOn(): void {
    if (this.state === State.Introducing) this.introduce();
    if (this.state === State.Handshaking) this.handshake(this.secure as TlsConnection);
    if (this.state === State.Receiving) {
      this.receiveBody();
      return;
    }
    if (this.state === State.Sending) this.continueSending();
    if (this.state === State.Discarding || this.state === State.Lingering) this.discard();
    if (this.state === State.Reading) this.readRequests();
  }

  /** The response is sent, and its request is not read to its end. */
  private get hasBodyLeft(): boolean {
    return this.state === State.Discarding;
  }

  private introduce(): void {
    const answer = readProxyHeader(this.fd, this.home.inputBlock, this.input.hasHungUp);
    if (answer === 'more') return;
    if (typeof answer === 'string') {
      const level = answer === closedConnection ? 'info' : 'error';
      this.giveUp(level, `${answer} while reading PROXY protocol`);
      return;
    }
    this.peer.proxy = answer.header;
    this.input.isReadable = true;
    this.begin();
  }

  // TLS

  private handshake(secure: TlsConnection): void {
    switch (secure.shakeHands(this.exchange)) {
      case Step.Ready:
        this.exchange.transfer.secured = secure.counter;
        if (secure.remark !== '') this.exchange.log('notice', secure.remark);
        this.input.source = secure.session;
        this.input.isReadable = true;
        this.state = State.Reading;
        this.setTimer(this.home.isLeaving ? this.home.leavingGrace : this.defaults.clientHeaderTimeout);
        return;
      case Step.Reads:
        return;
      case Step.Writes:
        this.watchOutput();
        return;
      default:
        if (secure.fault !== '') this.exchange.log('error', `${secure.fault} while SSL handshaking`);
        if (secure.complaint !== '') this.exchange.log('info', `${secure.complaint} while SSL handshaking`);
        this.close();
    }
  }

  // Reading requests

  private readRequests(): void {
    let left = requestsPerTurn;
    while (this.state === State.Reading) {
      if (left-- === 0) {
        this.post();
        return;
      }
      if (!this.input.hasUnparsed && !this.input.isHeld && !this.receive()) return;
      this.parse();
      if (this.hasBodyLeft) this.discard();
    }
  }

  /** Whether there are bytes to parse. */
  private receive(): boolean {
    const received = this.input.receive();
    if (this.secure?.session?.readWantsWrite) this.watchOutput();
    if (received === Received.Nothing && this.exchange.request === null) this.home.addIdle(this);
    else if (received === Received.End) this.clientHasGone();
    if (this.input.isHeld) this.answerWithOthers();
    return received === Received.Bytes && !this.input.isHeld;
  }

  /** Others have asked for something, too: their requests are read first. */
  private answerWithOthers(): void {
    // it is not closed meanwhile to make room for a new one
    this.home.removeIdle(this);
    this.isPosted = true;
    this.home.loop.secondHalf(this);
  }

  private clientHasGone(): void {
    const { error } = this.input;
    const { request, sender } = this.exchange;
    const doing = request === null ? ' while waiting for request' : this.exchange.breakOff(request, this.input);
    if (error !== 0) this.giveUp('info', `${sender.failureOf('recv', error)}${doing}`, 400);
    else if (request !== null) this.giveUp('info', `client prematurely closed connection${doing}`, 400);
    else this.close();
  }

  private parse(): void {
    const request = this.exchange.request ?? this.beginRequest();
    const next = this.input.parse(request);
    if (next === 0) {
      this.home.loop.timers.set(this.timer, this.headDeadline);
      return;
    }
    this.home.loop.timers.clear(this.timer);
    this.state = State.Answering;
    request.arrival = this.input.arrival;
    if (next > 0) this.exchange.answer(request);
    else {
      // its body may be anything
      this.input.isReadable = true;
      this.exchange.refuse(request, -next);
    }
  }

  private beginRequest(): HttpRequest {
    this.home.removeIdle(this);
    this.headDeadline = this.home.loop.now + this.defaults.clientHeaderTimeout;
    return this.exchange.begin(this.input);
  }

  // Sending the response

  private continueSending(): void {
    const { sender } = this.exchange;
    if (sender.waitsForDisk) return;
    this.isPaced = false;
    switch (sender.send()) {
      case Progress.Done:
        this.finish();
        return;
      case Progress.Full:
        this.waitForRoom();
        return;
      case Progress.Share:
        this.post();
        return;
      case Progress.Early:
        this.isPaced = true;
        this.setTimer(sender.delay);
        return;
      case Progress.Waiting:
        // it is the disk that takes its time now, and not the client
        this.home.loop.timers.clear(this.timer);
        return;
      default:
        this.giveUp(sender.failureLevel, sender.failure);
    }
  }

  /** A thread has read in what comes next: on with the response, in a turn of the loop. */
  onPagesRead(): void {
    this.post();
  }

  /** The client has gone while nothing was to be sent. A thread that reads for it is left to it: nobody waits for what it reads. */
  private hasLeftMeanwhile(doing: string): void {
    this.giveUp('info', `client prematurely closed connection ${doing}`);
  }

  private waitForRoom(): void {
    this.watchOutput();
    this.setTimer((this.exchange.request as HttpRequest).settings.sendTimeout);
  }

  private watchOutput(): void {
    if (this.watchesOutput) return;
    this.watchesOutput = true;
    this.home.loop.modify(this.fd, watched | EPOLLOUT);
  }

  /** All is sent: the log line, and then what comes next on this connection. */
  private finish(): void {
    const request = this.exchange.request as HttpRequest;
    const { settings, keepAlive } = request;
    this.home.loop.timers.clear(this.timer);
    this.idleTimeout = settings.keepaliveTimeout.timeout;
    this.lingeringTimeout = settings.lingeringTimeout;
    this.lingerEnd = this.home.loop.now + settings.lingeringTime;
    request.completed = true;
    this.exchange.end(0);
    if (!keepAlive || this.exchange.body.isBroken) {
      this.sayGoodbye(settings.lingeringClose);
      return;
    }
    this.setNoDelay(settings);
    if (this.exchange.body.isPending) {
      this.state = State.Discarding;
      this.setTimer(this.lingeringTimeout);
    } else {
      this.startReading();
    }
  }

  private setNoDelay({ tcpNodelay }: Settings): void {
    if (!tcpNodelay || this.noDelay || this.address.listen.family === 'unix') return;
    this.noDelay = true;
    setOption(this.fd, IPPROTO_TCP, TCP_NODELAY, 1);
  }

  private startReading(): void {
    this.state = State.Reading;
    this.setTimer(this.home.isLeaving ? this.home.leavingGrace : this.idleTimeout);
  }

  // Reading what nobody needs, and the end

  private sayGoodbye(lingeringClose: Settings['lingeringClose']): void {
    const { exchange, input } = this;
    const moreMayCome =
      exchange.body.isPending || exchange.body.isBroken || input.hasUnparsed || this.isEarly || input.hasUnread;
    if (lingeringClose === 'off' || (lingeringClose === 'on' && !moreMayCome)) {
      this.close();
      return;
    }
    this.state = State.Lingering;
    this.input.drop();
    this.exchange.body.dropAll();
    this.endOutput();
    this.discard();
  }

  /** Tells the client, once, that nothing more comes: where its request was early data, when the handshake is done. */
  private endOutput(): void {
    if (this.hasEndedOutput || this.isEarly) return;
    this.hasEndedOutput = true;
    this.secure?.close();
    // what comes now is dropped unread
    this.input.source = null;
    shutdown(this.fd, SHUT_WR);
  }

  private get isEarly(): boolean {
    return this.secure?.session?.isEarly ?? false;
  }

  /** Reads and drops the body of a request, or, when lingering, whatever comes. */
  private discard(): void {
    const isRead = this.input.discard(this.exchange.body);
    if (this.state === State.Lingering) this.endOutput();
    if (isRead) this.discarded();
    else this.post();
  }

  /** Where that leaves the connection. While a response is sent, that comes first. */
  private discarded(): void {
    if (this.state === State.Sending) return;
    const { body } = this.exchange;
    const left = this.lingerEnd - this.home.loop.now;
    if (body.isBroken || left <= 0) this.close();
    else if (body.isPending) this.setTimer(Math.min(this.lingeringTimeout, left));
    else this.startReading();
  }

  private get timeout(): string {
    return `client timed out (${this.home.errorLog.describe(ETIMEDOUT)})`;
  }

  private headIsLate(): void {
    const { request } = this.exchange;
    if (request === null) this.close();
    else this.timedOut(this.exchange.breakOff(request, this.input), 408);
  }

  private timedOut(doing: string, status: number): void {
    const { resetTimedoutConnection } = (this.exchange.request as HttpRequest).settings;
    if (resetTimedoutConnection) setLingerReset(this.fd);
    this.giveUp('info', `${this.timeout}${doing}`, status);
  }

  /** Closes it before its time. `status` is what is logged of the request in hand where nothing was sent. */
  private giveUp(level: LogLevel, message: string, status = 0): void {
    this.exchange.log(level, message);
    this.exchange.end(status);
    this.close();
  }

  private setTimer(milliseconds: number): void {
    this.home.loop.setTimer(this.timer, milliseconds);
  }
}
