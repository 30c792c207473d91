import { closeSync, openSync, writeFileSync } from 'node:fs';
import { check } from '../../native/errno.js';
import { BufferedOutput } from '../../src/output/buffers.js';
import { FileContent } from '../../src/output/content.js';
import { OutputBufferPool } from '../../src/output/pool.js';
import { SendfileOutput } from '../../src/output/sendfile.js';
import { type Output, type OutputLimits, type Piece, Progress, Transfer } from '../../src/output/transfer.js';
import { type Job, ThreadPool } from '../../src/threads/pool.js';
import { until } from '../../src/tools/waiting.js';
import { connectPair, inFolder, type Pair, receiveNow, waitFor } from '../native/support.js';

export const EPOLLIN = 1;

export const limits: OutputLimits = { share: 0, bufferNumber: 2, bufferSize: 32_768, cork: false };

/** The kernel's smallest socket buffers: writes end early, and at uneven places. */
export const smallest = { buffers: 1 };

/** The ways to send, each with the pool that its buffers come from. */
export const ways: { name: string; make(): { output: Output; pool: OutputBufferPool } }[] = [
  { name: 'sendfile', make: () => ({ output: new SendfileOutput(), pool: new OutputBufferPool() }) },
  {
    name: 'buffers',
    make() {
      const pool = new OutputBufferPool();
      return { output: new BufferedOutput(pool), pool };
    },
  },
];

/** A file with bytes that tell every place from every other. */
export class Source {
  readonly path: string;
  readonly fd: number;
  readonly bytes: Buffer;
  /** Who holds it beside the test. */
  holders = 0;

  constructor(folder: string, length: number) {
    this.path = `${folder}/source-${length}`;
    this.bytes = Buffer.alloc(length);
    for (let at = 0; at + 4 <= length; at += 4) this.bytes.writeUInt32LE(Math.imul(at + 1, 0x9e3779b1) >>> 0, at);
    writeFileSync(this.path, this.bytes);
    this.fd = openSync(this.path, 'r');
  }

  /** What it holds, where that is to be in memory. */
  content: FileContent | null = null;

  piece(offset: number, length: number): Piece {
    return { file: this, offset, length };
  }

  /** Has it in memory from now on. */
  read(): this {
    this.content = new FileContent(this.bytes.length);
    this.bytes.copy(this.content.bytes);
    return this;
  }

  hold(): void {
    this.holders += 1;
  }
  release(): void {
    this.holders -= 1;
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** A file of so many bytes, for as long as it is used. */
export function withSource(length: number, use: (source: Source) => void): void {
  inFolder(folder => {
    const source = new Source(folder, length);
    use(source);
    source.close();
  });
}

/** What has to arrive. */
export function expected(head: string, pieces: readonly Piece[]): Buffer {
  const parts: Buffer[] = [Buffer.from(head, 'latin1')];
  for (const piece of pieces) {
    if ('bytes' in piece) parts.push(piece.bytes);
    else parts.push((piece.file as Source).bytes.subarray(piece.offset, piece.offset + piece.length));
  }
  return Buffer.concat(parts);
}

/** One response on a connection of its own, and what its client has got of it. */
export class Exchange {
  readonly transfer: Transfer;
  readonly got: Buffer[] = [];
  readonly steps: Progress[] = [];
  private readonly pair: Pair;

  constructor(
    private readonly output: Output,
    options?: { buffers: number },
    where = '127.0.0.1',
  ) {
    this.pair = connectPair(where, options);
    this.transfer = new Transfer(this.pair.server);
  }

  get client(): number {
    return this.pair.client;
  }

  step(): Progress {
    const progress = this.output.send(this.transfer);
    this.steps.push(progress);
    return progress;
  }

  /** The client reads `most` bytes at most of what there is. */
  receive(most?: number): number {
    const bytes = receiveNow(this.pair.client, most);
    if (bytes === null || bytes.length === 0) return 0;
    this.got.push(bytes);
    return bytes.length;
  }

  /** Sends and receives in turns until the transfer is done, has failed, or waits for a thread; `most` says how much the client reads at once. */
  finish(most: () => number = () => 65_536): Progress {
    for (;;) {
      const progress = this.step();
      if (progress !== Progress.Full && progress !== Progress.Share) return progress;
      if (progress !== Progress.Full) continue;
      waitFor(this.pair.client, EPOLLIN);
      this.receive(most());
    }
  }

  /** All that the client gets, when `count` bytes are to come. */
  all(count: number): Buffer {
    let have = this.got.reduce((sum, bytes) => sum + bytes.length, 0);
    while (have < count) {
      waitFor(this.pair.client, EPOLLIN);
      const more = this.receive();
      if (more === 0) break;
      have += more;
    }
    check(this.receive() > 0 ? -1 : 0, 'nothing more was to come');
    return Buffer.concat(this.got);
  }

  /** As a connection does it when a response has ended. */
  end(pool: OutputBufferPool): void {
    this.transfer.end();
    if (this.transfer.buffers !== null) pool.giveBack(this.transfer.buffers);
    this.transfer.buffers = null;
  }

  close(): void {
    this.pair.close();
  }
}

/** A pool whose threads return when the test says so. */
export class HeldPool extends ThreadPool {
  readonly held: (() => void)[] = [];
  /** What a call is to come to instead of its own result. */
  outcome: number | null = null;

  override submit(job: Job): boolean {
    const held: Job = {
      start: done => job.start(result => this.held.push(() => done(this.outcome ?? result))),
      ended: result => job.ended(result),
    };
    return super.submit(held);
  }

  async returned(): Promise<void> {
    await until(
      () => this.held.length > 0,
      () => true,
      () => 'no thread has returned',
    );
    this.held.shift()?.();
  }
}
