import { EPOLLERR, EPOLLET, EPOLLOUT } from '../../../native/epoll.js';
import { check, EAGAIN } from '../../../native/errno.js';
import { close, FileStatus, statFd } from '../../../native/file.js';
import type { SocketAddress } from '../../../native/sockaddr.js';
import {
  connect,
  getOption,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  socket,
} from '../../../native/socket.js';
import { Deferred } from '../../event/deferred.js';
import type { EventHandler } from '../../event/loop.js';
import type { OutgoingFile, PlaneDetails, PlaneHost, SendingPlane } from '../data-plane.js';
import { isSoft, SoftErrors, TransferError } from '../failure.js';
import { Pacer } from '../pacer.js';
import type { CallCounts } from '../paths/path.js';
import type { Range } from '../ranges.js';
import { setBufferSizes } from '../session/socket-options.js';
import { CopyingSource } from './copying-source.js';
import { datagramFailure } from './datagram-failure.js';
import type { DatagramSettings, DatagramSource } from './datagram-source.js';
import { headerSize, type ShortToken, shortToken } from './header.js';
import { Pause } from './pause.js';
import { largestByPages, SendfileSource } from './sendfile-source.js';

export interface UdpSendSettings {
  /** Header and payload of a datagram, in bytes (see `datagramSizes`). */
  readonly datagramSize: number;
  /** sendfile, two calls a datagram; else pread and sendmmsg. */
  readonly zeroCopy: boolean;
  /** Many datagrams as one message that the kernel cuts; not with `zeroCopy`. */
  readonly gso: boolean;
  /** Bytes of the files in a second; 0: as fast as the kernel takes them. */
  readonly rate: number;
  readonly blockSize: number;
  readonly fixedOffset: boolean;
  /** SO_SNDBUF in bytes; 0: the kernel's. */
  readonly sndbuf: number;
}

/** What goes at once is what the rate gives in this time (ms), and a datagram at least. */
const burstTime = 0.25;
/** After a late turn of the loop, so many bursts go at once at most. */
const mostBursts = 8;
/** Bytes after which the loop's other work has its turn. */
const turnSize = 2 * 1024 * 1024;

/** What `send` was asked for. */
interface Job {
  readonly file: OutgoingFile;
  readonly source: DatagramSource;
  readonly missing: readonly Range[];
  readonly done: Deferred<PlaneDetails>;
  /** The range that is being sent, and how far. */
  at: number;
  offset: number;
}

/** The sending half over UDP: datagrams at a steady rate, for nothing but the user's choice keeps them from flooding the network. */
export class UdpSendingPlane implements SendingPlane, EventHandler {
  readonly path: string;
  readonly calls: CallCounts = {};
  readonly details: PlaneDetails;
  private readonly payload: number;
  private readonly soft = new SoftErrors();
  private readonly burst: number;
  /** Begun anew with each job: what was not sent in between is not made up for. */
  private pacer: Pacer;
  private pause: Pause | undefined;
  private fd = -1;
  private token: ShortToken = { low: 0, high: 0 };
  private job: Job | undefined;
  /** Datagrams sent so far, over all files. */
  private sequence = 0;

  /**
   * @param address where the control connection goes to
   * @throws TransferError for datagrams that are too large for zero copy
   */
  constructor(
    private readonly host: PlaneHost,
    private readonly settings: UdpSendSettings,
    private readonly address: SocketAddress,
  ) {
    if (settings.zeroCopy && settings.datagramSize > largestByPages) {
      const most = `with zero copy a datagram has ${largestByPages} bytes at most`;
      throw new TransferError(`${most}: ask for smaller ones (--datagram-size), or use --no-zero-copy`, 'refused');
    }
    this.payload = settings.datagramSize - headerSize;
    this.path = settings.zeroCopy ? 'sendfile' : 'read+write';
    this.details = { datagramSize: settings.datagramSize, gso: settings.gso ? 1 : 0 };
    this.burst = Math.max(this.payload, (settings.rate / 1000) * burstTime);
    this.pacer = this.newPacer();
  }

  private newPacer(): Pacer {
    return new Pacer(this.settings.rate, () => performance.now(), this.payload);
  }

  get softErrors(): number {
    return this.soft.count;
  }

  async open(token: string): Promise<void> {
    const { loop } = this.host;
    this.token = shortToken(token);
    this.fd = check(socket(this.address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC), 'socket()');
    setBufferSizes(this.fd, { sndbuf: this.settings.sndbuf, rcvbuf: 0 });
    check(connect(this.fd, this.address), `connect() to ${this.host.peer}`);
    // errors are told without being asked for; that there is room, only when it is asked for
    check(loop.add(this.fd, EPOLLET, this), 'epoll_ctl()');
    this.pause = new Pause(loop, () => this.onTurn());
  }

  async send(file: OutgoingFile, missing: readonly Range[]): Promise<PlaneDetails> {
    if (missing.length === 0) return { sent: this.sequence };
    const done = new Deferred<PlaneDetails>(this.host.loop);
    this.job = { file, source: this.makeSource(file), missing, done, at: 0, offset: missing[0].start };
    this.host.begin();
    this.pacer = this.newPacer();
    this.host.loop.post(this);
    return done.promise;
  }

  private makeSource({ fd, path }: OutgoingFile): DatagramSource {
    const { host, settings, token } = this;
    const status = new FileStatus();
    check(statFd(fd, status), `statx() "${path}"`);
    const given: DatagramSettings = { ...settings, socket: this.fd, peer: host.peer, calls: this.calls };
    const file = { fd, path, size: status.size };
    return settings.zeroCopy ? new SendfileSource(given, token, file) : new CopyingSource(given, token, file);
  }

  onEvent(mask: number): void {
    if ((mask & EPOLLERR) !== 0) {
      const errno = getOption(this.fd, SOL_SOCKET, SO_ERROR);
      // once all has been sent, it is no matter that nobody takes what the network has doubled
      if (errno > 0 && this.job !== undefined) {
        this.fail(datagramFailure(errno, 'sendmmsg', this.host.peer, this.settings.datagramSize));
        return;
      }
    }
    if ((mask & EPOLLOUT) !== 0) this.host.loop.modify(this.fd, EPOLLET);
    this.onTurn();
  }

  /** Sends what may go now. */
  onTurn(): void {
    const { job } = this;
    if (job === undefined) return;
    try {
      this.sendTurn(job);
    } catch (error) {
      this.fail(error);
    }
  }

  private sendTurn(job: Job): void {
    const { host, settings } = this;
    const most = settings.rate === 0 ? turnSize : Math.min(turnSize, mostBursts * this.burst);
    let moved = 0;
    let went = 1;
    while (moved < most && went > 0 && !isDone(job)) {
      went = this.sendSome(job, most - moved);
      moved += went;
    }
    host.moved(moved);
    job.file.sentUpTo(job.offset);
    if (isDone(job)) {
      this.job = undefined;
      job.done.resolve({ sent: this.sequence });
    } else if (went > 0) {
      if (settings.rate === 0) host.loop.post(this);
      else this.wait(burstTime);
    }
  }

  /** Gives the bytes that went, 0 where something is to be waited for. */
  private sendSome(job: Job, most: number): number {
    const { end } = job.missing[job.at];
    const left = end - job.offset;
    const count = this.allowed(Math.min(left, most), Math.min(left, this.payload));
    if (count === 0) return 0;
    const stamp = { file: job.file.index, sequence: this.sequence, time: Math.round(performance.now() * 1000) };
    const sent = job.source.send(job.offset, end, count, stamp);
    if (sent <= 0) return this.stopped(job, -sent);
    this.soft.clear();
    const bytes = Math.min(sent * this.payload, left);
    this.sequence += sent;
    this.pacer.spend(bytes);
    advance(job, bytes);
    return bytes;
  }

  /** How many datagrams may go now, with `most` bytes as a rule; the next one has `next` bytes. */
  private allowed(most: number, next: number): number {
    const allowance = this.pacer.allowance();
    if (allowance < next) {
      this.wait(this.pacer.delay(Math.max(next, Math.min(most, this.burst))));
      return 0;
    }
    return Math.max(1, Math.floor(Math.min(allowance, most) / this.payload));
  }

  private wait(milliseconds: number): void {
    this.pause?.begin(milliseconds);
  }

  /** Nothing went. @param errno positive; 0 where the file has ended */
  private stopped(job: Job, errno: number): number {
    if (errno === 0) {
      const { path, size } = job.file;
      throw new TransferError(
        `"${path}" has shrunk while it was sent: it has not the ${size} bytes that it had`,
        'source',
      );
    }
    if (errno === EAGAIN) check(this.host.loop.modify(this.fd, EPOLLOUT | EPOLLET), 'epoll_ctl()');
    else if (isSoft(errno)) this.wait(this.soft.next(errno, this.settings.zeroCopy ? 'sendfile' : 'sendmmsg'));
    else throw job.source.failure(errno);
    return 0;
  }

  private fail(error: unknown): void {
    this.job?.done.reject(error);
    this.job = undefined;
  }

  close(): void {
    this.job = undefined;
    this.pause?.close();
    this.pause = undefined;
    if (this.fd < 0) return;
    this.host.loop.forget(this.fd);
    close(this.fd);
    this.fd = -1;
  }
}

function isDone(job: Job): boolean {
  return job.at === job.missing.length;
}

function advance(job: Job, bytes: number): void {
  job.offset += bytes;
  if (job.offset < job.missing[job.at].end) return;
  job.at += 1;
  if (!isDone(job)) job.offset = job.missing[job.at].start;
}
