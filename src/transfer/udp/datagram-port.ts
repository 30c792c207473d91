import { MessageList, recvmmsg, SO_TIMESTAMPNS, UDP_GRO } from '../../../native/datagrams.js';
import { EPOLLIN } from '../../../native/epoll.js';
import { check, EAGAIN, EINTR, errnoText } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import type { SocketAddress } from '../../../native/sockaddr.js';
import {
  bindSocket,
  IPPROTO_UDP,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  setOption,
  socket,
  socketDrops,
} from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import { connectionFailure, isSoft, SoftErrors, TransferError } from '../failure.js';
import { setBufferSizes } from '../session/socket-options.js';
import { DatagramHeader, headerSize, type ShortToken } from './header.js';

/** A session that has datagrams coming. */
export interface DatagramClient {
  readonly token: ShortToken;
  /** The largest datagram that it sends. */
  readonly datagramSize: number;
  /** Whether the payload is looked at; else only headers are received. */
  readonly wantsPayload: boolean;
  /** Whether many may come as one message; then the payload is received as well. */
  readonly merges: boolean;
  readonly blockSize: number;
  /**
   * A datagram of its own.
   * @param address of the payload, which stays there until `flush`
   * @param arrival microseconds since 1970
   * @returns false for what no sender of ours sends
   * @throws TransferError which ends the session
   */
  take(header: DatagramHeader, address: number, length: number, arrival: number): boolean;
  /** All that was there has been taken, for this turn. */
  turnEnds(): void;
  /** What it holds of payloads is to be done with. */
  flush(): void;
  fail(error: unknown): void;
}

/** A receiving buffer of so many bytes (socket(7)) bridges the time that a busy process does not look: 25 ms of 10 Gbit/s. */
const defaultBuffer = 32 * 1024 * 1024;
/** What the kernel puts together at most. */
const largestMessage = 65_536;
const leastMessages = 16;
const mostMessages = 1024;
/** Payloads wait so long (ms) for their neighbours at most. */
const holdTime = 20;
/** Messages after which the loop's other work has its turn. */
const turnLimit = 2048;
const noDescriptor = -1;

/**
 * The UDP socket of a receiver, on the port that it has for TCP; open while a session needs it. The sessions share it: a
 * datagram says whose it is, and what belongs to nobody is counted and dropped.
 *
 * Messages are received one behind the other into a block, and their payloads stay there until it is full (or for 20 ms), so
 * that those which are neighbours in a file are written together.
 */
export class DatagramPort implements EventHandler, TimerOwner {
  /** Datagrams that belong to no session, so far. */
  strangers = 0;
  /** Calls of recvmmsg so far. */
  calls = 0;
  readonly soft = new SoftErrors();
  private fd = noDescriptor;
  private readonly clients: DatagramClient[] = [];
  private readonly header = new DatagramHeader();
  private readonly timer = new Timer(this);
  /** No payload is asked for by anybody. */
  private headersOnly = false;
  /** Bytes that a message has room for. */
  private slot = 0;
  private block = new MemoryBlock(64);
  private view = new DataView(this.block.bytes.buffer);
  private list = new MessageList(1, 1, true);
  /** Messages that are in the block. */
  private filled = 0;
  /** Messages are being taken out of the block, and a client has gone meanwhile. */
  private isTaking = false;
  private isStale = false;
  /** The kernel had no memory: the socket is not looked at for a while. */
  private isPaused = false;

  /**
   * @param address where the receiver listens
   * @param where the same, for messages
   * @param rcvbuf bytes; 0: 32 MiB, or what the system allows of it
   */
  constructor(
    private readonly loop: EventLoop,
    private readonly address: SocketAddress,
    private readonly where: string,
    private readonly rcvbuf: number,
  ) {}

  /** How many datagrams the socket had no room for, of all sessions: they did come over the network. */
  get drops(): number {
    return this.fd === noDescriptor ? 0 : Math.max(0, socketDrops(this.fd));
  }

  /** @throws TransferError where the port is taken */
  add(client: DatagramClient): void {
    if (this.fd === noDescriptor) this.open();
    this.clients.push(client);
    this.arrange();
  }

  remove(client: DatagramClient): void {
    const at = this.clients.indexOf(client);
    if (at < 0) return;
    this.clients.splice(at, 1);
    this.isStale = true;
    if (!this.isTaking) this.renew();
  }

  private renew(): void {
    this.isStale = false;
    if (this.clients.length > 0) this.arrange();
    else this.close();
  }

  private open(): void {
    const fd = check(socket(this.address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC), 'socket()');
    setBufferSizes(fd, { sndbuf: 0, rcvbuf: this.rcvbuf > 0 ? this.rcvbuf : defaultBuffer });
    setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    const bound = bindSocket(fd, this.address);
    if (bound < 0) {
      close(fd);
      throw new TransferError(
        `cannot take datagrams at ${this.where}: bind() failed (${errnoText(-bound)})`,
        'network',
      );
    }
    this.fd = fd;
    check(this.loop.add(fd, EPOLLIN, this), 'epoll_ctl()');
  }

  private close(): void {
    this.isPaused = false;
    this.loop.timers.remove(this.timer);
    this.loop.forget(this.fd);
    close(this.fd);
    this.fd = noDescriptor;
  }

  /** Makes room for what the present sessions send. */
  private arrange(): void {
    this.release();
    const { clients } = this;
    const merges = clients.some(client => client.merges);
    this.headersOnly = !merges && clients.every(client => !client.wantsPayload);
    setOption(this.fd, IPPROTO_UDP, UDP_GRO, merges ? 1 : 0);
    const largest = merges ? largestMessage : Math.max(...clients.map(client => client.datagramSize));
    this.slot = Math.ceil((this.headersOnly ? headerSize : largest) / 8) * 8;
    const wanted = Math.floor(Math.max(...clients.map(client => client.blockSize)) / this.slot);
    const capacity = Math.min(mostMessages, Math.max(leastMessages, wanted));
    this.block = new MemoryBlock(capacity * this.slot);
    this.view = new DataView(this.block.bytes.buffer);
    this.list = new MessageList(capacity, capacity, true);
    for (let at = 0; at < capacity; at++) {
      this.list.setPart(at, this.block.address + at * this.slot, this.slot);
      this.list.setMessage(at, at, 1);
    }
    this.list.expect(0, capacity);
  }

  onEvent(): void {
    this.isTaking = true;
    let messages = 0;
    let isEmpty = false;
    while (!isEmpty && !this.isStale && messages < turnLimit) {
      const room = this.list.capacity - this.filled;
      const count = this.receive(room);
      messages += count;
      isEmpty = count < room;
    }
    this.isTaking = false;
    if (this.isStale) this.renew();
    for (const client of this.clients.slice()) client.turnEnds();
  }

  /** Gives how many messages came: less than there is room for when no more are there. */
  private receive(room: number): number {
    const { filled, list, headersOnly } = this;
    this.calls += 1;
    const count = recvmmsg(this.fd, list, filled, room, headersOnly ? MSG_TRUNC : 0);
    if (count < 0) {
      if (count === -EINTR) return this.receive(room);
      if (count !== -EAGAIN) this.failed(-count);
      return 0;
    }
    this.soft.clear();
    for (let message = filled; message < filled + count; message++) this.takeMessage(message);
    this.filled = filled + count;
    if (headersOnly || this.filled === list.capacity) this.release();
    else if (!this.timer.isSet) this.loop.setTimer(this.timer, holdTime);
    return count;
  }

  private takeMessage(message: number): void {
    const { list } = this;
    const length = list.length(message);
    const begin = message * this.slot;
    if (list.isCut(message) && !this.headersOnly) {
      this.strangers += 1;
      return;
    }
    const arrival = list.arrival(message);
    const segment = list.segmentSize(message) || length;
    let at = 0;
    // a datagram may be empty
    do {
      this.takeDatagram(begin + at, Math.min(segment, length - at), arrival);
      at += segment;
    } while (at < length);
  }

  private takeDatagram(at: number, length: number, arrival: number): void {
    const { header } = this;
    const client = header.read(this.view, at, length) ? this.clientOf(header) : undefined;
    if (client === undefined) {
      this.strangers += 1;
      return;
    }
    try {
      const address = this.block.address + at + headerSize;
      if (!client.take(header, address, length - headerSize, arrival)) this.strangers += 1;
    } catch (error) {
      client.fail(error);
    }
  }

  private clientOf({ low, high }: ShortToken): DatagramClient | undefined {
    for (const client of this.clients) if (client.token.low === low && client.token.high === high) return client;
    return undefined;
  }

  /** @param errno positive */
  private failed(errno: number): void {
    try {
      if (!isSoft(errno)) throw connectionFailure(errno, 'recvmmsg', this.where);
      const pause = this.soft.next(errno, 'recvmmsg');
      this.isPaused = true;
      this.loop.modify(this.fd, 0);
      this.loop.setTimer(this.timer, pause);
    } catch (error) {
      for (const client of this.clients.slice()) client.fail(error);
    }
  }

  onTimer(): void {
    this.release();
    if (this.isPaused) this.loop.modify(this.fd, EPOLLIN);
    this.isPaused = false;
  }

  /** Has all payloads written that are in the block. */
  release(): void {
    if (!this.isPaused) this.loop.timers.clear(this.timer);
    this.list.expect(0, this.filled);
    this.filled = 0;
    for (const client of this.clients.slice()) {
      try {
        client.flush();
      } catch (error) {
        client.fail(error);
      }
    }
  }
}
