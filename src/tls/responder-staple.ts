import type { MemoryBlock } from '../../native/memory.js';
import type { LogLevel } from '../modules/module.js';
import { type OcspQuestion, responseBlock } from './ocsp.js';
import { askResponder } from './responder.js';
import type { Staple } from './staple.js';

/** What asking needs of a process that serves. */
export interface StapleHost {
  log(level: LogLevel, message: string): void;
  /** Has something run on Node's loop, soon. */
  runLater(act: () => void): void;
}

const second = 1000;
/** As nginx: an answer is asked for anew before it ends, after an hour at most, and never before these have passed. */
const least = 300 * second;
const most = 3600 * second;

/**
 * What a responder says of a certificate. It is asked when a client first wants to know, and that client is told nothing; each worker
 * asks for itself, as in nginx, for an answer is small and holds for long.
 */
export class ResponderStaple implements Staple {
  /** Null in a process that does not serve: nobody is asked. */
  host: StapleHost | null = null;
  private answer: MemoryBlock | null = null;
  private validUntil = 0;
  private askAt = 0;
  private isAsking = false;

  /**
   * @param url whom to ask
   * @param name of the certificate, for messages
   */
  constructor(
    private readonly url: URL,
    private readonly name: string,
    private readonly question: Pick<OcspQuestion, 'request' | 'check' | 'free'>,
    private readonly now: () => number = Date.now,
    private readonly ask: typeof askResponder = askResponder,
  ) {}

  get bytes(): MemoryBlock | null {
    const now = this.now();
    if (!this.isAsking && this.askAt <= now && this.host !== null) {
      this.isAsking = true;
      this.host.runLater(() => this.begin());
    }
    return this.validUntil >= now ? this.answer : null;
  }

  free(): void {
    this.question.free();
  }

  private begin(): void {
    this.ask(this.url, this.question.request)
      .then(answer => this.take(answer))
      .catch(error => this.complain(error as Error));
  }

  private take(answer: Buffer): void {
    const now = this.now();
    const validUntil = now + this.question.check(answer) * second;
    this.answer = responseBlock(answer);
    this.validUntil = validUntil;
    this.askAt = Math.max(Math.min(validUntil - least, now + most), now + least);
    this.isAsking = false;
  }

  /** What was said before holds as long as it was said to hold. */
  private complain({ message }: Error): void {
    this.askAt = this.now() + least;
    this.isAsking = false;
    const { host } = this.url;
    this.host?.log(
      'error',
      `${message} while requesting certificate status, responder: ${host}, certificate: "${this.name}"`,
    );
  }
}
