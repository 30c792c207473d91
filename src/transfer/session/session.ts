import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import type { PlaneHost } from '../data-plane.js';
import type { Display } from '../display.js';
import { TransferError } from '../failure.js';
import { type EndFigures, Meter } from '../meter.js';
import type { CallCounts } from '../paths/path.js';
import type { Message } from '../protocol.js';
import { Ticker } from '../ticker.js';
import { Channel, type ChannelOwner, PeerFailure, type PeerName } from './channel.js';
import type { PartsHost } from './parts.js';

/** ms */
const watchPeriod = 250;
const pingPeriod = 1000;
/**
 * A data connection breaks when the other end gives up, and its reason comes by the control connection: so long (ms) is it
 * waited for, before the broken connection itself is taken for the reason.
 */
const graceTime = 1000;

export interface SessionOptions {
  /** ms of silence after which the other end is given up. */
  readonly timeout: number;
  /** Seconds between two interval lines; 0: none. */
  readonly interval: number;
  readonly display: Display;
}

/**
 * What both ends of a session have: the control connection, the meter, and a watch over the other end. The first error ends it:
 * the other end is told, and whoever waits within `guard` hears of it.
 */
export class Session<Incoming extends Message> implements PlaneHost, PartsHost, ChannelOwner {
  readonly channel: Channel<Incoming>;
  readonly meter = new Meter(() => performance.now());
  /** What the bar shows beside the bytes that have moved. */
  private barOffset = 0;
  private readonly failure: Deferred<never>;
  private error: unknown;
  private lost: unknown;
  private readonly watch: Ticker;
  private readonly grace: Ticker;
  private readonly intervals: Ticker;
  private readonly closers: (() => void)[] = [];
  private hasBegun = false;
  private waitsAtBegin = 0;
  private isShowing = false;
  /** Bytes are to move: how many had when that was last seen, and when. */
  private isExpecting = false;
  private lastBytes = 0;
  private lastMove = 0;

  /**
   * @param fd the control connection, whose greeting is over
   * @param read checks a line of the other end
   */
  constructor(
    readonly loop: EventLoop,
    fd: number,
    private readonly name: PeerName,
    readonly peer: string,
    read: (line: string) => Incoming,
    private readonly options: SessionOptions,
  ) {
    this.failure = new Deferred(loop);
    this.watch = new Ticker(loop, Math.min(watchPeriod, options.timeout / 4), () => this.look());
    this.grace = new Ticker(loop, graceTime, () => this.breakOff(this.lost));
    this.intervals = new Ticker(loop, options.interval * 1000, () => options.display.interval(this.meter.tick()));
    this.channel = new Channel(loop, fd, name, peer, read, this);
    this.watch.start();
  }

  /** Has something closed as soon as the session fails, and at its end. */
  own(closeIt: () => void): void {
    this.closers.push(closeIt);
  }

  /** Waits, but no longer than the session lasts: throws what ended it. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return this.unlessOver(promise, error => this.fail(error));
  }

  private unlessOver<T>(promise: Promise<T>, onError: (error: unknown) => void): Promise<T> {
    const judged = promise.catch(error => {
      onError(error);
      return this.failure.promise;
    });
    return Promise.race([judged, this.failure.promise]);
  }

  /** Waits for the next message, which must be one of these; no longer than the session lasts. */
  expect<const Name extends Incoming['is']>(...names: Name[]): Promise<Extract<Incoming, { is: Name }>> {
    return this.unlessOver(this.channel.expect(...names), error => this.breakOff(error));
  }

  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.waitsAtBegin = this.loop.waits;
    this.meter.begin();
    this.showIntervals();
  }

  private showIntervals(): void {
    if (this.isShowing || this.options.interval === 0) return;
    this.isShowing = true;
    this.intervals.start();
  }

  moved(bytes: number): void {
    this.meter.add(bytes);
  }

  /**
   * Begins to show how far something is.
   * @param there bytes of a file that are there already
   */
  show(label: string, total: number, there: number): void {
    this.barOffset = there - this.meter.bytes;
    this.options.display.begin(label, total, there);
  }

  looked(bytes: number): void {
    this.barOffset += bytes;
  }

  /**
   * What it came to up to now: if more bytes move after all, they are to be announced by `expectBytes`.
   * @param calls of the plane
   * @param waited ms, see Meter.end
   */
  figures(calls: CallCounts, waited = 0): EndFigures {
    this.begin();
    this.isShowing = false;
    this.intervals.stop();
    return this.meter.end({ ...calls, epoll_pwait: this.loop.waits - this.waitsAtBegin }, waited);
  }

  /** Bytes are to move from now on (or no longer): where none do for the session's timeout, it ends. */
  expectBytes(isExpecting: boolean): void {
    this.isExpecting = isExpecting;
    this.lastBytes = this.meter.bytes;
    this.lastMove = this.loop.now;
    if (isExpecting && this.hasBegun) this.showIntervals();
  }

  /** Something broke. What may be the mere consequence of the other end's failure waits a moment for its reason. */
  fail(error: unknown): void {
    const isConsequence = error instanceof TransferError && (error.kind === 'peer' || error.kind === 'network');
    if (!isConsequence || error instanceof PeerFailure) this.breakOff(error);
    else if (this.lost === undefined) {
      this.lost = error;
      this.grace.start();
    }
  }

  onChannelFailure(error: TransferError): void {
    this.breakOff(error);
  }

  /** Ends the session for this reason, if it has not ended for another: says so to the other end, and closes what it owns. */
  breakOff(error: unknown): void {
    if (this.error !== undefined) return;
    this.error = error;
    if (!(error instanceof PeerFailure)) this.channel.say({ is: 'error', ...reasonOf(error) });
    this.release();
    this.failure.reject(error);
  }

  /** Why the session has ended. */
  get reason(): unknown {
    return this.error;
  }

  /** Closes what the session owns; resolves when the other end has had time to read the last words. */
  close(): Promise<void> {
    this.release();
    return this.channel.end();
  }

  private release(): void {
    for (const ticker of [this.watch, this.grace, this.intervals]) ticker.stop();
    for (const closeIt of this.closers.splice(0)) closeIt();
    void this.channel.end();
  }

  private look(): void {
    const { channel, loop, options } = this;
    options.display.progress(this.meter.bytes + this.barOffset);
    if (loop.now - channel.lastSaid >= pingPeriod) channel.say({ is: 'ping' });
    const seconds = options.timeout / 1000;
    if (loop.now - channel.lastHeard > options.timeout) {
      const reason = `has been silent for ${seconds} s: has it stopped, or is the network down?`;
      this.breakOff(new TransferError(`${this.name} (${this.peer}) ${reason}`, 'network'));
    } else if (this.meter.bytes !== this.lastBytes) {
      this.lastBytes = this.meter.bytes;
      this.lastMove = loop.now;
    } else if (this.isExpecting && loop.now - this.lastMove > options.timeout) {
      const reason = `is there, but no byte has moved for ${seconds} s`;
      this.breakOff(new TransferError(`${this.name} (${this.peer}) ${reason}`, 'network'));
    }
  }
}

/** What the other end is told of a failure. */
function reasonOf(error: unknown): { kind: TransferError['kind']; message: string } {
  if (error instanceof TransferError) return { kind: error.kind, message: error.message };
  return { kind: 'peer', message: error instanceof Error ? error.message : String(error) };
}
