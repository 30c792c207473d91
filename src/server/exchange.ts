import { EPOLLERR, EPOLLHUP, EPOLLRDHUP } from '../../native/epoll.js';
import { normalizeHost } from '../http/host.js';
import {
  type Activity,
  type LogLevel,
  Outcome,
  type ReceivedBody,
  type TlsFacts,
  type Turns,
} from '../modules/module.js';
import type { PagesOwner } from '../output/pages.js';
import type { Transfer } from '../output/transfer.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { Job, ThreadPool } from '../threads/pool.js';
import { BodyReader } from './body-reader.js';
import { BodyReceiver } from './body-receiver.js';
import type { Connections } from './connections.js';
import { CryptJob } from './crypt-job.js';
import type { ErrorLogWriter } from './error-log.js';
import type { Files } from './files.js';
import type { Input } from './input.js';
import { PathLookup } from './path-lookup.js';
import type { Peer } from './peer.js';
import { refuse, resumePhases, runPhases } from './phases.js';
import { record } from './record.js';
import type { Host, HttpRequest } from './request.js';
import type { AddressRuntime, ServerRuntime } from './runtime.js';
import { overflowOf, Sender, type SenderOwner } from './sender.js';
import type { TextFiles } from './text-files.js';
import type { TlsConnection } from './tls-connection.js';
import { TurnWork } from './turns.js';
import { Waiting } from './waiting.js';

const interimResponse = 'HTTP/1.1 100 Continue\r\n\r\n';

/** The connection, as its exchange knows it. */
export interface ExchangeOwner extends PagesOwner {
  /** The response is ready to be sent. */
  onResponse(): void;
  /** The phases have got what they have waited for. */
  onResumed(): void;
  /** The body of the request is to be read. */
  onReceiving(): void;
  /** A turn of the loop is wanted. */
  post(): void;
  /** The phases wait for a while. */
  onDelay(milliseconds: number): void;
  close(): void;
}

/** How far a request has come. */
const Stage = {
  /** Its head is read. */
  Head: 0,
  /** The phases have it. */
  Phases: 1,
  /** Its response is on its way. */
  Response: 2,
} as const;
type Stage = (typeof Stage)[keyof typeof Stage];

/** One request and its response on a connection, from the first byte of the head to the log line; used for one after the other. */
export class Exchange implements Host, SenderOwner {
  /** Null between two requests. */
  request: HttpRequest | null = null;
  readonly body = new BodyReader();
  readonly sender: Sender;
  private stage: Stage = Stage.Head;
  /** What is to be done when the body is there. */
  private whenReceived: (() => Outcome) | null = null;
  /** For the phases. */
  readonly waiting = new Waiting();
  /** What they wait for, where that is done in turns. */
  private work: TurnWork | null = null;

  constructor(
    private readonly home: Connections,
    readonly client: Peer,
    private readonly address: AddressRuntime,
    private readonly secure: TlsConnection | null,
    private readonly owner: ExchangeOwner,
    fd: number,
  ) {
    this.sender = new Sender(home, fd, secure, this);
  }

  get transfer(): Transfer {
    return this.sender.transfer;
  }
  get files(): Files {
    return this.home.files;
  }
  get textFiles(): TextFiles {
    return this.home.textFiles;
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

  // The request

  /** The first bytes of a head are there. */
  begin(input: Input): HttpRequest {
    counters[Counter.requests] += 1;
    counters[Counter.reading] += 1;
    // a request that is never answered is logged too
    this.transfer.resetCounts();
    const request = this.home.takeRequest();
    request.begin(this, this.address.fallback);
    request.pipelined = input.hasUnparsed;
    request.parser.options = this.address.parserOptions;
    this.request = request;
    return request;
  }

  /** The head is whole: answers it. */
  answer(request: HttpRequest): void {
    this.beginAnswer();
    const { head } = request;
    const server = this.address.find(head.host);
    request.serverRuntime = server;
    request.locationRuntime = server.self;
    request.serverCaptures = this.address.names.captures;
    request.captures = request.serverCaptures;
    this.takeTarget(request);
    this.logIgnored(request);
    this.body.begin(head);
    const refusal = this.refusal(request, server);
    request.keepAlive = refusal === 0 && head.keepAlive && !this.home.isLeaving;
    if (refusal === 0) runPhases(request);
    else refuse(request, refusal);
  }

  /** The status for a head that its server does not take, or 0. */
  private refusal(request: HttpRequest, server: ServerRuntime): number {
    const { maxHeaders } = server.self.settings;
    if (request.head.size <= maxHeaders) return this.secure === null ? 0 : this.secure.refusal(request, server);
    request.head.keepLines(maxHeaders);
    request.log('info', 'client sent too many header lines while reading client request headers');
    return 494;
  }

  /** The head breaks the rules: answers that, and nothing that follows is to be trusted. */
  refuse(request: HttpRequest, status: number): void {
    this.beginAnswer();
    this.body.begin(null);
    this.chooseServer(request);
    this.takeTarget(request);
    this.logIgnored(request);
    request.log('info', request.parser.reason);
    refuse(request, status);
  }

  /** A head that has broken off. @returns where, in nginx's words: ` while reading client request …` */
  breakOff(request: HttpRequest, input: Input): string {
    const where = input.breakOff(request);
    this.takeTarget(request);
    return where;
  }

  /** A server that the head has named already speaks for it, whatever was wrong behind that; not where TLS has had it chosen. */
  private chooseServer(request: HttpRequest): void {
    const { head } = request;
    head.host ||= normalizeHost(head.hostHeader);
    if (head.host === '' || this.secure !== null) return;
    request.serverRuntime = this.address.find(head.host);
    request.locationRuntime = request.serverRuntime.self;
  }

  private takeTarget(request: HttpRequest): void {
    const { path, args } = request.head;
    request.uri = path;
    request.args = args;
    request.hasArgs = args !== '';
  }

  private logIgnored(request: HttpRequest): void {
    if (!request.parser.hasIgnored) return;
    for (const line of request.parser.ignoredLines(request.head)) {
      request.log('info', `client sent invalid header line: "${line}" while reading client request headers`);
    }
  }

  private beginAnswer(): void {
    this.client.requests += 1;
    counters[Counter.reading] -= 1;
    counters[Counter.writing] += 1;
    this.stage = Stage.Phases;
  }

  onPagesRead(): void {
    this.owner.onPagesRead();
  }

  // What the phases ask for

  resume(outcome: Outcome): void {
    if (this.stage !== Stage.Phases) return;
    resumePhases(this.request as HttpRequest, outcome);
    this.owner.onResumed();
  }

  /** As nginx, a client that has said all it has to say has left, when it is only time that passes. */
  resumeAfter(milliseconds: number, outcome: Outcome): void {
    this.waiting.begin(() => this.resume(outcome), EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    this.owner.onDelay(milliseconds);
  }

  lookUp(path: string, pool: string): boolean {
    const task = () => this.resume(Outcome.Next);
    return this.haveDone(new PathLookup(path, () => this.arrived(task)), this.home.pools.find(pool), task);
  }

  crypt(password: string, setting: string, done: (hash: string | number) => void): boolean {
    const task = () => done(job.hash);
    const job = new CryptJob(password, setting, () => this.arrived(task));
    return this.haveDone(job, this.home.cryptThreads, task);
  }

  private haveDone(job: Job, threads: ThreadPool, task: () => void): boolean {
    if (this.waiting.beginJob(job, threads, task, EPOLLHUP | EPOLLERR)) return true;
    this.log('error', overflowOf(threads));
    return false;
  }

  /** Its first step is done now. */
  inTurns(turns: Turns<Outcome>): Outcome {
    const pool = () => this.home.pools.find((this.request as HttpRequest).settings.aio?.pool ?? '');
    const goOn = () => {
      const outcome = this.stepOf(work, goOn);
      if (outcome >= 0) this.resume(outcome);
    };
    const work = new TurnWork(turns, () => this.arrived(goOn), pool);
    this.work = work;
    const outcome = this.stepOf(work, goOn);
    return outcome < 0 ? Outcome.Suspend : outcome;
  }

  /** -1 where there is more to be done. */
  private stepOf(work: TurnWork, goOn: () => void): Outcome {
    this.waiting.begin(goOn, EPOLLHUP | EPOLLERR);
    const step = work.step();
    if (step === -1) return -1;
    this.waiting.end();
    this.work = null;
    if (typeof step === 'number') return step;
    this.log('error', overflowOf(step));
    return 500;
  }

  receiveBody(done: (body: ReceivedBody) => Outcome): Outcome {
    const request = this.request as HttpRequest;
    const receiver = BodyReceiver.begin(request, this.body);
    if (receiver === null) return 500;
    request.bodyFile = receiver.body.path;
    if (!this.body.isPending) return done(receiver.body);
    if (request.head.expectContinue) this.sender.sendNow(interimResponse);
    this.whenReceived = () => {
      receiver.noteBroken();
      return this.body.status || done(receiver.body);
    };
    this.owner.onReceiving();
    return Outcome.Suspend;
  }

  /** The body is there, or cannot be had. */
  endReceiving(): void {
    const { body, whenReceived } = this;
    body.sink = null;
    this.whenReceived = null;
    if (whenReceived !== null) this.resume(whenReceived());
  }

  private arrived(task: () => void): void {
    if (this.waiting.arrive(task)) this.owner.post();
  }

  send(): void {
    const request = this.request as HttpRequest;
    const { body } = this;
    const waits =
      request.head.expectContinue && body.isPending && body.bytesRead === 0 && request.response.status < 300;
    this.sender.begin(request, waits ? interimResponse : '');
    this.stage = Stage.Response;
    this.owner.onResponse();
  }

  abandon(status: number): void {
    this.end(status);
    this.owner.close();
  }

  /** Log phase; then the request, its files and its buffers go back. `status` is what is logged where nothing was sent. */
  end(status: number): void {
    const { request } = this;
    if (request === null) return;
    if (status !== 0) request.response.status = status;
    if (!request.completed) this.secure?.abandon();
    counters[this.stage === Stage.Head ? Counter.reading : Counter.writing] -= 1;
    this.stage = Stage.Head;
    this.waiting.end();
    record(request, this.transfer);
    request.bodyBytesRead = this.body.bytesRead;
    const { logs } = request.locationRuntime;
    for (let i = 0; i < logs.length; i++) logs[i](request);
    this.request = null;
    this.whenReceived = null;
    this.work?.cancel();
    this.work = null;
    this.sender.end();
    request.end();
    this.home.giveBackRequest(request);
  }

  /** Of the request, or of the connection where there is none. */
  log(level: LogLevel, message: string): void {
    if (this.request !== null) this.request.log(level, message);
    else
      this.errorLog.write(
        this.address.fallback.self.settings,
        level,
        `*${this.client.serial} ${message}, client: ${this.client.remoteAddress}, server: ${this.address.listen.key}`,
      );
  }
}
