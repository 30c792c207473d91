import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../../native/epoll.js';
import { ECONNRESET, ENOTCONN, EPIPE, EPROTO, ETIMEDOUT } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { IPPROTO_TCP, SHUT_WR, setLingerReset, setOption, shutdown, TCP_NODELAY } from '../../native/socket.js';
import type { Settings } from '../conf/settings.js';
import type { EventHandler, Task } from '../event/loop.js';
import { Timer, type TimerOwner } from '../event/timers.js';
import { type Activity, type LogLevel, Outcome, type TlsFacts } from '../modules/module.js';
import { PageReader } from '../output/pages.js';
import { type Output, type Piece, Progress, queueOverflow, Transfer } from '../output/transfer.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { ThreadPool } from '../threads/pool.js';
import { BodyReader } from './body-reader.js';
import type { Connections } from './connections.js';
import type { ErrorLogWriter } from './error-log.js';
import type { Files } from './files.js';
import { Input, Received } from './input.js';
import { PathLookup } from './path-lookup.js';
import { Peer } from './peer.js';
import { refuse, resumePhases, runPhases } from './phases.js';
import { record } from './record.js';
import type { Host, HttpRequest } from './request.js';
import type { AddressRuntime } from './runtime.js';
import { Step, TlsConnection } from './tls-connection.js';

/** What a connection is doing. */
const State = {
  /** Waiting for a request, or for the rest of its head. */
  Reading: 0,
  /** The phases have the request. */
  Answering: 1,
  /** The response is on its way. */
  Sending: 2,
  /** The response is sent, and the body of its request still comes: it is read to its end before the next request. */
  Discarding: 3,
  /** The handshake of TLS is under way. */
  Handshaking: 6,
  /** Said goodbye. What still comes is read and dropped, or the client might not get to see the response (lingering_close). */
  Lingering: 4,
  Closed: 5,
} as const;
type State = (typeof State)[keyof typeof State];

const watched = EPOLLIN | EPOLLRDHUP | EPOLLET;

/** Pipelined requests that are answered before other connections have their turn. */
const requestsPerTurn = 16;

const noPieces: readonly Piece[] = [];
const interimResponse = 'HTTP/1.1 100 Continue\r\n\r\n';

/** One client's connection: reads requests, has them answered, and sends the responses. */
export class Connection implements EventHandler, TimerOwner, Task, Host {
  readonly client: Peer;
  readonly transfer: Transfer;
  /** Its place in the list of idle connections. */
  previousIdle: Connection | null = null;
  nextIdle: Connection | null = null;
  isIdle = false;

  private state: State = State.Reading;
  private request: HttpRequest | null = null;
  private readonly input: Input;
  private readonly body = new BodyReader();
  /** Null at a port for plain HTTP. */
  private readonly secure: TlsConnection | null;
  private output: Output | null = null;
  /** For locations with `aio threads`; kept from one to the next. */
  private pages: PageReader | null = null;
  private readonly timer = new Timer(this);
  private watchesOutput = false;
  private noDelay = false;
  private isPosted = false;
  /** A thread has looked up the path that the phases wait for. */
  private isLookedUp = false;
  /** What the phases are told when their delay is over; -1 where there is none. */
  private delayedOutcome: Outcome = -1;
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
    this.client = new Peer(fd, home.nextSerial(), home.loop.wallClock, remoteAddress, remotePort);
    this.transfer = new Transfer(fd);
    this.secure = address.listen.ssl ? new TlsConnection(fd, address, home.bufferedOutput.pool) : null;
    this.input = new Input(fd, home.inputBlock, home.inputBuffers, this.defaults);
  }

  get files(): Files {
    return this.home.files;
  }
  get errorLog(): ErrorLogWriter {
    return this.home.errorLog;
  }
  get tls(): TlsFacts | null {
    return this.secure?.session ?? null;
  }
  get activity(): Activity {
    return this.home.activity;
  }
  get prefix(): string {
    return this.home.prefix;
  }
  get now(): number {
    return this.home.loop.now;
  }
  get wallClock(): number {
    return this.home.loop.wallClock;
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
    if (this.secure !== null) {
      this.state = State.Handshaking;
      // each record is written by itself, and none is to wait for the answer to the one before
      this.setNoDelay(this.defaults);
    }
    if (ready) this.goOn();
  }

  onEvent(mask: number): void {
    this.input.onEvent(mask);
    if (this.secure?.session?.readWantsWrite && (mask & EPOLLOUT) !== 0) this.input.isReadable = true;
    if (this.state === State.Sending) {
      if (this.input.isReadable && this.body.isPending) this.discard();
      if (this.transfer.pages?.isBusy) {
        if ((mask & (EPOLLHUP | EPOLLERR)) !== 0) this.hasLeftMeanwhile();
        return;
      }
      if ((mask & (EPOLLOUT | EPOLLHUP | EPOLLERR)) === 0 || this.isPosted) return;
    }
    if (this.delayedOutcome >= 0 && (mask & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) !== 0) this.leftInDelay();
    else this.goOn();
  }

  /** Its turn has come again, after it had used up its share of the last one. */
  onTurn(): void {
    this.isPosted = false;
    if (this.isLookedUp) {
      this.isLookedUp = false;
      this.resume(Outcome.Next);
    } else this.goOn();
  }

  onTimer(): void {
    switch (this.state) {
      case State.Reading:
        if (this.request !== null) this.timedOut('while reading client request headers', 408);
        else this.close();
        return;
      case State.Sending:
        this.timedOut('while sending response to client', 0);
        return;
      case State.Answering:
        this.resume(this.delayedOutcome);
        return;
      case State.Handshaking:
        this.log('info', `client timed out (${this.errorLog.describe(ETIMEDOUT)}) while SSL handshaking`);
        this.close();
        return;
      default:
        this.close();
    }
  }

  /** A bug threw: the connection goes, the worker stays. */
  onFault(): void {
    try {
      this.endRequest(500);
    } finally {
      this.close();
    }
  }

  /**
   * The worker is leaving. An idle client may be sending its next request just now, and closing would cut it off: it gets
   * a moment for it, and the answer will say "close".
   */
  leave(grace: number): void {
    this.setTimer(grace);
  }

  resume(outcome: Outcome): void {
    if (this.state !== State.Answering) return;
    this.delayedOutcome = -1;
    resumePhases(this.request as HttpRequest, outcome);
    this.goOn();
  }

  resumeAfter(milliseconds: number, outcome: Outcome): void {
    this.delayedOutcome = outcome;
    this.setTimer(milliseconds);
  }

  private leftInDelay(): void {
    this.log('info', 'client prematurely closed connection');
    this.endRequest(499);
    this.close();
  }

  lookUp(path: string, pool: string): boolean {
    const threads = this.home.pools.find(pool);
    const lookup = new PathLookup(path, () => {
      this.isLookedUp = true;
      this.post();
    });
    if (threads.submit(lookup)) return true;
    this.logOverflow(threads);
    return false;
  }

  private logOverflow({ name, waiting }: ThreadPool): void {
    this.log('error', `thread pool "${name}" queue overflow: ${waiting} tasks waiting`);
  }

  /** The response is complete: head and body go out. The phases call it. */
  send(): void {
    const request = this.request as HttpRequest;
    const { locationRuntime, head, response } = request;
    const waits = head.expectContinue && this.body.isPending && this.body.bytesRead === 0 && response.status < 300;
    const text = waits ? interimResponse + request.headText : request.headText;
    const pieces = head.method === 'HEAD' ? noPieces : (response.body as readonly Piece[]);
    this.output =
      this.secure?.output ?? (locationRuntime.settings.sendfile ? this.home.sendfileOutput : this.home.bufferedOutput);
    request.headLength = text.length;
    this.transfer.pages = this.pagesOf(locationRuntime.settings.aio);
    this.transfer.begin(text, pieces, locationRuntime.limits);
    this.state = State.Sending;
    this.continueSending();
  }

  /** Who reads in files for a location with this setting of `aio`. */
  private pagesOf(aio: Settings['aio']): PageReader | null {
    if (aio === null) return null;
    const { pages } = this;
    if (pages !== null && pages.pool.name === aio.pool) return pages;
    this.pages = new PageReader(this.home.pools.find(aio.pool), this);
    return this.pages;
  }

  abandon(): void {
    this.endRequest(444);
    this.close();
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
    if (this.state === State.Handshaking) this.handshake(this.secure as TlsConnection);
    if (this.state === State.Sending) this.continueSending();
    if (this.state === State.Discarding || this.state === State.Lingering) this.discard();
    if (this.state === State.Reading) this.readRequests();
  }

  /** The response is sent, and its request is not read to its end. */
  private get hasBodyLeft(): boolean {
    return this.state === State.Discarding;
  }

  // TLS

  private handshake(secure: TlsConnection): void {
    switch (secure.shakeHands()) {
      case Step.Ready:
        this.transfer.secured = secure.counter;
        if (secure.remark !== '') this.log('notice', secure.remark);
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
        if (secure.complaint !== '') this.log('info', `${secure.complaint} while SSL handshaking`);
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
      if (!this.input.hasUnparsed && !this.receive()) return;
      this.parse();
      if (this.hasBodyLeft) this.discard();
    }
  }

  /** Whether there are bytes to parse. */
  private receive(): boolean {
    const received = this.input.receive();
    if (this.secure?.session?.readWantsWrite) this.watchOutput();
    if (received === Received.Nothing && this.request === null) this.home.addIdle(this);
    else if (received === Received.End) this.clientHasGone();
    return received === Received.Bytes;
  }

  private clientHasGone(): void {
    const { error } = this.input;
    const doing = this.request === null ? 'while waiting for request' : 'while reading client request headers';
    if (error !== 0) this.log('info', `${this.failureOf('recv', error)} ${doing}`);
    else if (this.request !== null) this.log('info', `client prematurely closed connection ${doing}`);
    this.endRequest(400);
    this.close();
  }

  private parse(): void {
    const request = this.request ?? this.startRequest();
    const next = this.input.parse(request);
    if (next > 0) this.handle(request);
    else if (next < 0) this.refuseHead(request, -next);
    else this.home.loop.timers.set(this.timer, this.headDeadline);
  }

  private startRequest(): HttpRequest {
    this.home.removeIdle(this);
    counters[Counter.requests] += 1;
    counters[Counter.reading] += 1;
    // a request that is never answered is logged too
    this.transfer.resetCounts();
    const request = this.home.takeRequest();
    const settings = this.defaults;
    request.begin(this, this.address.fallback);
    request.pipelined = this.input.hasUnparsed;
    const { options } = request.parser;
    options.mergeSlashes = settings.mergeSlashes;
    options.ignoreInvalidHeaders = settings.ignoreInvalidHeaders;
    options.underscoresInHeaders = settings.underscoresInHeaders;
    options.maxLine = settings.largeClientHeaderBuffers.size;
    options.maxHead = this.input.headLimit;
    this.headDeadline = this.now + settings.clientHeaderTimeout;
    this.request = request;
    return request;
  }

  // Answering

  private handle(request: HttpRequest): void {
    this.beginAnswer();
    const { head } = request;
    const server = this.address.find(head.host);
    request.serverRuntime = server;
    request.locationRuntime = server.self;
    request.serverCaptures = this.address.names.captures;
    request.captures = request.serverCaptures;
    request.uri = head.path;
    request.args = head.args;
    this.body.begin(head);
    const refusal = this.secure === null ? 0 : this.secure.refusal(request, server);
    request.keepAlive = refusal === 0 && this.mayKeepAlive(request);
    if (refusal === 0) runPhases(request);
    else refuse(request, refusal);
  }

  /** The head breaks the rules: answer it, and trust nothing that follows. */
  private refuseHead(request: HttpRequest, status: number): void {
    this.beginAnswer();
    this.body.begin(null);
    this.input.isReadable = true;
    request.log('info', request.parser.reason);
    refuse(request, status);
  }

  private beginAnswer(): void {
    this.client.requests += 1;
    this.home.loop.timers.clear(this.timer);
    counters[Counter.reading] -= 1;
    counters[Counter.writing] += 1;
    this.state = State.Answering;
  }

  private mayKeepAlive(request: HttpRequest): boolean {
    const { keepaliveTimeout, keepaliveRequests, keepaliveTime } = request.settings;
    return (
      request.head.keepAlive &&
      !this.home.isLeaving &&
      keepaliveTimeout.timeout > 0 &&
      this.client.requests < keepaliveRequests &&
      this.wallClock - this.client.acceptedAt < keepaliveTime
    );
  }

  private continueSending(): void {
    if (this.transfer.pages?.isBusy) return;
    switch ((this.output as Output).send(this.transfer)) {
      case Progress.Done:
        this.finish();
        return;
      case Progress.Full:
        this.waitForRoom();
        return;
      case Progress.Share:
        this.post();
        return;
      case Progress.Waiting:
        // it is the disk that takes its time now, and not the client
        this.home.loop.timers.clear(this.timer);
        return;
      default:
        this.sendingFailed();
    }
  }

  /** A thread has read in what comes next: on with the response, in a turn of the loop. */
  onPagesRead(): void {
    this.post();
  }

  /** The client has gone while a thread reads for it. The thread is left to it: nobody waits for what it reads. */
  private hasLeftMeanwhile(): void {
    this.log('info', 'client prematurely closed connection while reading a file for it');
    this.endRequest(0);
    this.close();
  }

  private waitForRoom(): void {
    this.watchOutput();
    this.setTimer((this.request as HttpRequest).settings.sendTimeout);
  }

  private watchOutput(): void {
    if (this.watchesOutput) return;
    this.watchesOutput = true;
    this.home.loop.modify(this.fd, watched | EPOLLOUT);
  }

  /** The client has gone, or the file does not hold what the head has promised. */
  private sendingFailed(): void {
    const { failedCall, error, file, fileOffset, pages } = this.transfer;
    if (failedCall === queueOverflow && pages !== null) {
      this.logOverflow(pages.pool);
      this.endRequest(0);
      this.close();
      return;
    }
    const gone = [EPIPE, ECONNRESET, ENOTCONN, ETIMEDOUT, EPROTO].includes(error);
    const what =
      error === 0
        ? `${failedCall}() reported that "${file?.path}" was truncated at ${fileOffset}`
        : this.failureOf(failedCall, error);
    this.log(error === 0 ? 'alert' : gone ? 'info' : 'crit', `${what} while sending response to client`);
    this.endRequest(0);
    this.close();
  }

  /** In OpenSSL's words where it was TLS that failed. */
  private failureOf(call: string, error: number): string {
    const errno = this.errorLog.describe(error);
    if (error !== EPROTO) return `${call}() failed (${errno})`;
    return `${call === 'recv' ? 'SSL_read' : call}() failed (SSL: ${this.secure?.failure || errno})`;
  }

  /** All is sent: the log line, and then what comes next on this connection. */
  private finish(): void {
    const request = this.request as HttpRequest;
    const { settings, keepAlive } = request;
    this.home.loop.timers.clear(this.timer);
    this.idleTimeout = settings.keepaliveTimeout.timeout;
    this.lingeringTimeout = settings.lingeringTimeout;
    this.lingerEnd = this.now + settings.lingeringTime;
    request.completed = true;
    this.endRequest(0);
    if (!keepAlive || this.body.isBroken) {
      this.sayGoodbye(settings.lingeringClose);
      return;
    }
    this.setNoDelay(settings);
    if (this.body.isPending) {
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

  /** Log phase; then the request, its files and its buffers go back. `status` is what is logged where nothing was sent. */
  private endRequest(status: number): void {
    const { request, transfer } = this;
    if (request === null) return;
    if (status !== 0) request.response.status = status;
    if (!request.completed) this.secure?.abandon();
    counters[this.state === State.Reading ? Counter.reading : Counter.writing] -= 1;
    record(request, transfer);
    request.bodyBytesRead = this.body.bytesRead;
    const { logs } = request.locationRuntime;
    for (let i = 0; i < logs.length; i++) logs[i](request);
    this.request = null;
    transfer.pages?.cancel();
    transfer.end();
    if (transfer.buffers !== null) this.home.bufferedOutput.pool.giveBack(transfer.buffers);
    transfer.buffers = null;
    request.end();
    this.home.giveBackRequest(request);
  }

  // Reading what nobody needs, and the end

  private sayGoodbye(lingeringClose: Settings['lingeringClose']): void {
    const moreMayCome = this.body.isPending || this.body.isBroken || this.input.hasUnparsed || this.input.isReadable;
    if (lingeringClose === 'off' || (lingeringClose === 'on' && !moreMayCome)) {
      this.close();
      return;
    }
    this.state = State.Lingering;
    this.input.drop();
    this.body.dropAll();
    this.secure?.close();
    // what comes now is dropped unread
    this.input.source = null;
    shutdown(this.fd, SHUT_WR);
    this.discard();
  }

  /** Reads and drops the body of a request, or, when lingering, whatever comes. */
  private discard(): void {
    if (this.input.discard(this.body)) this.discarded();
    else this.post();
  }

  /** Where that leaves the connection. While a response is sent, that comes first. */
  private discarded(): void {
    if (this.state === State.Sending) return;
    if (this.body.isBroken || this.now >= this.lingerEnd) this.close();
    else if (this.body.isPending) this.setTimer(Math.min(this.lingeringTimeout, this.lingerEnd - this.now));
    else this.startReading();
  }

  private timedOut(doing: string, status: number): void {
    this.log('info', `client timed out (${this.errorLog.describe(ETIMEDOUT)}) ${doing}`);
    const { resetTimedoutConnection } = (this.request as HttpRequest).settings;
    if (resetTimedoutConnection) setLingerReset(this.fd);
    this.endRequest(status);
    this.close();
  }

  private post(): void {
    if (this.isPosted) return;
    this.isPosted = true;
    this.home.loop.post(this);
  }

  private setTimer(milliseconds: number): void {
    this.home.loop.setTimer(this.timer, milliseconds);
  }

  private log(level: LogLevel, message: string): void {
    if (this.request !== null) this.request.log(level, message);
    else
      this.errorLog.write(
        this.defaults,
        level,
        `*${this.client.serial} ${message}, client: ${this.client.remoteAddress}, server: ${this.address.listen.key}`,
      );
  }
}
