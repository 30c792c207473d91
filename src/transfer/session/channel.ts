import { EPOLLET, EPOLLIN, EPOLLOUT } from '../../../native/epoll.js';
import { EAGAIN, EINTR } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import { MSG_NOSIGNAL, recv, SHUT_WR, send, shutdown } from '../../../native/socket.js';
import { Deferred } from '../../event/deferred.js';
import type { EventHandler, EventLoop } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import { connectionFailure, isSoft, SoftErrors, TransferError } from '../failure.js';
import { plain } from '../plain.js';
import { type Failed, longestLine, type Message, type Ping } from '../protocol.js';
import { encode } from './messages.js';

/** Bytes that wait for the socket at most: neither side says more than this without waiting for an answer. */
const mostUnsent = 2 * longestLine;
/** Messages that came before somebody asked for them. */
const mostUnread = 4;
/** How long the other end has (ms) to read the last words, before the connection is closed under it. */
const lingerTime = 2000;
const lineEnd = 10;

/** Who a channel belongs to: the session. */
export interface ChannelOwner {
  /** The other end has said that it cannot go on, or what it says makes no sense, or it is gone. */
  onChannelFailure(error: TransferError): void;
}

/** What the other end is, for messages. */
export type PeerName = 'the sender' | 'the receiver';

/** The control connection of a session: messages as lines of JSON, each way, bounded in length and number. */
export class Channel<Incoming extends Message> implements EventHandler, TimerOwner {
  /** When something last came, in ms of the loop's clock. */
  lastHeard: number;
  /** When something last went. */
  lastSaid: number;
  private readonly input = new MemoryBlock(longestLine);
  private inputLength = 0;
  private readonly output = new MemoryBlock(mostUnsent);
  private outputLength = 0;
  private readonly unread: Incoming[] = [];
  private reader: Deferred<Incoming> | null = null;
  private readonly closed: Deferred<void>;
  private readonly timer = new Timer(this);
  private readonly soft = new SoftErrors();
  private state: 'open' | 'lingering' | 'closed' = 'open';
  private mayEnd = false;
  /** Nothing more will come. */
  private isOver = false;

  /**
   * @param fd a connection whose greeting is over; it belongs to the channel
   * @param address the other end's
   * @param read checks a line
   */
  constructor(
    private readonly loop: EventLoop,
    private readonly fd: number,
    private readonly name: PeerName,
    private readonly address: string,
    private readonly read: (line: string) => Incoming,
    private readonly owner: ChannelOwner,
  ) {
    this.lastHeard = loop.now;
    this.lastSaid = loop.now;
    this.closed = new Deferred(loop);
    loop.add(fd, EPOLLIN | EPOLLOUT | EPOLLET, this);
  }

  get softErrors(): number {
    return this.soft.count;
  }

  /** From now on the other end may close the connection: all is said. */
  expectEnd(): void {
    this.mayEnd = true;
  }

  /** Queues a message, and writes what the socket takes. */
  say(message: Message): void {
    if (this.state !== 'open') return;
    const line = `${encode(message)}\n`;
    if (line.length > longestLine) throw new RangeError(`a message of ${line.length} bytes: ${message.is}`);
    if (this.outputLength + line.length > mostUnsent) {
      this.fail(new TransferError(`${this.name} (${this.address}) does not read what it is told`, 'peer'));
      return;
    }
    this.output.bytes.latin1Write(line, this.outputLength);
    this.outputLength += line.length;
    this.lastSaid = this.loop.now;
    this.write();
  }

  /**
   * Waits for the next message.
   * @throws TransferError (kind peer) where it is none of these; where the channel breaks, only its owner is told
   */
  async expect<const Name extends Incoming['is']>(...names: Name[]): Promise<Extract<Incoming, { is: Name }>> {
    const message = this.unread.shift() ?? (await this.next());
    if (isOneOf(message, names)) return message;
    throw new TransferError(
      `${this.name} does not keep to the protocol: it said "${message.is}" in place of "${names.join('" or "')}"`,
      'peer',
    );
  }

  private next(): Promise<Incoming> {
    this.reader = new Deferred<Incoming>(this.loop);
    return this.reader.promise;
  }

  /** The connection is closed, by whichever end. */
  get ended(): Promise<void> {
    return this.closed.promise;
  }

  /** Says no more; the connection is closed when the other end has closed it, or after two seconds. Resolves then. */
  end(): Promise<void> {
    if (this.state === 'open') {
      this.state = 'lingering';
      this.loop.setTimer(this.timer, lingerTime);
      this.inputLength = 0;
      if (this.isOver) this.close();
      else if (this.outputLength === 0) shutdown(this.fd, SHUT_WR);
    }
    return this.closed.promise;
  }

  /** Closes the connection at once. */
  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.loop.timers.remove(this.timer);
    this.loop.forget(this.fd);
    close(this.fd);
    this.closed.resolve();
  }

  onEvent(): void {
    if (this.outputLength > 0) this.write();
    if (this.state !== 'closed') this.receive();
  }

  /** The other end has had its time; or the kernel may have memory again. */
  onTimer(): void {
    if (this.state === 'lingering') this.close();
    else this.onEvent();
  }

  onFault(error: unknown): void {
    this.fail(error instanceof TransferError ? error : new TransferError(String(error), 'peer', { cause: error }));
  }

  private write(): void {
    const { bytes, address } = this.output;
    let done = 0;
    let error = 0;
    while (done < this.outputLength && error === 0) {
      const sent = send(this.fd, address + done, this.outputLength - done, MSG_NOSIGNAL);
      if (sent >= 0) done += sent;
      else if (sent !== -EINTR) error = -sent;
    }
    bytes.copyWithin(0, done, this.outputLength);
    this.outputLength -= done;
    if (error !== 0 && error !== EAGAIN) this.broken(error, 'sendto');
    else if (this.outputLength === 0 && this.state === 'lingering') shutdown(this.fd, SHUT_WR);
  }

  private receive(): void {
    while (this.state !== 'closed') {
      const count = recv(this.fd, this.input.address + this.inputLength, longestLine - this.inputLength);
      if (count === -EAGAIN) return;
      if (count === -EINTR) continue;
      if (count <= 0) {
        if (count === 0) this.endOfStream();
        else this.broken(-count, 'recvfrom');
        return;
      }
      this.soft.clear();
      this.lastHeard = this.loop.now;
      // what comes after our last word is of no interest
      if (this.state === 'open') this.takeLines(count);
      else this.inputLength = 0;
    }
  }

  /** @param count bytes that are new in the input */
  private takeLines(count: number): void {
    const { bytes } = this.input;
    const length = this.inputLength + count;
    let begin = 0;
    let end = bytes.indexOf(lineEnd, this.inputLength);
    while (end >= 0 && end < length && this.state === 'open') {
      this.takeLine(bytes.latin1Slice(begin, end));
      begin = end + 1;
      end = bytes.indexOf(lineEnd, begin);
    }
    bytes.copyWithin(0, begin, length);
    this.inputLength = length - begin;
    if (this.inputLength < longestLine) return;
    this.inputLength = 0;
    this.fail(new TransferError(`${this.name} does not keep to the protocol: it sends a line without end`, 'peer'));
  }

  private takeLine(line: string): void {
    let message: Incoming;
    try {
      message = this.read(line);
    } catch (error) {
      this.onFault(error);
      return;
    }
    if (isPing(message)) return;
    if (isFailure(message)) this.fail(said(this.name, message));
    else if (this.reader !== null) {
      this.reader.resolve(message);
      this.reader = null;
    } else if (this.unread.length < mostUnread) this.unread.push(message);
    else
      this.fail(new TransferError(`${this.name} does not keep to the protocol: it says more than it is asked`, 'peer'));
  }

  private endOfStream(): void {
    this.isOver = true;
    if (this.state === 'lingering' || this.mayEnd) this.close();
    else {
      const reason = 'has closed the connection before all was done: was it ended?';
      this.fail(new TransferError(`${this.name} (${this.address}) ${reason}`, 'peer'));
    }
  }

  private broken(errno: number, call: string): void {
    if (this.state === 'lingering') this.close();
    else if (isSoft(errno)) this.loop.setTimer(this.timer, this.soft.next(errno, call));
    else {
      this.isOver = true;
      this.fail(connectionFailure(errno, call, `${this.name} (${this.address})`));
    }
  }

  private fail(error: TransferError): void {
    if (this.state === 'open') this.owner.onChannelFailure(error);
  }
}

function isOneOf<M extends Message, Name extends M['is']>(
  message: M,
  names: readonly Name[],
): message is Extract<M, { is: Name }> {
  return (names as readonly string[]).includes(message.is);
}

function isPing(message: Message): message is Ping {
  return message.is === 'ping';
}

function isFailure(message: Message): message is Failed {
  return message.is === 'error';
}

/** What the other end has said of its failure, as one's own. */
function said(name: PeerName, { kind, message }: Failed): TransferError {
  const verb = kind === 'refused' ? 'refuses' : 'gave up';
  return new PeerFailure(`${name} ${verb}: ${plain(message)}`, kind);
}

/** The other end has told why it cannot go on: it needs not be told. */
export class PeerFailure extends TransferError {}
