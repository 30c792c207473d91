import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../../../native/epoll.js';
import { EAGAIN, EINTR } from '../../../native/errno.js';
import { IntCell } from '../../../native/memory.js';
import { MSG_MORE, MSG_NOSIGNAL, recv, send } from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { connectionFailure, isSoft, TransferError } from '../failure.js';
import type { Pacer } from '../pacer.js';
import type { Source } from '../paths/path.js';
import type { Range } from '../ranges.js';
import { headerLength, PieceHeader } from './piece.js';
import { PieceStream } from './piece-stream.js';

/** Who hands out the pieces. */
export interface StreamOwner {
  readonly loop: EventLoop;
  readonly peer: string;
  /** Bytes that a stream sends before the others have their turn. */
  readonly share: number;
  /** Null: there is no limit. */
  readonly pacer: Pacer | null;
  /** The file that is being sent. */
  readonly index: number;
  readonly filePath: string;
  /** What to send next; undefined when the file has been handed out. */
  nextPiece(): Range | undefined;
  /** A turn has moved so many bytes. */
  moved(bytes: number): void;
  /** Nothing is left to do for this stream. */
  finished(): void;
  fail(error: unknown): void;
}

/** What a step came to, beside bytes sent and negative errnos. */
const paced = 0;

const scratch = new IntCell();

/** One data connection of a sender: headers and bytes of pieces, as fast as the socket takes them. */
export class SendStream extends PieceStream<Source, StreamOwner> implements EventHandler {
  /** Bytes of headers are sent by these. */
  readonly calls = { sendto: 0 };
  /** Where the present piece goes on; Infinity between two pieces. */
  offset = Number.POSITIVE_INFINITY;
  private end = 0;
  private headerLeft = 0;
  private readonly header = new PieceHeader();

  /** @param fd a connection whose greeting is over; it belongs to the stream */
  constructor(fd: number, owner: StreamOwner) {
    super(fd, owner);
    owner.loop.add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, this);
  }

  /** Begins with the pieces of a file. */
  start(source: Source): void {
    this.path = source;
    this.takePiece();
    this.post();
  }

  onEvent(mask: number): void {
    if ((mask & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) === 0 || this.isAlive()) this.turn();
  }

  /** A receiver says nothing here: what comes is the end of the connection. */
  private isAlive(): boolean {
    const count = recv(this.fd, scratch.address, 1);
    if (count === -EAGAIN || count === -EINTR) return true;
    const { peer } = this.owner;
    if (count < 0) this.fail(connectionFailure(-count, 'recvfrom', peer));
    else if (count === 0)
      this.fail(new TransferError(`${peer} has closed a data connection before all was sent`, 'peer'));
    else this.fail(new TransferError(`${peer} does not keep to the protocol: it speaks on a data connection`, 'peer'));
    return false;
  }

  /** Sends until the socket is full, the stream's share of the turn is used up, or the file has been handed out. */
  protected pump(source: Source): void {
    const { share } = this.owner;
    let moved = 0;
    while (moved < share) {
      const isHeader = this.headerLeft > 0;
      const count = isHeader ? this.sendHeader() : this.sendBytes(source, share - moved);
      if (count > 0) {
        if (isHeader) {
          this.headerLeft -= count;
        } else {
          this.offset += count;
          moved += count;
        }
        if (this.offset === this.end) this.takePiece();
        if (this.path === null) break;
      } else if (count !== -EINTR) {
        if (count !== -EAGAIN && count !== paced) this.failed(-count, isHeader ? null : source);
        break;
      }
    }
    if (moved > 0) {
      this.soft.clear();
      this.owner.moved(moved);
    }
    if (this.path !== null && moved >= share) this.post();
  }

  private takePiece(): void {
    const piece = this.owner.nextPiece();
    if (piece === undefined) {
      this.path = null;
      this.offset = Number.POSITIVE_INFINITY;
      this.owner.finished();
      return;
    }
    this.offset = piece.start;
    this.end = piece.end;
    this.header.set(this.owner.index, piece);
    this.headerLeft = headerLength;
  }

  /** It waits for the first bytes of the piece, to share a packet with them (send(2), MSG_MORE). */
  private sendHeader(): number {
    this.calls.sendto += 1;
    const address = this.header.address + headerLength - this.headerLeft;
    return send(this.fd, address, this.headerLeft, MSG_NOSIGNAL | MSG_MORE);
  }

  private sendBytes(source: Source, most: number): number {
    const count = Math.min(this.end - this.offset, most);
    const { pacer } = this.owner;
    // a call takes its time, in which some bytes more may go: without a step there would be no end of it
    const wait = pacer?.delay(Math.min(count, pacer.step)) ?? 0;
    if (wait > 0) {
      this.pause(wait);
      return paced;
    }
    const allowed = pacer === null ? count : Math.min(count, pacer.allowance());
    const sent = source.send(this.fd, this.offset, allowed);
    if (sent === 0) throw this.endsEarly();
    if (sent > 0 && pacer !== null) pacer.spend(sent);
    return sent;
  }

  private endsEarly(): TransferError {
    return new TransferError(
      `"${this.owner.filePath}" ends at byte ${this.offset}: it has become shorter while it was sent`,
      'source',
    );
  }

  private pause(milliseconds: number): void {
    this.owner.loop.setTimer(this.timer, Math.max(1, milliseconds));
  }

  /** @param source whose call it was; null: the header's */
  private failed(errno: number, source: Source | null): void {
    if (isSoft(errno)) this.pause(this.soft.next(errno, source === null ? 'sendto' : source.name));
    else this.fail(source?.failure(errno, this.owner.peer) ?? connectionFailure(errno, 'sendto', this.owner.peer));
  }
}
