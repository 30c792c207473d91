import type { ReceivedHead } from '../../http/received-head.js';
import { TransferError } from '../failure.js';
import type { BodyLength } from '../http/body.js';
import { BrokenConnection } from '../http/broken.js';
import { askedMs, isPassing, type Retries } from '../http/retries.js';
import type { Sink } from '../paths/path.js';
import type { Range } from '../ranges.js';
import type { Answer } from './answer.js';
import type { Client } from './client.js';
import { ask } from './follow.js';
import { HasChanged, type Job, StartAnew } from './job.js';
import { Pause } from './pause.js';
import type { Piece, Pieces } from './pieces.js';
import { contentRange, differenceOf, isSameVersion, versionOf } from './version.js';

/** How often a stream without work looks for a slow one to help, in ms. */
const lookAround = 200;

/** An answer to begin with, and the piece that it brings. */
export interface Opened {
  readonly answer: Answer;
  readonly piece: Piece;
}

/** The streams of a job. */
export interface Group {
  /** How many there are that have not given up. */
  readonly size: number;
  /** One gives up. */
  leave(): void;
  /** A piece has come, or was given back. */
  changed(): void;
}

/** Fetches one piece after the other, over a connection of its own. */
export class Stream {
  private sink: Sink | null = null;
  /** Between two tries, and while there is nothing to do. */
  private readonly backoff: Pause;
  private readonly idle: Pause;
  private isClosed = false;

  /**
   * @param name for messages: '' where it is the only one
   * @param group the streams that it is one of
   */
  constructor(
    private readonly job: Job,
    private readonly pieces: Pieces,
    readonly client: Client,
    private readonly name: string,
    private readonly group: Group,
    private readonly retries: Retries,
  ) {
    this.backoff = new Pause(job.loop);
    this.idle = new Pause(job.loop);
  }

  /**
   * @returns when nothing is left to be done, or others do it
   * @throws TransferError
   */
  async run(opened: Opened | null): Promise<void> {
    let next = opened ?? (await this.nextPiece());
    while (next !== null) {
      const { piece } = next;
      try {
        await this.fetch(piece, 'answer' in next ? next.answer : null);
        this.pieces.finish(piece);
        this.group.changed();
      } catch (error) {
        this.pieces.giveBack(piece);
        this.group.changed();
        if (!(await this.goesOnAfter(error))) return;
      }
      next = await this.nextPiece();
    }
  }

  /** There may be work for it. */
  wake(): void {
    this.idle.end();
  }

  private async nextPiece(): Promise<{ piece: Piece } | null> {
    const { pieces, job } = this;
    while (!pieces.isDone && !this.isClosed) {
      const piece = pieces.take(job.loop.now) ?? pieces.share(job.loop.now);
      if (piece !== null) return { piece };
      await this.idle.wait(lookAround);
    }
    return null;
  }

  private async fetch(piece: Piece, opened: Answer | null): Promise<void> {
    const { job } = this;
    this.sink ??= job.makeSink();
    const { sink } = this;
    let answer = opened;
    do {
      answer ??= await this.ask(piece);
      const { at } = piece;
      try {
        await answer.receive({ portion: piece, sink, flow: job.flow });
      } finally {
        // where it was closed, this was done then
        if (!this.isClosed) sink.flush();
      }
      if (piece.end === Number.POSITIVE_INFINITY) {
        piece.end = piece.at;
        job.size = piece.at;
      } else if (piece.at === at && piece.at < piece.end) {
        throw new BrokenConnection(`${answer.target.authority} sends nothing of what it has promised`, 'peer');
      }
      answer = null;
    } while (piece.at < piece.end);
  }

  private async ask(piece: Piece): Promise<Answer> {
    const { client, job } = this;
    const { origin, settings, version } = job;
    const range = { start: piece.at, end: piece.end };
    const wish = { range, validator: version.validator };
    let answer: Answer;
    try {
      answer = await ask(client, origin, job.target, wish, settings);
    } catch (error) {
      // an address that was led to may have been for a while only
      if (isPassing(error) || job.target === origin) throw error;
      job.target = origin;
      answer = await ask(client, origin, origin, wish, settings);
    }
    job.target = answer.target;
    this.check(answer, range);
    return answer;
  }

  /** @throws StartAnew or TransferError unless it brings the beginning of what was asked for, of the version that is wanted */
  private check(answer: Answer, asked: Range): void {
    const { head, length } = answer;
    if (head.status === 200) {
      this.checkWhole(answer, asked);
      return;
    }
    const problem = this.problemOf(head, length, asked);
    if (problem === null) return;
    answer.drop();
    throw problem;
  }

  /** An answer with all of the file, to a request for a part. */
  private checkWhole(answer: Answer, asked: Range): void {
    const { client, job } = this;
    const { head, length } = answer;
    const whole = versionOf(head, length.kind === 'length' ? length.length : null);
    if (!isSameVersion(job.version, whole)) {
      answer.drop();
      throw new HasChanged(job, differenceOf(job.version, whole));
    }
    if (asked.start === 0 && asked.end === whole.size) return;
    throw new StartAnew('the server gives no parts of the file', { client, answer });
  }

  private problemOf(head: ReceivedHead, length: BodyLength, asked: Range): TransferError | null {
    const { version } = this.job;
    if (head.status === 416) return new HasChanged(this.job, 'it is shorter now');
    const range = contentRange(head);
    const isExact = range !== null && (length.kind !== 'length' || length.length === range.end - range.start);
    if (!isExact || range.start !== asked.start || range.end > asked.end) {
      const sent = head.get('content-range') ?? 'it does not say which';
      return new StartAnew(
        `bytes ${asked.start}-${asked.end - 1} were asked for, and the server sends others (${sent})`,
        null,
      );
    }
    const other = versionOf(head, range.size);
    return isSameVersion(version, other) ? null : new HasChanged(this.job, differenceOf(version, other));
  }

  /**
   * Decides what becomes of a failure, and waits where waiting may help.
   * @returns false where the others go on without this stream
   * @throws the error, where it ends the job
   */
  private async goesOnAfter(error: unknown): Promise<boolean> {
    const { job, retries } = this;
    if (this.isClosed || !(error instanceof TransferError) || isFinal(error)) throw error;
    const wait = isPassing(error) ? retries.next(job.there(), askedMs(error)) : null;
    if (wait === null) {
      if (this.group.size === 1) throw error;
      this.group.leave();
      job.note(`${error.message}; ${this.name}leaves it to the others`);
      return false;
    }
    job.note(`${error.message}; ${this.name}${retries.announce(wait)}`);
    await this.backoff.wait(wait);
    const canGoOn = job.size !== null && job.version.validator !== '';
    if (!canGoOn) throw new StartAnew('the server does not tell one version of the file from another', null);
    return true;
  }

  /**
   * Lets go of everything; whatever is under way fails with this error.
   * @param keepsClient somebody else uses it from now on
   */
  close(error: Error, keepsClient: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (!keepsClient) this.client.close(error);
    try {
      this.sink?.flush();
    } catch {
      // what ends the job matters more; what is not there is not noted
    }
    this.sink?.close();
    this.backoff.end();
    this.idle.end();
  }
}

/** Whether an error would be the same for all streams. */
function isFinal(error: TransferError): boolean {
  const isOurs = error.kind === 'store' || error.kind === 'refused';
  return isOurs || error instanceof StartAnew || error instanceof HasChanged;
}
