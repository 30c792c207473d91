/** `directio`: what is read past the page cache arrives as ever, wherever it begins and ends. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { EINVAL } from '../../native/errno.js';
import { O_DIRECT, O_RDONLY, openAgain } from '../../native/file.js';
import { BufferedOutput } from '../../src/output/buffers.js';
import { DirectReader } from '../../src/output/direct.js';
import { PageReader } from '../../src/output/pages.js';
import { OutputBufferPool } from '../../src/output/pool.js';
import { Progress, queueOverflow } from '../../src/output/transfer.js';
import { ThreadPool } from '../../src/threads/pool.js';
import { until } from '../../src/tools/waiting.js';
import { Exchange, expected, HeldPool, limits, Source, smallest } from './support.js';

const size = 300_123;
const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
after(() => rmSync(folder, { recursive: true }));

/** False where this folder's file system reads past the page cache, or the reason to skip what needs it. */
const refusing = whyRefusing();

function whyRefusing(): string | false {
  const source = new Source(folder, 4096);
  const fd = openAgain(source.fd, O_RDONLY | O_DIRECT);
  source.close();
  if (fd < 0) return `${folder} is on a file system without O_DIRECT`;
  closeSync(fd);
  return false;
}

/** Who waits for a reader. */
class Owner {
  told = 0;
  readonly refused: number[] = [];
  onPagesRead(): void {
    this.told += 1;
  }
  onRefused(_file: unknown, errno: number): void {
    this.refused.push(errno);
  }
}

/** A response that is read directly, and all that belongs to it. */
class Direct {
  readonly source = new Source(folder, size);
  readonly owner = new Owner();
  readonly buffers = new OutputBufferPool();
  readonly exchange: Exchange;
  readonly reader: DirectReader;
  private readonly fd: number;

  constructor(alignment: number, pool: ThreadPool | null, socket: { buffers: number } | undefined = smallest) {
    this.fd = openAgain(this.source.fd, O_RDONLY | O_DIRECT);
    this.exchange = new Exchange(new BufferedOutput(this.buffers), socket);
    this.reader = new DirectReader(this.source, this.fd, alignment, pool, this.owner);
    this.exchange.transfer.pages = pool === null ? null : new PageReader(pool, this.owner);
    this.exchange.transfer.direct = this.reader;
  }

  returned(): Promise<void> {
    const { pages } = this.exchange.transfer;
    return until(
      () => !this.reader.isBusy && !pages?.isBusy,
      () => true,
      () => 'the thread does not return',
    );
  }

  /** Sends and receives until the end, and waits for threads in between. */
  async finish(): Promise<Progress> {
    for (;;) {
      await this.returned();
      const progress = this.exchange.finish(() => 10_007);
      if (progress !== Progress.Waiting) return progress;
    }
  }

  close(): void {
    this.exchange.end(this.buffers);
    this.exchange.close();
    this.source.close();
    closeSync(this.fd);
    assert.deepEqual([this.buffers.lent, this.source.holders], [0, 0]);
  }
}

const edges = [0, 1, 511, 512, 513, 4095, 4096, 4097, 65_535, 65_536, 131_073];
const lengths = [1, 2, 511, 512, 1024, 4097, 32_768, 65_537, 100_000];

/** Some ranges for each beginning, other ones for each `round`; the file's end is among them. */
const ranges = (source: Source, round: number) =>
  edges.flatMap((offset, index) => [
    source.piece(offset, lengths[(index + round) % lengths.length]),
    { bytes: Buffer.alloc(99, 'm') },
    source.piece(size - offset - 1, Math.min(offset + 1, lengths[(index * 3 + round) % lengths.length])),
  ]);

for (const [name, makePool] of [
  ['on the loop', () => null],
  ['in threads', () => new ThreadPool('test', 2, 8)],
] as const) {
  describe(`directio, ${name}`, { skip: refusing }, () => {
    for (const [alignment, bufferNumber, bufferSize] of [
      [512, 2, 32_768],
      [4096, 1, 10_000],
      [4096, 3, 700],
      [512, 7, 1111],
    ]) {
      test(`ranges from anywhere to anywhere, in steps of ${alignment}, by ${bufferNumber} buffers of ${bufferSize}`, async () => {
        for (const round of [0, 4]) {
          const direct = new Direct(alignment, makePool());
          const pieces = [...ranges(direct.source, round), direct.source.piece(0, size)];
          const bytes = expected('head', pieces);
          direct.exchange.transfer.begin('head', pieces, { ...limits, bufferNumber, bufferSize });
          assert.equal(await direct.finish(), Progress.Done);
          assert.ok(direct.exchange.all(bytes.length).equals(bytes));
          assert.deepEqual(direct.owner.refused, []);
          direct.close();
        }
      });
    }

    test('a share bounds what is read at once, but for a block', async () => {
      for (const [share, alignment, most] of [
        [20_000, 512, 2 * 20_000],
        [100, 4096, 4096],
      ]) {
        const direct = new Direct(alignment, makePool(), { buffers: 1_000_000 });
        const pieces = [direct.source.piece(1000, 60_000)];
        const bytes = expected('', pieces);
        direct.exchange.transfer.begin('', pieces, { ...limits, share });
        let progress: Progress = Progress.Waiting;
        for (let sent = 0; progress !== Progress.Done; sent = direct.exchange.transfer.bytesSent) {
          await direct.returned();
          progress = direct.exchange.step();
          direct.exchange.receive();
          assert.notEqual(progress, Progress.Failed);
          assert.ok(direct.exchange.transfer.bytesSent - sent <= most);
        }
        assert.ok(direct.exchange.all(bytes.length).equals(bytes));
        direct.close();
      }
    });

    test('a file that has become shorter', async () => {
      const direct = new Direct(512, makePool());
      direct.exchange.transfer.begin('head', [direct.source.piece(0, size)], limits);
      truncateSync(direct.source.path, 100_001);
      assert.equal(await direct.finish(), Progress.Failed);
      const { failedCall, error, fileOffset } = direct.exchange.transfer;
      assert.deepEqual([failedCall, error, fileOffset], ['pread64', 0, 100_001]);
      direct.close();
    });

    test('blocks that the kernel does not take are read as ever', async () => {
      const pool = makePool();
      const direct = new Direct(512, pool);
      direct.reader.read = () => -EINVAL;
      const pieces = [direct.source.piece(1000, 200_000)];
      const bytes = expected('head', pieces);
      direct.exchange.transfer.begin('head', pieces, limits);
      assert.equal(await direct.finish(), Progress.Done);
      assert.ok(direct.exchange.all(bytes.length).equals(bytes));
      assert.deepEqual(direct.owner.refused, [EINVAL]);
      direct.close();
    });
  });
}

describe('directio, in a thread that takes its time', { skip: refusing }, () => {
  /** A response that waits for its first read, which has been made and not been told of. */
  async function waiting(pool: HeldPool): Promise<Direct> {
    const direct = new Direct(512, pool);
    direct.exchange.transfer.begin('head', [direct.source.piece(0, size)], limits);
    assert.equal(direct.exchange.step(), Progress.Waiting);
    return direct;
  }

  test('a client that leaves: buffers and file stay until it returns, and nobody is told', async () => {
    const pool = new HeldPool('held', 1, 1);
    const direct = await waiting(pool);
    let freed = 0;
    const { transfer } = direct.exchange;
    const { buffers } = transfer;
    transfer.end();
    transfer.buffers = null;
    direct.reader.leave(() => {
      freed += 1;
      if (buffers !== null) direct.buffers.giveBack(buffers);
    });
    assert.deepEqual([freed, direct.source.holders, direct.buffers.lent], [0, 1, 1]);
    await pool.returned();
    assert.deepEqual([freed, direct.owner.told], [1, 0]);
    assert.ok(buffers?.block.bytes.subarray(0, 1000).equals(direct.source.bytes.subarray(0, 1000)));
    direct.close();
  });

  test('a client that leaves while its read waits for a thread', async () => {
    const pool = new ThreadPool('busy', 1, 1);
    pool.submit({ start: () => {}, ended: () => {} });
    const direct = new Direct(512, pool);
    direct.exchange.transfer.begin('head', [direct.source.piece(0, size)], limits);
    assert.equal(direct.exchange.step(), Progress.Waiting);
    let freed = 0;
    direct.reader.leave(() => {
      freed += 1;
    });
    assert.deepEqual([freed, direct.source.holders, pool.waiting], [1, 0, 0]);
    direct.close();
  });

  test('a disk that fails', async () => {
    const pool = new HeldPool('held', 1, 1);
    pool.outcome = -5;
    const direct = await waiting(pool);
    await pool.returned();
    assert.equal(direct.exchange.step(), Progress.Failed);
    assert.deepEqual([direct.exchange.transfer.failedCall, direct.exchange.transfer.error], ['pread64', 5]);
    direct.close();
  });

  test('a queue that is full', () => {
    const pool = new ThreadPool('full', 1, 0);
    pool.submit({ start: () => {}, ended: () => {} });
    const direct = new Direct(512, pool);
    direct.exchange.transfer.begin('head', [direct.source.piece(0, size)], limits);
    assert.equal(direct.exchange.step(), Progress.Failed);
    assert.deepEqual([direct.exchange.transfer.failedCall, direct.reader.isBusy], [queueOverflow, false]);
    direct.close();
  });
});

test('the second descriptor is of the same file, whatever its path names now', { skip: refusing }, () => {
  const source = new Source(folder, 5000);
  rmSync(source.path);
  const fd = openAgain(source.fd, O_RDONLY);
  assert.ok(readFileSync(fd).equals(source.bytes));
  closeSync(fd);
  source.close();
});
