import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import { sumOfCalls } from '../calls.js';
import type { IncomingFile, PlaneDetails, PlaneHost, ReceivingPlane } from '../data-plane.js';
import { makeSink } from '../paths/make.js';
import type { CallCounts, Sink } from '../paths/path.js';
import { type Range, RangeSet } from '../ranges.js';
import { type ReceiveSettings, sinkKind } from '../session/settings.js';
import { watchPeer } from '../session/socket-options.js';
import { PieceHeader, shareOf, wrongPiece } from './piece.js';
import { type ReceiverOfPieces, ReceiveStream } from './receive-stream.js';

/** A sender has as many pieces under way as it has streams: more stretches than this are made to cost memory. */
const mostStretches = 4096;

/** Receives files over the TCP connections that join the session. */
export class TcpReceivingPlane implements ReceivingPlane, ReceiverOfPieces {
  readonly loop: EventLoop;
  readonly peer: string;
  readonly share: number;
  readonly path: Sink['name'];
  private readonly streams: ReceiveStream[] = [];
  private readonly spent: CallCounts[] = [];
  private sinks: Sink[] = [];
  private file: IncomingFile | null = null;
  /** What is there or on its way: a byte is taken once. */
  private claimed = new RangeSet();
  /** Bytes that are still to come. */
  private left = 0;
  private readonly complete: Deferred<void>[] = [];
  private isClosed = false;

  /** @param most how many connections may join */
  constructor(
    private readonly host: PlaneHost,
    private readonly settings: ReceiveSettings,
    private readonly most: number,
  ) {
    this.loop = host.loop;
    this.peer = host.peer;
    this.share = shareOf(most);
    this.path = sinkKind(settings);
  }

  get calls(): CallCounts {
    return sumOfCalls([
      ...this.spent,
      ...this.sinks.map(sink => sink.calls),
      ...this.streams.map(stream => stream.calls),
    ]);
  }

  get softErrors(): number {
    return this.streams.reduce((sum, stream) => sum + stream.soft.count, 0);
  }

  open(): PlaneDetails {
    return {};
  }

  join(fd: number): string {
    if (this.isClosed) return 'the session is over';
    if (this.streams.length >= this.most) return `the session has its ${this.most} data connections already`;
    watchPeer(fd, this.settings.timeout);
    const stream = new ReceiveStream(fd, this, new PieceHeader());
    this.streams.push(stream);
    if (this.file !== null && this.left > 0) stream.start(this.openSink(this.file));
    return '';
  }

  begin(file: IncomingFile): void {
    this.file = file;
    this.claimed = new RangeSet(file.done.toArray());
    this.left = file.size - file.done.bytes;
    if (this.left > 0) for (const stream of this.streams) stream.start(this.openSink(file));
  }

  private openSink(file: IncomingFile): Sink {
    const settings = { ...this.settings, fixedOffset: false };
    const sink = makeSink(this.path, file.fd, file.path, settings, (start, end) => file.stored(start, end));
    this.sinks.push(sink);
    return sink;
  }

  claim(header: PieceHeader): Range {
    const { file, claimed } = this;
    if (file === null) throw wrongPiece('a piece comes before its file');
    const range = header.range(file.index, file.size);
    const before = claimed.bytes;
    claimed.add(range.start, range.end);
    if (claimed.bytes - before !== range.end - range.start) {
      throw wrongPiece(`bytes ${range.start} to ${range.end} come twice`);
    }
    if (claimed.toArray().length > mostStretches) throw wrongPiece('its pieces leave too many gaps');
    this.host.begin();
    return range;
  }

  moved(bytes: number): void {
    this.host.moved(bytes);
    this.left -= bytes;
    if (this.left === 0) this.end();
  }

  /** All of the file has come: what follows belongs to the next one. */
  private end(): void {
    for (const stream of this.streams) stream.stop();
    this.closeSinks();
    for (const waiting of this.complete.splice(0)) waiting.resolve();
  }

  finish(): Promise<void> {
    if (this.left === 0) return Promise.resolve();
    const waiting = new Deferred<void>(this.loop);
    this.complete.push(waiting);
    return waiting.promise;
  }

  private closeSinks(): void {
    for (const sink of this.sinks) {
      sink.close();
      this.spent.push(sink.calls);
    }
    this.sinks = [];
  }

  fail(error: unknown): void {
    this.host.fail(error);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stream of this.streams) stream.close();
    this.closeSinks();
  }
}
