import { createHash, type Hash } from 'node:crypto';
import { EPOLLIN, EPOLLOUT } from '../../../native/epoll.js';
import { EAGAIN, EINPROGRESS, EINTR, errnoText } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import type { MemoryBlock } from '../../../native/memory.js';
import { AF_INET, type SocketAddress } from '../../../native/sockaddr.js';
import {
  connect,
  getOption,
  SO_ERROR,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
} from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import { ResponseParser } from '../../http/response-parser.js';
import { WakeThreshold, wakePatience } from '../../transfer/tcp/wake-threshold.js';
import { type HeadShape, wrongHead } from './answer.js';
import type { Ask } from './ask.js';
import type { Channel, Channels } from './channel.js';

/** Who has the connections. */
export interface Asker {
  readonly loop: EventLoop;
  /** All connections receive into it, one after the other. */
  readonly block: MemoryBlock;
  readonly channels: Channels;
  /** Whether a connection is for many requests: else there is a new one for each. */
  readonly isKept: boolean;
  readonly asks: readonly Ask[];
  /** By ask. */
  readonly shapes: readonly HeadShape[];
  /** Whether there is one more request to be made, and whether its body is to be hashed. */
  next(): 'none' | 'plain' | 'sample';
  /** @param milliseconds from request to last byte */
  answered(ask: Ask, milliseconds: number, isSample: boolean): void;
  /** @param reason the end of a sentence that begins with the server */
  failed(reason: string): void;
}

/** A connection that asks, checks the answer, and asks again. */
export class AskConnection implements EventHandler, TimerOwner {
  private fd = -1;
  private readonly parser = new ResponseParser();
  private channel!: Channel;
  private threshold!: WakeThreshold;
  private readonly timer = new Timer(this);
  private state: 'connects' | 'begins' | 'asks' = 'connects';
  /** Bytes of the body that have not come; -1 while the head has not. */
  private left = -1;
  private hash: Hash | null = null;
  /** The head so far, where it comes in pieces. */
  private pieces = 0;
  private sentAt = 0;

  /** @param at the first of the asks */
  constructor(
    private readonly owner: Asker,
    private readonly address: SocketAddress,
    private at: number,
  ) {
    this.open();
  }

  private open(): void {
    const { owner } = this;
    this.state = 'connects';
    this.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    this.threshold = new WakeThreshold(this.fd);
    this.channel = owner.channels.over(this.fd, owner.block);
    const returned = this.fd < 0 ? this.fd : connect(this.fd, this.address);
    if (returned < 0 && returned !== -EINPROGRESS) owner.failed(`took no connection (${errnoText(-returned)})`);
    else owner.loop.add(this.fd, EPOLLOUT, this);
  }

  onEvent(): void {
    if (this.state === 'connects') this.connected();
    else if (this.state === 'begins') this.begin();
    else while (this.left < 0 ? this.takeHead() : this.takeBody());
  }

  /** The threshold may be more than what has come. */
  onTimer(): void {
    this.onEvent();
  }

  onFault(error: unknown): void {
    this.owner.failed(`met a mistake of the client: ${String(error)}`);
  }

  close(): void {
    this.owner.loop.timers.remove(this.timer);
    if (this.fd < 0) return;
    this.channel.close();
    this.owner.loop.forget(this.fd);
    close(this.fd);
    this.fd = -1;
  }

  private connected(): void {
    const errno = getOption(this.fd, SOL_SOCKET, SO_ERROR);
    if (errno !== 0) {
      this.owner.failed(`took no connection (${errnoText(Math.abs(errno))})`);
      return;
    }
    this.owner.loop.modify(this.fd, EPOLLIN);
    this.begin();
  }

  private begin(): void {
    this.state = 'begins';
    const returned = this.channel.begin();
    if (returned === -EAGAIN) return;
    if (returned < 0) {
      this.owner.failed(this.channel.problem || `broke the handshake off (${errnoText(-returned)})`);
      return;
    }
    this.state = 'asks';
    this.ask(performance.now());
  }

  private ask(now: number): void {
    const { owner } = this;
    const kind = owner.next();
    if (kind === 'none') return;
    this.hash = kind === 'sample' ? createHash('sha256') : null;
    this.left = -1;
    this.pieces = 0;
    this.sentAt = now;
    const { text } = this.current;
    owner.block.bytes.latin1Write(text, 0, text.length);
    // the socket is empty: a request of some hundred bytes always fits
    const sent = this.channel.send(owner.block.address, text.length);
    if (sent !== text.length) owner.failed(`took no request (${sent < 0 ? errnoText(-sent) : `${sent} bytes of it`})`);
  }

  private get current(): Ask {
    return this.owner.asks[this.at]!;
  }

  /** Whether there is more to be done at once. */
  private takeHead(): boolean {
    const { block, shapes } = this.owner;
    const count = this.channel.receive(block.address, block.size);
    if (count <= 0) return this.nothing(count);
    const shape = shapes[this.at]!;
    const isPlain = this.hash === null && this.pieces === 0;
    const after = isPlain && shape.fits(block.bytes, count) ? shape.size : this.readHead(count);
    if (after < 0) return false;
    // the rest of the head has not come
    if (after === 0) return true;
    const body = count - after;
    this.left = this.current.length - body;
    if (this.left < 0) return this.fail(`sent ${-this.left} bytes too many`);
    this.hash?.update(block.bytes.subarray(after, count));
    return this.left > 0 || this.complete();
  }

  /** Reads a head word by word. @returns where the body begins, 0 while the head is not whole, -1 where it is wrong */
  private readHead(count: number): number {
    const { parser, owner, current } = this;
    const { bytes } = owner.block;
    const after = parser.parse(bytes, 0, count);
    if (after < 0) return this.wrong(`sent what is no answer: it ${parser.problem}`);
    this.pieces += 1;
    if (parser.head === null) return 0;
    const problem = wrongHead(parser.head, current);
    parser.reset();
    if (problem !== '') return this.wrong(problem);
    if (this.pieces === 1) owner.shapes[this.at]!.learn(bytes.latin1Slice(0, after), current);
    return after;
  }

  private takeBody(): boolean {
    const { block } = this.owner;
    const { hash, left, channel } = this;
    const count = hash === null ? channel.drop(left) : channel.receive(block.address, Math.min(left, block.size));
    if (count <= 0) return this.nothing(count);
    hash?.update(block.bytes.subarray(0, count));
    this.left -= count;
    return this.left > 0 || this.complete();
  }

  /** The answer has come whole: the next request. */
  private complete(): boolean {
    const { owner, current, hash } = this;
    if (hash !== null && current.sha256 !== undefined && hash.digest('hex') !== current.sha256) {
      return this.fail('sent a body with other bytes than those of the file');
    }
    const now = performance.now();
    this.channel.answered();
    owner.answered(current, now - this.sentAt, hash !== null);
    // it was the last one of all
    if (this.fd < 0) return false;
    this.at = (this.at + 1) % owner.asks.length;
    if (owner.isKept) {
      if (current.length > 0) this.threshold.reset();
      this.ask(now);
    } else {
      this.close();
      this.open();
    }
    return false;
  }

  /** @param count what recv has given: 0, or a negative errno */
  private nothing(count: number): boolean {
    if (count === -EINTR) return true;
    if (count === -EAGAIN) {
      const sure = Math.max(1, this.left - this.channel.heldBack);
      if (this.left > 0 && this.threshold.expect(sure)) this.owner.loop.setTimer(this.timer, wakePatience);
      return false;
    }
    if (this.channel.problem !== '') return this.fail(this.channel.problem);
    const where = this.left > 0 ? ` ${this.left} bytes before the end of an answer` : ' in place of an answer';
    return this.fail(
      count === 0 ? `closed the connection${where}` : `broke the connection (${errnoText(-count)})${where}`,
    );
  }

  private fail(reason: string): false {
    this.owner.failed(reason);
    return false;
  }

  private wrong(reason: string): -1 {
    this.owner.failed(reason);
    return -1;
  }
}
