import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EAGAIN } from '../../native/errno.js';
import { bytesAt } from '../../native/openssl.js';
import { BufferedOutput } from '../../src/output/buffers.js';
import { OutputBufferPool } from '../../src/output/pool.js';
import { TlsDrain, type TlsWriter } from '../../src/output/tls.js';
import { type Piece, Progress, Transfer } from '../../src/output/transfer.js';
import { inFolder } from '../native/support.js';
import { expected, limits, Source } from './support.js';

/** OpenSSL's part, without a cipher, before a socket that takes some bytes and then none, each time. */
class Writer implements TlsWriter {
  readonly records: number[] = [];
  isGathering = false;
  flushes = 0;
  readonly arrived: Buffer[] = [];
  private waiting: Buffer = Buffer.alloc(0);
  private room = 0;

  /** @param step bytes that the socket takes before it is full */
  constructor(
    private readonly step: number,
    readonly mustFlush: boolean,
  ) {}

  /** The socket has room again. */
  drained(): void {
    this.room = this.step;
  }

  write(address: number, size: number): number {
    if (!this.isGathering && this.room === 0) return -EAGAIN;
    this.records.push(size);
    const bytes = bytesAt(address, size);
    if (this.isGathering) {
      this.waiting = Buffer.concat([this.waiting, bytes]);
      assert.ok(this.waiting.length <= this.size);
    } else this.take(bytes);
    return size;
  }

  private size = 0;

  gather(size: number): boolean {
    this.size = size;
    this.isGathering = true;
    return true;
  }

  flush(): number {
    this.flushes += 1;
    const taken = Math.min(this.room, this.waiting.length);
    this.take(this.waiting.subarray(0, taken));
    this.waiting = this.waiting.subarray(taken);
    return this.waiting.length === 0 ? 1 : -EAGAIN;
  }

  endGather(): void {
    assert.equal(this.waiting.length, 0);
    this.isGathering = false;
  }

  private take(bytes: Buffer): void {
    this.arrived.push(Buffer.from(bytes));
    this.room = Math.max(0, this.room - bytes.length);
  }
}

describe('TLS in this process', () => {
  /** Sends it all, and gives the writer. */
  function send(head: string, pieces: readonly Piece[], record: number, step: number, mustFlush = false): Writer {
    const writer = new Writer(step, mustFlush);
    const output = new BufferedOutput(new OutputBufferPool(), new TlsDrain(writer, record));
    const transfer = new Transfer(-1);
    transfer.begin(head, pieces, { ...limits, share: 100_000, bufferNumber: 2, bufferSize: 32_768 });
    let progress: Progress;
    do {
      writer.drained();
      progress = output.send(transfer);
    } while (progress === Progress.Full || progress === Progress.Share);
    assert.equal(progress, Progress.Done);
    const bytes = expected(head, pieces);
    assert.ok(Buffer.concat(writer.arrived).equals(bytes), `${record} ${step}`);
    assert.equal(transfer.bytesSent, bytes.length);
    assert.equal(writer.isGathering, false);
    assert.ok(writer.records.every(size => size <= record));
    return writer;
  }

  test('nothing is lost and nothing sent twice, wherever the socket is full', () => {
    inFolder(folder => {
      const source = new Source(folder, 300_000);
      const memory = { bytes: Buffer.alloc(50_000, 'm') };
      for (const pieces of [
        [source.piece(0, 300_000)],
        [memory, source.piece(5, 100_000), source.piece(1, 9)],
        [memory],
      ]) {
        for (const record of [512, 4096, 16_384]) {
          for (const step of [1000, 16_384, 65_537, 1_000_000]) {
            send('head', pieces, record, step);
            send('head', pieces, record, step, true);
          }
        }
      }
      source.close();
    });
  });

  test('records of a round leave together, and a small response leaves by itself', () => {
    inFolder(folder => {
      const source = new Source(folder, 300_000);
      const many = send('head', [source.piece(0, 65_536 * 4)], 16_384, 1_000_000);
      assert.equal(many.flushes, 4);
      assert.deepEqual(many.records.slice(0, 5), [16_384, 16_384, 16_384, 16_384, 4]);
      const few = send('head', [source.piece(0, 20_000)], 16_384, 1_000_000);
      assert.deepEqual([few.flushes, few.records], [0, [16_384, 3620]]);
      const early = send('head', [], 16_384, 1_000_000, true);
      assert.deepEqual([early.flushes, early.records], [1, [4]]);
      source.close();
    });
  });
});
