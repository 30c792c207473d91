import { EPOLLIN } from '../../../native/epoll.js';
import { EAGAIN, EINTR, errnoText } from '../../../native/errno.js';
import { MemoryBlock } from '../../../native/memory.js';
import { recv } from '../../../native/socket.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';

/** Bytes, the line's end included. */
const longest = 256;
/** Who begins with other bytes than ours is given this long (ms) to end its line, for the message. */
const foreignTime = 500;

/** What a connection began with. */
export type Opening =
  /** One line, which begins as it should, and nothing behind it; without its end. */
  | { readonly is: 'line'; readonly text: string }
  /** Other bytes: the first line of them, as far as it came. */
  | { readonly is: 'foreign'; readonly text: string }
  /** Nothing, or not enough: how it ended is told. */
  | { readonly is: 'nothing'; readonly how: string };

/** Reads the first line of a connection: few bytes, in a short time, whatever the other end is. The descriptor stays open. */
export class FirstLine implements EventHandler, TimerOwner {
  private readonly block = new MemoryBlock(longest);
  private readonly timer = new Timer(this);
  private length = 0;
  private isForeign = false;

  /**
   * @param prefix what the line must begin with
   * @param timeout ms
   * @param done is called once, when the descriptor is no longer watched
   */
  constructor(
    private readonly loop: EventLoop,
    private readonly fd: number,
    private readonly prefix: string,
    private readonly timeout: number,
    private readonly done: (opening: Opening) => void,
  ) {}

  start(): void {
    this.loop.add(this.fd, EPOLLIN, this);
    this.loop.setTimer(this.timer, this.timeout);
  }

  /** Ends it without an outcome. */
  stop(): void {
    this.loop.timers.remove(this.timer);
    this.loop.remove(this.fd);
  }

  onEvent(): void {
    const { address } = this.block;
    const count = recv(this.fd, address + this.length, longest - this.length);
    if (count === -EAGAIN || count === -EINTR) return;
    if (count > 0) {
      this.length += count;
      this.look();
    } else if (this.length > 0) this.foreign();
    else this.nothing(count === 0 ? 'it closed the connection at once' : `recvfrom() failed (${errnoText(-count)})`);
  }

  onTimer(): void {
    if (this.length > 0) this.foreign();
    else this.nothing(`it said nothing for ${this.timeout / 1000} s`);
  }

  private look(): void {
    const text = this.text();
    const end = text.indexOf('\n');
    const compared = Math.min(text.length, this.prefix.length);
    if (!this.prefix.startsWith(text.slice(0, compared))) {
      if (end >= 0 || this.length === longest) this.foreign();
      else if (!this.isForeign) this.loop.setTimer(this.timer, foreignTime);
      this.isForeign = true;
    } else if (end >= 0 && end === text.length - 1) this.finish({ is: 'line', text: text.slice(0, end) });
    else if (end >= 0 || this.length === longest) this.foreign();
  }

  private text(): string {
    return this.block.bytes.latin1Slice(0, this.length);
  }

  private foreign(): void {
    const [line] = this.text().split(/\r?\n/, 1);
    this.finish({ is: 'foreign', text: line });
  }

  private nothing(how: string): void {
    this.finish({ is: 'nothing', how });
  }

  private finish(opening: Opening): void {
    this.stop();
    this.done(opening);
  }
}
