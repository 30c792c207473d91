import type { Readable } from 'node:stream';
import { addressOf, MemoryBlock } from '../../../native/memory.js';
import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import { Timer } from '../../event/timers.js';
import type { ReceivedHead } from '../../http/received-head.js';
import { count } from '../../tools/words.js';
import { type BodyLength, bodyLength } from '../http/body.js';
import { BrokenConnection } from '../http/broken.js';
import { tlsFailure } from '../http/tls-failure.js';
import type { HttpTarget } from '../http/url.js';
import type { Answer } from './answer.js';
import type { Delivery } from './flow.js';

/** V8 may move the bytes of smaller typed arrays (see MemoryBlock). */
const leastAddressable = 65;
const small = new MemoryBlock(leastAddressable);

/** An answer that came by Node's https client: what it deciphers is written to the same file by pwrite. */
export class TlsAnswerBody implements Answer {
  readonly length: BodyLength;
  private readonly pause: Timer;

  constructor(
    private readonly loop: EventLoop,
    readonly target: HttpTarget,
    readonly head: ReceivedHead,
    private readonly body: Readable,
    private readonly timeoutMs: number,
  ) {
    this.pause = new Timer({ onTimer: () => this.goOn() });
    // what breaks it before somebody reads it is told to who does, by its `errored`
    body.on('error', () => {});
    try {
      this.length = bodyLength(head, 'GET');
    } catch (error) {
      this.drop();
      throw error;
    }
  }

  receive(delivery: Delivery): Promise<void> {
    const { loop, body } = this;
    const done = new Deferred<void>(loop);
    const { portion } = delivery;
    const start = portion.at;
    let isOver = false;
    const finish = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      loop.timers.remove(this.pause);
      if (error === undefined) done.resolve();
      else done.reject(error);
      body.destroy();
    };
    body.on('data', (bytes: Buffer) => {
      if (isOver || body.destroyed) return;
      try {
        this.store(bytes, delivery);
        if (portion.at >= portion.end) finish();
      } catch (error) {
        finish(error);
      }
    });
    body.on('error', error => finish(tlsFailure(error, this.target, this.timeoutMs)));
    body.on('close', () => finish(this.broken(portion.at - start)));
    body.on('end', () => finish(this.isWhole(portion.at - start) ? undefined : this.broken(portion.at - start)));
    if (portion.at >= portion.end) finish();
    else if (body.errored !== null) finish(tlsFailure(body.errored, this.target, this.timeoutMs));
    loop.onEvent();
    return done.promise;
  }

  private store(bytes: Buffer, { portion, sink, flow }: Delivery): void {
    const size = Math.min(bytes.length, portion.end - portion.at);
    sink.store(addressable(bytes), size, portion.at);
    portion.at += size;
    flow.meter.add(size);
    flow.pacer.spend(size);
    const wait = flow.pacer.delay();
    if (wait === 0) return;
    this.body.pause();
    this.loop.setTimer(this.pause, wait);
  }

  private goOn(): void {
    this.body.resume();
    this.loop.onEvent();
  }

  private isWhole(size: number): boolean {
    return this.length.kind !== 'length' || size === this.length.length;
  }

  private broken(size: number): BrokenConnection {
    return new BrokenConnection(`${this.target.authority} closed the connection after ${count(size)} bytes`, 'peer');
  }

  drop(): void {
    this.body.destroy();
  }
}

function addressable(bytes: Buffer): number {
  if (bytes.length >= leastAddressable) return addressOf(bytes);
  bytes.copy(small.bytes);
  return small.address;
}
