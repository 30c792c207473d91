import { Worker } from 'node:worker_threads';
import type { ChecksumAnswer, ChecksumJob } from './checksum-job.js';

/** Threads that wait for the next file; more are ended. A thread takes about 40 ms to start. */
const mostIdle = 2;

type Settle = (answer: ChecksumAnswer | Error) => void;

const idle: ChecksumWorker[] = [];

/**
 * Gives a thread a job.
 * @param settle is called once, from Node's own loop
 * @returns what has the process live until the answer is there: somebody waits for it. Until it is called nothing keeps it alive
 */
export function startChecksum(job: ChecksumJob, settle: Settle): () => void {
  const worker = idle.pop() ?? new ChecksumWorker();
  worker.start(job, settle);
  return () => worker.hold(settle);
}

/** A thread that hashes files, one at a time. */
class ChecksumWorker {
  private readonly worker = new Worker(new URL('./checksum-thread.js', import.meta.url), {
    // options for the main thread are not all for others
    execArgv: [],
    name: 'checksum',
  });
  private settle: Settle | undefined;
  private failure: Error | undefined;

  constructor() {
    const { worker } = this;
    worker.on('message', (answer: ChecksumAnswer) => this.end(answer));
    worker.on('error', error => {
      this.failure = error;
    });
    worker.on('exit', code => this.gone(code));
    // after the listeners, for they hold it again
    worker.unref();
  }

  start(job: ChecksumJob, settle: Settle): void {
    this.settle = settle;
    this.worker.postMessage(job);
  }

  hold(settle: Settle): void {
    if (this.settle === settle) this.worker.ref();
  }

  private end(answer: ChecksumAnswer | Error): void {
    const { settle } = this;
    this.settle = undefined;
    this.worker.unref();
    if (!(answer instanceof Error)) this.rest();
    settle?.(answer);
  }

  private rest(): void {
    if (idle.length < mostIdle) idle.push(this);
    else void this.worker.terminate();
  }

  private gone(code: number): void {
    const at = idle.indexOf(this);
    if (at >= 0) idle.splice(at, 1);
    this.end(this.failure ?? new Error(`it ended by itself (exit code ${code})`));
  }
}
