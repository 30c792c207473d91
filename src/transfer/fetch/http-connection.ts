import { EPOLLET, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../../../native/epoll.js';
import { EAGAIN, EINTR } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import { recv, send } from '../../../native/socket.js';
import { Deferred } from '../../event/deferred.js';
import type { EventHandler, EventLoop, Task } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { ResponseParser } from '../../http/response-parser.js';
import { connectionFailure, isSoft, type SoftErrors, TransferError } from '../failure.js';
import type { BodyLength } from '../http/body.js';
import { BrokenConnection } from '../http/broken.js';
import type { CallCounts } from '../paths/path.js';
import { type BodyMover, bodyMover } from './body-mover.js';
import type { Delivery } from './flow.js';

/** Bytes of a head that are read at once; what is behind it comes with it, and is copied once more than the rest. */
const inputSize = 16 * 1024;
/** After so many bytes the other streams have their turn. */
const turnSize = 16 * 1024 * 1024;

/** A body on its way, and who waits for it. */
interface Body {
  readonly mover: BodyMover;
  readonly delivery: Delivery;
  readonly done: Deferred<void>;
}

const State = { Idle: 0, Sending: 1, Head: 2, Waiting: 3, Body: 4, Closed: 5 } as const;

/**
 * A connection to a server of http, for one request after the other: `get`, then `receive` or `close`, and again where
 * `canGoOn`.
 */
export class HttpConnection implements EventHandler, Task, TimerOwner {
  /** By the kernel's names; what the file's side makes is in the sink's. */
  readonly calls = { sendto: 0, recvfrom: 0 } satisfies CallCounts;
  private readonly parser = new ResponseParser();
  private readonly input = new MemoryBlock(inputSize);
  /** What came behind the head: places in `input`. */
  private restStart = 0;
  private restEnd = 0;
  private state: number = State.Idle;
  private request = new MemoryBlock(0);
  private sent = 0;
  private head: Deferred<ReceivedHead> | null = null;
  private body: Body | null = null;
  private keepsAlive = false;
  private failure: unknown = null;
  private readonly softErrors: SoftErrors;
  private readonly silence = new Timer(this);
  private readonly pause = new Timer({ onTimer: () => this.proceed() });

  /**
   * @param fd a connected socket, non-blocking: it belongs to this from now on
   * @param peer the server, for messages
   * @param timeoutMs how long it may be silent while something is expected
   */
  constructor(
    private readonly loop: EventLoop,
    private readonly fd: number,
    readonly peer: string,
    private readonly timeoutMs: number,
    softErrors: SoftErrors,
  ) {
    this.softErrors = softErrors;
    loop.add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, this);
  }

  /** Whether another request can be sent. */
  get canGoOn(): boolean {
    return this.state === State.Idle;
  }

  /** Whether not a byte of the answer has come that is waited for. */
  get isUnanswered(): boolean {
    return this.parser.isEmpty;
  }

  /**
   * Sends a request without a body.
   * @param text a byte string
   * @returns the head of the answer; 100 Continue and the like are passed over
   * @throws BrokenConnection; TransferError (kind peer) where the answer is none
   */
  get(text: string): Promise<ReceivedHead> {
    const head = new Deferred<ReceivedHead>(this.loop);
    this.head = head;
    this.request = new MemoryBlock(text.length);
    this.request.bytes.latin1Write(text, 0, text.length);
    this.sent = 0;
    this.parser.reset();
    this.state = State.Sending;
    this.loop.setTimer(this.silence, this.timeoutMs);
    this.proceed();
    return head.promise;
  }

  /**
   * Moves the body of the answer to where it belongs.
   * @param keepsAlive whether the connection may be used again afterwards
   */
  receive(length: BodyLength, delivery: Delivery, keepsAlive: boolean): Promise<void> {
    const done = new Deferred<void>(this.loop);
    if (this.state !== State.Waiting) {
      done.reject(this.failure ?? new BrokenConnection(`the connection to ${this.peer} is closed`));
      return done.promise;
    }
    const mover = bodyMover(length, delivery, this.calls, this.peer);
    this.body = { mover, delivery, done };
    this.state = State.Body;
    this.keepsAlive = keepsAlive;
    this.loop.setTimer(this.silence, this.timeoutMs);
    try {
      mover.begin(this.input.bytes, this.input.address, this.restStart, this.restEnd);
      this.restStart = this.restEnd;
      this.move();
    } catch (error) {
      this.fail(error);
    }
    return done.promise;
  }

  /** The answer has no body, or all of it has come with the head and is dropped: the connection can be used again, if it is to be. */
  skip(length: BodyLength, keepsAlive: boolean): void {
    const size = length.kind === 'length' ? length.length : length.kind === 'none' ? 0 : Number.NaN;
    if (keepsAlive && this.state === State.Waiting && this.restEnd - this.restStart === size) this.rest();
    else this.close();
  }

  onEvent(): void {
    this.proceed();
  }

  onTurn(): void {
    this.proceed();
  }

  onTimer(): void {
    this.fail(new BrokenConnection(`${this.peer} was silent for ${this.timeoutMs / 1000} s`));
  }

  onFault(error: unknown): void {
    this.fail(error);
  }

  private proceed(): void {
    if (this.state === State.Sending) this.sendOn();
    if (this.state === State.Head) this.readHead();
    else if (this.state === State.Body) this.moveSafely();
    else if (this.state === State.Idle) this.readIdle();
  }

  private sendOn(): void {
    const { bytes, address } = this.request;
    while (this.sent < bytes.length) {
      this.calls.sendto += 1;
      const size = send(this.fd, address + this.sent, bytes.length - this.sent);
      if (size >= 0) {
        this.sent += size;
      } else if (size !== -EINTR) {
        this.stopAt(-size, 'sendto');
        return;
      }
    }
    this.state = State.Head;
  }

  private readHead(): void {
    while (this.state === State.Head) {
      this.calls.recvfrom += 1;
      const size = recv(this.fd, this.input.address, inputSize);
      if (size > 0) {
        this.takeHead(size);
      } else if (size === 0) {
        this.fail(this.noAnswer());
      } else if (size !== -EINTR) {
        this.stopAt(-size, 'recvfrom');
        return;
      }
    }
  }

  private takeHead(size: number): void {
    const { parser, input } = this;
    this.softErrors.clear();
    this.loop.setTimer(this.silence, this.timeoutMs);
    let at = 0;
    do at = parser.parse(input.bytes, at, size);
    while (at >= 0 && this.skipInterim());
    if (at < 0) {
      this.fail(new TransferError(`${this.peer}: the answer ${parser.problem}`, 'peer'));
    } else if (parser.head !== null) {
      this.restStart = at;
      this.restEnd = size;
      this.state = State.Waiting;
      this.loop.timers.clear(this.silence);
      this.head?.resolve(parser.head);
    }
  }

  /** Whether there was a head that only announces another one. */
  private skipInterim(): boolean {
    const isInterim = this.parser.head?.isInterim === true;
    if (isInterim) this.parser.reset();
    return isInterim;
  }

  private noAnswer(): BrokenConnection {
    const how = this.isUnanswered ? 'without an answer' : 'within the head of its answer';
    return new BrokenConnection(`${this.peer} closed the connection ${how}`, 'peer');
  }

  private moveSafely(): void {
    try {
      this.move();
    } catch (error) {
      this.fail(error);
    }
  }

  private move(): void {
    for (let left = turnSize; left > 0 && this.body !== null; ) {
      const moved = this.moveOnce(this.body);
      if (moved < 0) return;
      left -= moved;
    }
    if (this.body !== null) this.loop.post(this);
  }

  /** @returns bytes taken, or -1 where it goes on at another time */
  private moveOnce({ mover, delivery }: Body): number {
    if (mover.isDone) {
      this.finish(mover);
      return 0;
    }
    const { pacer } = delivery.flow;
    const most = pacer.allowance(this.loop.now);
    if (most < 1) {
      this.loop.setTimer(this.pause, pacer.delay());
      return -1;
    }
    const size = mover.take(this.fd, most);
    if (size === 0) {
      mover.end();
    } else if (size < 0) {
      this.stopAt(-size, delivery.sink.name === 'splice' ? 'splice' : 'recvfrom');
      return -1;
    } else {
      this.softErrors.clear();
      this.loop.setTimer(this.silence, this.timeoutMs);
    }
    return size;
  }

  private finish(mover: BodyMover): void {
    const { body } = this;
    if (this.keepsAlive && mover.isClean) this.rest();
    else this.close();
    this.body = null;
    body?.done.resolve();
  }

  private rest(): void {
    this.state = State.Idle;
    this.loop.timers.clear(this.silence);
  }

  /** Between two requests a server has nothing to say but good-bye. */
  private readIdle(): void {
    this.calls.recvfrom += 1;
    const size = recv(this.fd, this.input.address, inputSize);
    if (size !== -EAGAIN && size !== -EINTR) this.close();
  }

  /** A call has failed: wait for an event, wait a little, or give up. */
  private stopAt(errno: number, call: string): void {
    if (errno === EAGAIN) return;
    try {
      if (!isSoft(errno)) throw connectionFailure(errno, call, this.peer);
      this.loop.setTimer(this.pause, this.softErrors.next(errno, call));
    } catch (error) {
      this.fail(error instanceof TransferError ? new BrokenConnection(error.message, error.kind) : error);
    }
  }

  /** Ends whatever is under way, with this error. */
  fail(error: unknown): void {
    const { head, body } = this;
    this.failure ??= error;
    this.close();
    this.head = null;
    this.body = null;
    head?.reject(error);
    body?.done.reject(error);
  }

  close(): void {
    if (this.state === State.Closed) return;
    this.state = State.Closed;
    this.loop.timers.remove(this.silence);
    this.loop.timers.remove(this.pause);
    this.loop.forget(this.fd);
    close(this.fd);
  }
}
