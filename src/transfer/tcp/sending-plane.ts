import { close } from '../../../native/file.js';
import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import { sumOfCalls } from '../calls.js';
import { connectTo } from '../connect.js';
import type { OutgoingFile, PlaneDetails, PlaneHost, SendingPlane } from '../data-plane.js';
import { Pacer } from '../pacer.js';
import { makeSource } from '../paths/make.js';
import type { CallCounts, Source } from '../paths/path.js';
import type { Range } from '../ranges.js';
import { greet } from '../session/greeting.js';
import type { SendSettings } from '../session/settings.js';
import { setBufferSizes, watchPeer } from '../session/socket-options.js';
import { piecesOf, shareOf } from './piece.js';
import { SendStream, type StreamOwner } from './send-stream.js';

/** Sends files over one or more TCP connections: each takes the next piece when it is done with one. */
export class TcpSendingPlane implements SendingPlane, StreamOwner {
  readonly details: PlaneDetails = {};
  readonly loop: EventLoop;
  readonly peer: string;
  readonly share: number;
  readonly pacer: Pacer | null;
  readonly path: string;
  private readonly streams: SendStream[] = [];
  private readonly spent: CallCounts[] = [];
  private sources: Source[] = [];
  private file: OutgoingFile | null = null;
  private pieces: Range[] = [];
  private nextIndex = 0;
  private running = 0;
  private done: Deferred<PlaneDetails> | null = null;
  private isClosed = false;

  /** @param address the receiver's: where the control connection goes to, so that all go there */
  constructor(
    private readonly host: PlaneHost,
    private readonly settings: SendSettings,
    private readonly address: string,
  ) {
    this.loop = host.loop;
    this.peer = host.peer;
    this.pacer = settings.rate > 0 ? new Pacer(settings.rate, () => performance.now(), settings.blockSize) : null;
    this.share = shareOf(settings.streams);
    this.path = settings.zeroCopy ? 'sendfile' : 'read+write';
  }

  get calls(): CallCounts {
    return sumOfCalls([
      ...this.spent,
      ...this.sources.map(source => source.calls),
      ...this.streams.map(stream => stream.calls),
    ]);
  }

  get softErrors(): number {
    return this.streams.reduce((sum, stream) => sum + stream.soft.count, 0);
  }

  get index(): number {
    return this.file?.index ?? 0;
  }

  get filePath(): string {
    return this.file?.path ?? '';
  }

  async open(token: string): Promise<void> {
    const { port, streams, timeout } = this.settings;
    const prepare = (fd: number) => {
      setBufferSizes(fd, this.settings);
      watchPeer(fd, timeout);
    };
    while (this.streams.length < streams) {
      const fd = await connectTo(this.loop, this.address, port, timeout, prepare);
      await this.join(fd, token);
    }
  }

  private async join(fd: number, token: string): Promise<void> {
    try {
      await greet(this.loop, fd, token, this.peer);
    } catch (error) {
      close(fd);
      throw error;
    }
    if (this.isClosed) close(fd);
    else this.streams.push(new SendStream(fd, this));
  }

  send(file: OutgoingFile, missing: readonly Range[]): Promise<PlaneDetails> {
    this.file = file;
    this.pieces = piecesOf(missing, this.streams.length);
    this.nextIndex = 0;
    this.done = new Deferred<PlaneDetails>(this.loop);
    const { done } = this;
    this.running = Math.min(this.streams.length, this.pieces.length);
    if (this.running === 0) this.end();
    else this.host.begin();
    // once started, a stream may be done at once
    for (const stream of this.streams.slice(0, this.running)) stream.start(this.openSource(file));
    return done.promise;
  }

  private openSource(file: OutgoingFile): Source {
    const source = makeSource(this.settings.zeroCopy, file.fd, file.path, this.settings);
    this.sources.push(source);
    return source;
  }

  nextPiece(): Range | undefined {
    return this.pieces[this.nextIndex++];
  }

  moved(bytes: number): void {
    this.host.moved(bytes);
    // pieces are handed out in order: what is before the first unfinished one has been sent
    let sent = this.pieces[this.nextIndex]?.start ?? this.file?.size ?? 0;
    for (const { offset } of this.streams) if (offset < sent) sent = offset;
    this.file?.sentUpTo(sent);
  }

  finished(): void {
    this.running -= 1;
    if (this.running === 0) this.end();
  }

  /** The file has been handed to the kernel. */
  private end(): void {
    this.closeSources();
    this.done?.resolve({});
    this.done = null;
  }

  private closeSources(): void {
    for (const source of this.sources) {
      source.close();
      this.spent.push(source.calls);
    }
    this.sources = [];
  }

  fail(error: unknown): void {
    this.host.fail(error);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const stream of this.streams) stream.close();
    this.closeSources();
  }
}
