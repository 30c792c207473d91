import { MemoryBlock } from '../../native/memory.js';
import type { EventLoop } from '../event/loop.js';
import type { Activity } from '../modules/module.js';
import { BufferedOutput } from '../output/buffers.js';
import { OutputBufferPool } from '../output/pool.js';
import { SendfileOutput } from '../output/sendfile.js';
import type { Scoreboard } from '../scoreboard/board.js';
import { Counter, counters } from '../scoreboard/counters.js';
import { ThreadPool } from '../threads/pool.js';
import { ThreadPools } from '../threads/pools.js';
import { Connection } from './connection.js';
import type { ErrorLogWriter } from './error-log.js';
import { Files } from './files.js';
import { InputBufferPool, TurnInput } from './input-buffer.js';
import { HttpRequest } from './request.js';
import type { AddressRuntime } from './runtime.js';
import { TextFiles } from './text-files.js';

/** Request objects that are kept for the next request. */
const idleRequestLimit = 256;
/** How much is read of a socket at once, when a body is dropped; heads take less. */
const inputBlockSize = 64 * 1024;
/** As nginx: this part of the connections is kept free, by closing idle ones. */
const freePart = 1 / 16;
const evictedAtOnce = 32;
/** Threads that hash passwords; those that read files may need the others. */
const cryptThreads = 2;
const cryptQueue = 1024;

/** All connections of a worker, and what they share: memory, files, outputs. */
export class Connections {
  readonly files: Files;
  readonly inputBlock = new MemoryBlock(inputBlockSize);
  readonly inputBuffers = new InputBufferPool();
  readonly turnInput: TurnInput;
  readonly sendfileOutput = new SendfileOutput();
  readonly bufferedOutput = new BufferedOutput(new OutputBufferPool());
  /** Those of the configuration. */
  pools = new ThreadPools([]);
  readonly textFiles = new TextFiles();
  /** For hashes of passwords. One connection waits for one at most. */
  readonly cryptThreads = new ThreadPool('crypt', cryptThreads, cryptQueue);
  /** The worker finishes what it has, and takes nothing new. */
  isLeaving = false;
  /** Milliseconds that idle connections get to send one more request, when the worker leaves. */
  readonly leavingGrace = 1000;
  /** Open connections. */
  count = 0;
  private serial = 0;
  /** The idle ones, the one that is idle for the longest time first. */
  private firstIdle: Connection | null = null;
  private lastIdle: Connection | null = null;
  private readonly idleRequests: HttpRequest[] = [];
  private onLastClosed: (() => void) | null = null;

  /**
   * @param limit connections at most (`worker_connections`)
   * @param board of all workers
   * @param prefix the folder that relative paths of the configuration start from, with its slash
   */
  constructor(
    readonly loop: EventLoop,
    readonly errorLog: ErrorLogWriter,
    readonly prefix: string,
    private readonly limit: number,
    private readonly board: Scoreboard,
  ) {
    this.files = new Files(loop);
    this.turnInput = new TurnInput(loop);
  }

  /** Of all workers. */
  get activity(): Activity {
    const [active, reading, writing] = [Counter.active, Counter.reading, Counter.writing].map(each =>
      this.board.sum(each),
    );
    return {
      active,
      reading,
      writing,
      waiting: Math.max(0, active - reading - writing),
      accepted: this.board.sum(Counter.accepted),
      handled: this.board.sum(Counter.handled),
      requests: this.board.sum(Counter.requests),
    };
  }

  /**
   * Takes over a connection that was accepted.
   * @param ready its first bytes are there already
   * @returns false when there is no room for it; its descriptor is then the caller's
   */
  open(fd: number, address: AddressRuntime, host: string, port: number, ready: boolean): boolean {
    if (this.count >= this.limit * (1 - freePart)) this.evictIdle();
    if (this.count >= this.limit) return false;
    this.count += 1;
    counters[Counter.handled] += 1;
    counters[Counter.active] += 1;
    new Connection(this, fd, address, host, port).open(ready);
    return true;
  }

  closed(connection: Connection): void {
    this.removeIdle(connection);
    this.count -= 1;
    counters[Counter.active] -= 1;
    if (this.count === 0) this.onLastClosed?.();
  }

  /**
   * Lets the connections come to their end: requests in progress are finished, idle connections close soon.
   * @param done called once, when none is left
   */
  leave(done: () => void): void {
    this.isLeaving = true;
    this.onLastClosed = done;
    for (let one = this.firstIdle; one !== null; one = one.nextIdle) one.leave(this.leavingGrace);
    if (this.count === 0) done();
  }

  nextSerial(): number {
    this.serial += 1;
    return this.serial;
  }

  takeRequest(): HttpRequest {
    return this.idleRequests.pop() ?? new HttpRequest();
  }

  giveBackRequest(request: HttpRequest): void {
    if (this.idleRequests.length < idleRequestLimit) this.idleRequests.push(request);
  }

  addIdle(connection: Connection): void {
    if (connection.isIdle) return;
    connection.isIdle = true;
    connection.previousIdle = this.lastIdle;
    connection.nextIdle = null;
    if (this.lastIdle === null) this.firstIdle = connection;
    else this.lastIdle.nextIdle = connection;
    this.lastIdle = connection;
  }

  removeIdle(connection: Connection): void {
    if (!connection.isIdle) return;
    connection.isIdle = false;
    const { previousIdle, nextIdle } = connection;
    if (previousIdle === null) this.firstIdle = nextIdle;
    else previousIdle.nextIdle = nextIdle;
    if (nextIdle === null) this.lastIdle = previousIdle;
    else nextIdle.previousIdle = previousIdle;
    connection.previousIdle = null;
    connection.nextIdle = null;
  }

  private evictIdle(): void {
    for (let left = evictedAtOnce; left > 0 && this.firstIdle !== null; left--) this.firstIdle.close();
  }
}
