import { EPOLLET, EPOLLHUP, EPOLLIN, EPOLLRDHUP } from '../../../native/epoll.js';
import { EAGAIN, EINTR } from '../../../native/errno.js';
import { recv } from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { connectionFailure, isSoft, TransferError } from '../failure.js';
import type { Sink } from '../paths/path.js';
import type { Range } from '../ranges.js';
import { headerLength, type PieceHeader } from './piece.js';
import { PieceStream } from './piece-stream.js';
import { WakeThreshold, wakePatience } from './wake-threshold.js';

/** Who knows what is expected. */
export interface ReceiverOfPieces {
  readonly loop: EventLoop;
  readonly peer: string;
  /** Bytes that a stream takes before the others have their turn. */
  readonly share: number;
  /**
   * A header has come.
   * @throws TransferError where such a piece is not expected
   */
  claim(header: PieceHeader): Range;
  /** A turn has taken so many bytes; those of pieces that are complete are with the store. */
  moved(bytes: number): void;
  fail(error: unknown): void;
}

/** One data connection of a receiver. */
export class ReceiveStream extends PieceStream<Sink, ReceiverOfPieces> implements EventHandler {
  /** Headers are received by these. */
  readonly calls = { recvfrom: 0 };
  private offset = 0;
  private end = 0;
  private headerGot = 0;
  private readonly threshold: WakeThreshold;

  /** @param fd a connection whose greeting is over; it belongs to the stream */
  constructor(
    fd: number,
    owner: ReceiverOfPieces,
    private readonly header: PieceHeader,
  ) {
    super(fd, owner);
    this.threshold = new WakeThreshold(fd);
    owner.loop.add(fd, EPOLLIN | EPOLLRDHUP | EPOLLET, this);
  }

  /** Takes pieces of a file from now on: what came before has waited in the socket. */
  start(sink: Sink): void {
    this.path = sink;
    this.post();
  }

  /** Takes nothing more, until it is started again. */
  stop(): void {
    this.path = null;
  }

  onEvent(mask: number): void {
    if (this.path === null && (mask & (EPOLLRDHUP | EPOLLHUP)) !== 0) this.fail(this.endOfStream());
    else this.turn();
  }

  /** Takes bytes until the socket is empty, the stream's share of the turn is used up, or the file is complete. */
  protected pump(sink: Sink): void {
    const { share } = this.owner;
    let moved = 0;
    let count = 0;
    while (moved < share) {
      const isHeader = this.offset === this.end;
      count = isHeader
        ? this.receiveHeader()
        : sink.take(this.fd, this.offset, Math.min(this.end - this.offset, share - moved));
      if (count === -EINTR) continue;
      if (count <= 0) break;
      if (isHeader) continue;
      moved += count;
      this.offset += count;
      if (this.offset === this.end) sink.flush();
    }
    if (moved > 0) {
      this.soft.clear();
      this.owner.moved(moved);
    }
    if (moved >= share) this.post();
    else if (count === 0) throw this.endOfStream();
    else if (count === -EAGAIN) this.rest();
    else this.failed(-count, sink);
  }

  /** The socket is empty: until enough has come. */
  private rest(): void {
    const { loop } = this.owner;
    const left = this.offset === this.end ? headerLength - this.headerGot : this.end - this.offset;
    if (this.threshold.expect(left)) loop.setTimer(this.timer, wakePatience);
  }

  private receiveHeader(): number {
    const { header } = this;
    this.calls.recvfrom += 1;
    const count = recv(this.fd, header.address + this.headerGot, headerLength - this.headerGot);
    if (count <= 0) return count;
    this.headerGot += count;
    if (this.headerGot < headerLength) return count;
    this.headerGot = 0;
    const { start, end } = this.owner.claim(header);
    this.offset = start;
    this.end = end;
    return count;
  }

  private endOfStream(): TransferError {
    const { peer } = this.owner;
    return new TransferError(`${peer} has closed a data connection before all was sent`, 'peer');
  }

  private failed(errno: number, sink: Sink): void {
    if (!isSoft(errno)) throw connectionFailure(errno, sink.name === 'splice' ? 'splice' : 'recvfrom', this.owner.peer);
    this.owner.loop.setTimer(this.timer, this.soft.next(errno, sink.name));
  }
}
