import { Deferred } from '../../event/deferred.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import type { IncomingFile, PlaneDetails, PlaneHost, ReceivingPlane } from '../data-plane.js';
import { TransferError } from '../failure.js';
import type { CallCounts } from '../paths/path.js';
import type { UdpFigures } from '../report.js';
import type { DatagramClient, DatagramPort } from './datagram-port.js';
import { DatagramStore } from './datagram-store.js';
import { type DatagramHeader, datagramSizes, headerSize, type ShortToken, shortToken } from './header.js';
import { Jitter } from './jitter.js';
import { SequenceCount } from './sequence-count.js';

export interface UdpReceiveSettings {
  readonly store: 'discard' | 'memory' | 'read+write';
  readonly blockSize: number;
}

/** When nothing has come for so long (ms) after the sender has sent all, what is missing is lost. */
const quietTime = 300;
/** And after so long in any case. */
const longestWait = 10_000;

/** The receiving half over UDP: takes its datagrams from the receiver's port, counts them, and has them stored. */
export class UdpReceivingPlane implements ReceivingPlane, DatagramClient, TimerOwner {
  readonly path: string;
  readonly wantsPayload: boolean;
  readonly blockSize: number;
  token: ShortToken = { low: 0, high: 0 };
  datagramSize = 0;
  merges = false;
  private readonly counts: CallCounts = {};
  private readonly numbers = new SequenceCount();
  private readonly jitter = new Jitter();
  private readonly timer = new Timer(this);
  private file: IncomingFile | undefined;
  /** None where nothing is kept: there the numbers say all, and a list of gaps would only grow. */
  private store: DatagramStore | undefined;
  /** Bytes of this turn. */
  private moved = 0;
  /** Numbers before this one were waited for at an earlier `finish`, and so many of them are lost. */
  private settled = 0;
  private settledLost = 0;
  private waiting: Deferred<void> | undefined;
  private deadline = 0;
  /** When the last turn was in which something came (ms of the loop's clock). */
  private lastTurn = 0;
  waited = 0;
  /** What the port had counted before this session. */
  private before = { calls: 0, drops: 0, strangers: 0, soft: 0 };

  constructor(
    private readonly host: PlaneHost,
    private readonly settings: UdpReceiveSettings,
    private readonly port: DatagramPort,
  ) {
    this.path = settings.store;
    this.wantsPayload = settings.store !== 'discard';
    this.blockSize = settings.blockSize;
  }

  get calls(): CallCounts {
    return { ...this.counts, recvmmsg: this.port.calls - this.before.calls };
  }

  get softErrors(): number {
    return this.port.soft.count - this.before.soft;
  }

  get udp(): UdpFigures {
    const { sent, received, lost, outOfOrder, duplicates, lossPercent } = this.numbers;
    const jitterMs = this.jitter.value / 1000;
    const socketDrops = this.port.drops - this.before.drops;
    const strangers = this.port.strangers - this.before.strangers;
    return { sent, received, lost, outOfOrder, duplicates, lossPercent, jitterMs, socketDrops, strangers };
  }

  open(token: string, { datagramSize, gso }: PlaneDetails): PlaneDetails {
    if (!isCount(datagramSize) || datagramSize < datagramSizes.least || datagramSize > datagramSizes.most) {
      throw wrong(`datagrams of ${datagramSize} bytes`);
    }
    this.token = shortToken(token);
    this.datagramSize = datagramSize;
    this.merges = gso === 1;
    const { port } = this;
    port.add(this);
    this.before = { calls: port.calls, drops: port.drops, strangers: port.strangers, soft: port.soft.count };
    return {};
  }

  begin(file: IncomingFile): void {
    this.file = file;
    this.store = this.settings.store === 'read+write' ? new DatagramStore(file, this.counts) : undefined;
  }

  take(header: DatagramHeader, address: number, length: number, arrival: number): boolean {
    const { file, store } = this;
    if (length > this.datagramSize - headerSize) return false;
    const isPresent = header.file === file?.index;
    if (isPresent && header.offset + length > file.size) return false;
    this.host.begin();
    this.jitter.add(header.time, arrival);
    if (!this.numbers.add(header.sequence)) return true;
    if (header.sequence < this.settled) this.settledLost -= 1;
    this.moved += length;
    if (isPresent) store?.take(address, length, header.offset);
    return true;
  }

  turnEnds(): void {
    if (this.moved === 0) return;
    this.host.moved(this.moved);
    this.moved = 0;
    this.lastTurn = this.host.loop.now;
    if (this.waiting === undefined) return;
    if (this.isComplete) this.settle();
    else this.waitOn();
  }

  flush(): void {
    this.store?.flush();
  }

  async finish({ sent }: PlaneDetails): Promise<void> {
    if (!isCount(sent) || sent < this.settled) throw wrong(`that it has sent ${sent} datagrams`);
    this.numbers.tell(sent);
    this.waiting = new Deferred<void>(this.host.loop);
    this.deadline = this.host.loop.now + longestWait;
    const { promise } = this.waiting;
    if (this.isComplete) this.settle();
    else this.waitOn();
    return promise;
  }

  /** All has come that was sent since the last `finish`. */
  private get isComplete(): boolean {
    return this.numbers.lost <= this.settledLost;
  }

  private waitOn(): void {
    const { loop } = this.host;
    loop.setTimer(this.timer, Math.max(0, Math.min(quietTime, this.deadline - loop.now)));
  }

  onTimer(): void {
    this.settle();
  }

  /** What has not come by now is lost. */
  private settle(): void {
    const { waiting } = this;
    const { loop } = this.host;
    loop.timers.clear(this.timer);
    this.waited = this.lastTurn === 0 ? 0 : Math.max(0, loop.now - this.lastTurn);
    this.port.release();
    this.waiting = undefined;
    this.file = undefined;
    this.store = undefined;
    this.settled = this.numbers.sent;
    this.settledLost = this.numbers.lost;
    waiting?.resolve();
  }

  fail(error: unknown): void {
    const { waiting } = this;
    this.waiting = undefined;
    this.file = undefined;
    this.store = undefined;
    if (waiting === undefined) this.host.fail(error);
    else waiting.reject(error);
  }

  close(): void {
    this.host.loop.timers.remove(this.timer);
    this.waiting = undefined;
    this.file = undefined;
    this.store = undefined;
    this.port.remove(this);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function wrong(what: string): TransferError {
  return new TransferError(`the other end does not keep to the protocol: it says ${what}`, 'peer');
}
