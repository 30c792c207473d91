import { Deferred } from '../../event/deferred.js';
import { BrokenConnection } from '../http/broken.js';
import { Retries } from '../http/retries.js';
import type { Client } from './client.js';
import { type Job, StartAnew } from './job.js';
import type { Pieces } from './pieces.js';
import { type Group, type Opened, Stream } from './stream.js';

/** All streams of a job: they end together. */
export class Streams implements Group {
  private readonly streams: Stream[];
  private readonly outcome: Deferred<void>;
  private working: number;

  /** @param client of the first stream: it has the answer that they begin with */
  constructor(
    job: Job,
    private readonly pieces: Pieces,
    client: Client,
    count: number,
  ) {
    this.outcome = new Deferred(job.loop);
    this.working = count;
    this.streams = Array.from({ length: count }, (_, index) => {
      const name = count > 1 ? `stream ${index + 1} ` : '';
      if (index === 0) return new Stream(job, pieces, client, name, this, job.retries);
      return new Stream(job, pieces, job.makeClient(), name, this, new Retries(job.settings.retries));
    });
  }

  get size(): number {
    return this.working;
  }

  /**
   * @param opened an answer that came to the first stream's client
   * @returns when every byte has come
   * @throws StartAnew; TransferError
   */
  async run(opened: Opened | null): Promise<void> {
    for (const [index, stream] of this.streams.entries()) {
      stream.run(index === 0 ? opened : null).catch(error => this.outcome.reject(error));
    }
    let kept: Client | undefined;
    try {
      await this.outcome.promise;
    } catch (error) {
      kept = error instanceof StartAnew ? error.opened?.client : undefined;
      throw error;
    } finally {
      this.close(new BrokenConnection('another stream has ended the transfer'), kept);
    }
  }

  leave(): void {
    this.working -= 1;
  }

  changed(): void {
    if (this.pieces.isDone) this.outcome.resolve();
    for (const stream of this.streams) stream.wake();
  }

  /** Ends the job from outside. */
  fail(error: Error): void {
    this.outcome.reject(error);
    this.close(error);
  }

  private close(error: Error, kept?: Client): void {
    for (const stream of this.streams) stream.close(error, stream.client === kept);
  }
}
