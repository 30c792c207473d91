import { EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT } from '../../../native/epoll.js';
import { EAGAIN, EINTR } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import { recv, send } from '../../../native/socket.js';
import { Deferred } from '../../event/deferred.js';
import type { EventHandler, EventLoop, Task } from '../../event/loop.js';
import { Timer } from '../../event/timers.js';
import { connectTo } from '../connect.js';
import { connectionFailure, isOfConnection, type TransferError } from '../failure.js';
import { BrokenConnection } from '../http/broken.js';
import { requestHead } from '../http/request.js';
import { Pacer } from '../pacer.js';
import { makeSource } from '../paths/make.js';
import type { CallCounts } from '../paths/path.js';
import { AnswerReader } from './answer-reader.js';
import { type Answer, type Attempt, continueMs, expectsContinue } from './attempt.js';
import { FileSender, Stop } from './file-sender.js';

/** Ms for a connection to come about. */
const connectMs = 30_000;
/** Ms for the rest of an answer whose head has come. */
const answerMs = 5000;

/** What is read of an answer in one call. */
const input = new MemoryBlock(16 * 1024);

const Phase = { Head: 0, Waiting: 1, Body: 2, Answer: 3 };

/**
 * One try over plain HTTP, on a connection of its own.
 * @throws BrokenConnection where another try may go better; TransferError
 */
export async function putPlain(loop: EventLoop, attempt: Attempt): Promise<Answer> {
  const { host, port } = attempt.target;
  const fd = await connectTo(loop, host, port, Math.min(connectMs, attempt.settings.timeoutMs));
  const exchange = new PlainExchange(loop, fd, attempt);
  try {
    return await exchange.run();
  } finally {
    exchange.close();
  }
}

/**
 * Sends the request and reads the answer. What the server says is heard all the time: an answer may come before the body, and
 * then none of it is sent, or while it is being sent, and then an error ends the sending.
 */
class PlainExchange implements EventHandler, Task {
  private readonly outcome: Deferred<Answer>;
  private readonly reader: AnswerReader;
  private readonly sender: FileSender;
  private readonly head: MemoryBlock;
  private headSent = 0;
  private phase = Phase.Head;
  private isPaused = false;
  private isPosted = false;
  /** Why nothing more can be sent. */
  private sendFailure: TransferError | null = null;
  private readonly calls = { sendto: 0, recvfrom: 0 };
  private readonly silence = new Timer({ onTimer: () => this.onSilence() });
  private readonly waiting = new Timer({ onTimer: () => this.guard(() => this.stopWaiting()) });
  private readonly pause = new Timer({ onTimer: () => this.guard(() => this.resume()) });

  constructor(
    private readonly loop: EventLoop,
    private readonly fd: number,
    private readonly attempt: Attempt,
  ) {
    const { target, fields, file, settings } = attempt;
    const { blockSize, zeroCopy, rate } = settings;
    const source = makeSource(zeroCopy, file.fd, file.path, { blockSize, fixedOffset: false, direct: false });
    this.outcome = new Deferred(loop);
    this.reader = new AnswerReader(target.authority);
    this.sender = new FileSender(attempt, source, new Pacer(rate, () => performance.now()));
    const text = requestHead('PUT', target.path, fields);
    this.head = new MemoryBlock(text.length);
    this.head.bytes.latin1Write(text, 0);
  }

  run(): Promise<Answer> {
    this.progress();
    this.loop.add(this.fd, EPOLLIN | EPOLLOUT | EPOLLET, this);
    return this.outcome.promise;
  }

  onEvent(mask: number): void {
    this.guard(() => {
      if ((mask & (EPOLLIN | EPOLLHUP | EPOLLERR)) !== 0) this.receive();
      this.transmit();
    });
  }

  onTurn(): void {
    this.isPosted = false;
    this.guard(() => this.transmit());
  }

  close(): void {
    for (const timer of [this.silence, this.waiting, this.pause]) this.loop.timers.remove(timer);
    this.loop.forget(this.fd);
    close(this.fd);
    this.sender.source.close();
  }

  /** What is thrown ends the try, and not the loop. */
  private guard(run: () => void): void {
    if (this.outcome.isSettled) return;
    try {
      run();
    } catch (error) {
      this.outcome.reject(error);
    }
  }

  private receive(): void {
    while (!this.outcome.isSettled) {
      this.calls.recvfrom += 1;
      const got = recv(this.fd, input.address, input.size);
      if (got === -EINTR) continue;
      if (got === -EAGAIN) return;
      if (got <= 0) {
        this.onEnd(got);
        return;
      }
      this.progress();
      this.reader.take(input.bytes, got);
      this.hear();
    }
  }

  /** Acts on what the server has said so far. */
  private hear(): void {
    const { head, isContinued, isWhole } = this.reader;
    if (head === null) {
      if (isContinued && this.phase === Phase.Waiting) this.beginBody();
      return;
    }
    const isError = head.status >= 300;
    if (isError || this.phase < Phase.Body) {
      this.phase = Phase.Answer;
      this.loop.setTimer(this.silence, answerMs);
    }
    // of a success, nobody reads the body
    if (this.isAnswered && (isWhole || !isError)) this.finish();
  }

  private transmit(): void {
    if (this.phase === Phase.Head) this.sendHead();
    if (this.phase !== Phase.Body || this.isPaused || this.isPosted || this.outcome.isSettled) return;
    const before = this.sender.sent;
    const stop = this.sender.send(this.fd);
    if (this.sender.sent > before) this.progress();
    this.after(stop);
  }

  private after(stop: Stop): void {
    if (stop === Stop.Done) {
      this.phase = Phase.Answer;
      this.hear();
    } else if (stop === Stop.Failed) {
      const { errno, source } = this.sender;
      const failure = source.failure(errno, this.attempt.target.authority);
      if (!isOfConnection(errno)) throw failure;
      this.onSendError(failure);
    } else if (stop === Stop.Pause) {
      this.isPaused = true;
      this.loop.setTimer(this.pause, this.sender.pauseMs);
    } else if (stop === Stop.Turn) {
      this.isPosted = true;
      this.loop.post(this);
    }
  }

  private sendHead(): void {
    const { head } = this;
    while (this.headSent < head.size) {
      this.calls.sendto += 1;
      const returned = send(this.fd, head.address + this.headSent, head.size - this.headSent);
      if (returned === -EAGAIN) return;
      if (returned > 0) this.headSent += returned;
      else if (returned !== -EINTR) {
        this.onSendError(connectionFailure(-returned, 'sendto', this.attempt.target.authority));
        return;
      }
    }
    this.progress();
    if (this.reader.isContinued || !expectsContinue(this.attempt.fields)) {
      this.beginBody();
    } else {
      this.phase = Phase.Waiting;
      this.loop.setTimer(this.waiting, continueMs);
    }
  }

  private beginBody(): void {
    this.loop.timers.remove(this.waiting);
    this.phase = Phase.Body;
    this.attempt.begin();
  }

  /** Servers of HTTP/1.0, and some others, never say "100 Continue". */
  private stopWaiting(): void {
    this.beginBody();
    this.transmit();
  }

  private resume(): void {
    this.isPaused = false;
    this.transmit();
  }

  /** An answer that came before the connection broke can still be read. */
  private onSendError(failure: TransferError): void {
    this.sendFailure = new BrokenConnection(failure.message, failure.kind, { cause: failure });
    this.receive();
    this.phase = Phase.Answer;
    if (this.outcome.isSettled) return;
    if (this.reader.head === null) throw this.sendFailure;
    this.finish();
  }

  /** @param got 0 where the server has closed its side, or the negative errno */
  private onEnd(got: number): void {
    const { authority } = this.attempt.target;
    if (this.isAnswered) {
      this.finish();
    } else if (this.sendFailure !== null) {
      throw this.sendFailure;
    } else if (got < 0) {
      const { message, kind } = connectionFailure(-got, 'recvfrom', authority);
      throw new BrokenConnection(message, kind);
    } else {
      const when =
        this.phase === Phase.Answer ? 'without an answer: whether it has the file is not known' : 'too early';
      throw new BrokenConnection(`${authority} has closed the connection ${when}`, 'peer');
    }
  }

  private onSilence(): void {
    this.guard(() => {
      if (this.isAnswered) {
        this.finish();
        return;
      }
      const { target, settings } = this.attempt;
      throw new BrokenConnection(`${target.authority} was silent for ${settings.timeoutMs / 1000} s`);
    });
  }

  /** The answer that counts is here, but for the rest of its body perhaps. */
  private get isAnswered(): boolean {
    return this.reader.head !== null && this.phase === Phase.Answer;
  }

  private progress(): void {
    if (!this.isAnswered) this.loop.setTimer(this.silence, this.attempt.settings.timeoutMs);
  }

  private finish(): void {
    const { head, text } = this.reader;
    if (head === null) return;
    const { sent, source, softErrors } = this.sender;
    const { name: path } = source;
    this.outcome.resolve({ head, text, sent, path, calls: this.allCalls(), softErrors: softErrors.count });
  }

  private allCalls(): CallCounts {
    const { calls } = this.sender.source;
    const { sendto, recvfrom } = this.calls;
    return { ...calls, sendto: (calls.sendto ?? 0) + sendto, recvfrom };
  }
}
