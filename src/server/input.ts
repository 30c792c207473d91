import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLRDHUP } from '../../native/epoll.js';
import { EAGAIN, EINTR } from '../../native/errno.js';
import type { MemoryBlock } from '../../native/memory.js';
import { peekByte, recv } from '../../native/socket.js';
import type { Settings } from '../conf/settings.js';
import { noteArrival } from './arrivals.js';
import type { BodyReader } from './body-reader.js';
import { headLimit, type InputBuffer, type InputBufferPool, type TurnInput } from './input-buffer.js';
import type { HttpRequest } from './request.js';

const hangup = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** Reads of a body that is dropped, before other connections have their turn. */
const discardsPerTurn = 16;

/** Something that is read from as recv reads: a count, 0 at the end, or a negative errno. */
export interface ByteSource {
  read(address: number, size: number): number;
}

/** What came of a read. */
export const Received = {
  /** There are bytes to parse. */
  Bytes: 0,
  /** Nothing now: epoll will tell. */
  Nothing: 1,
  /** The client has closed the connection, or it is broken: `error` says which. */
  End: 2,
} as const;
export type Received = (typeof Received)[keyof typeof Received];

/**
 * The input of a connection: what epoll says of it, and the bytes that were read and not used yet. It reads into one block
 * that all connections share. Nearly always a request's head comes whole and nothing has to be kept; else the rest moves
 * to a buffer of the connection's own.
 */
export class Input {
  /** epoll has reported input, and it was not read to its end. */
  isReadable = false;
  /** Bytes are there that the parser has not seen: pipelined requests, or the beginning of a body. */
  hasUnparsed = false;
  /** What was read last is not to be parsed before the second half of the loop's turn. */
  isHeld = false;
  /** When the last bytes came (arrivals.ts). */
  arrival = 0;
  /** The errno (positive) that ended the connection, or 0 where the client closed it in order. */
  error = 0;
  /** Where the connection is encrypted: what is read through, in the place of recv. */
  source: ByteSource | null = null;
  /** The client has closed its side, or the connection is broken: a short read does not mean that nothing is left. */
  private hungUp = false;
  /** Null while nothing has to be kept. */
  private buffer: InputBuffer | null = null;
  /** Where the last read has put its bytes. */
  private bytes: Buffer;
  private start = 0;
  private end = 0;

  /**
   * @param shared the block that all connections read into
   * @param turn where heads are kept that are to be answered with others
   * @param settings of the address's default server: what holds until a request has named its own
   */
  constructor(
    private readonly fd: number,
    private readonly shared: MemoryBlock,
    private readonly turn: TurnInput,
    private readonly pool: InputBufferPool,
    private readonly settings: Settings,
  ) {
    this.bytes = shared.bytes;
  }

  /** Nothing more will come than what the kernel has. */
  get hasHungUp(): boolean {
    return this.hungUp;
  }

  /** Takes note of what epoll reports. */
  onEvent(mask: number): void {
    if ((mask & (EPOLLIN | hangup)) !== 0) this.isReadable = true;
    if ((mask & hangup) !== 0) this.hungUp = true;
  }

  /**
   * Whether bytes wait at the socket that nobody has read. Through TLS a read does not say whether it was the last one: then the socket is
   * asked.
   */
  get hasUnread(): boolean {
    if (this.source !== null && this.isReadable) return peekByte(this.fd) >= 0;
    return this.isReadable;
  }

  /** Reads once, for a head. */
  receive(): Received {
    if (!this.isReadable) return Received.Nothing;
    const { buffer, shared, settings } = this;
    if (buffer !== null) {
      buffer.makeRoom(settings.largeClientHeaderBuffers.size, headLimit(settings));
      const count = this.read(buffer.address + buffer.end, buffer.room);
      if (count > 0) buffer.end += count;
      this.setWindow(buffer.bytes, buffer.start, buffer.end);
      return this.verdict(count);
    }
    const size = Math.min(settings.clientHeaderBufferSize, shared.size);
    if (this.turn.takes(size)) return this.receiveForTurn(size);
    const count = this.read(shared.address, size);
    this.setWindow(shared.bytes, 0, Math.max(0, count));
    return this.verdict(count);
  }

  private receiveForTurn(size: number): Received {
    const { block, used } = this.turn;
    const count = this.read(block.address + used, size);
    if (count > 0) {
      this.turn.add(count);
      this.isHeld = true;
      this.setWindow(block.bytes, used, used + count);
    }
    return this.verdict(count);
  }

  /**
   * Has the request's parser look at what there is, and keeps what it leaves.
   * @returns as RequestParser.parse: 0 for more bytes, above 0 when the head is whole, or a negative status
   */
  parse(request: HttpRequest): number {
    this.isHeld = false;
    if (this.hasUnparsed) this.arrival = noteArrival();
    if (this.hasUnparsed && this.buffer !== null) {
      this.setWindow(this.buffer.bytes, this.buffer.start, this.buffer.end);
    }
    const { bytes, start, end } = this;
    const next = request.parser.parse(bytes, start, end, request.head);
    if (next <= 0) this.keep(bytes, start, end);
    else if (next < end) this.keep(bytes, next, end);
    else this.drop();
    this.hasUnparsed = next > 0 && next < end;
    return next;
  }

  /** No more of a head will come. @returns where it ended, in nginx's words: ` while reading client request …` */
  breakOff({ parser, head }: HttpRequest): string {
    const { buffer } = this;
    if (buffer !== null) return parser.breakOff(buffer.bytes, buffer.start, buffer.end, head);
    return parser.breakOff(this.bytes, this.start, this.end, head);
  }

  /**
   * Reads and drops a body, as far as it has come.
   * @returns false when its share of the turn is used up: go on later
   */
  discard(body: BodyReader): boolean {
    this.discardKept(body);
    const { shared } = this;
    for (let left = discardsPerTurn; body.isPending && this.isReadable; left--) {
      if (left === 0) return false;
      const count = this.read(shared.address, shared.size);
      if (count > 0) {
        const used = body.consume(shared.bytes, 0, count);
        if (used < count) this.keep(shared.bytes, used, count);
        this.hasUnparsed = used < count;
      } else if (count !== -EAGAIN) {
        body.fail();
      }
    }
    return true;
  }

  /** Lets go of all that is kept. */
  drop(): void {
    if (this.buffer !== null) this.pool.giveBack(this.buffer);
    this.buffer = null;
    this.hasUnparsed = false;
  }

  /** The first bytes of a body come with its head. */
  private discardKept(body: BodyReader): void {
    const { buffer } = this;
    if (buffer === null) return;
    buffer.start += body.consume(buffer.bytes, buffer.start, buffer.end);
    if (buffer.isEmpty) this.drop();
  }

  private read(address: number, size: number): number {
    if (this.source !== null) return this.readSource(this.source, address, size);
    let count = recv(this.fd, address, size);
    while (count === -EINTR) count = recv(this.fd, address, size);
    // epoll reports an edge: what is readable is so until a read comes back short or empty
    if (count === -EAGAIN || (count > 0 && count < size && !this.hungUp)) this.isReadable = false;
    return count;
  }

  /** A record at a time: only an empty read says that nothing is left. */
  private readSource(source: ByteSource, address: number, size: number): number {
    const count = source.read(address, size);
    if (count === -EAGAIN) this.isReadable = false;
    return count;
  }

  private verdict(count: number): Received {
    if (count > 0) {
      this.arrival = noteArrival();
      return Received.Bytes;
    }
    if (count === -EAGAIN) return Received.Nothing;
    this.error = -count;
    return Received.End;
  }

  private setWindow(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  private keep(bytes: Buffer, start: number, end: number): void {
    if (this.buffer !== null && this.buffer.bytes === bytes) {
      this.buffer.start = start;
      return;
    }
    this.buffer = this.pool.take(Math.max(this.settings.largeClientHeaderBuffers.size, end - start));
    this.buffer.set(bytes, start, end);
  }
}
