import assert from 'node:assert/strict';
import { existsSync, truncateSync } from 'node:fs';
import { describe, test } from 'node:test';
import { EIO, EOPNOTSUPP } from '../../native/errno.js';
import { fadvise, fdatasync, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { preadNow } from '../../native/page-cache.js';
import { PageReader } from '../../src/output/pages.js';
import { Progress, queueOverflow } from '../../src/output/transfer.js';
import { Counter, counters } from '../../src/scoreboard/counters.js';
import { ThreadPool } from '../../src/threads/pool.js';
import { until } from '../../src/tools/waiting.js';
import { inFolder, inFolderAsync } from '../native/support.js';
import { Exchange, expected, HeldPool, limits, Source, smallest, ways } from './support.js';

const size = 900_000;
const probe = new MemoryBlock(100);

/** Puts a file out of the page cache. */
function makeCold(source: Source): void {
  fdatasync(source.fd);
  fadvise(source.fd, 0, 0, POSIX_FADV_DONTNEED);
}

/** Whether the kernel says of this file what is in the page cache. */
function isAskable(source: Source): boolean {
  return preadNow(source.fd, probe.address, 1, 0) === 1;
}

/**
 * A folder of a file system that cannot say what is in the page cache: what is read there always goes through threads, so that a
 * test knows when a response waits.
 */
const memoryFolder = '/dev/shm';
const unaskable = whyAskable();

function whyAskable(): string | false {
  if (!existsSync(memoryFolder)) return `there is no ${memoryFolder}`;
  let answer = 0;
  inFolder(folder => {
    const source = new Source(folder, 100);
    answer = preadNow(source.fd, probe.address, 1, 0);
    source.close();
  }, memoryFolder);
  return answer === -EOPNOTSUPP ? false : `the kernel knows of ${memoryFolder} what is in the page cache`;
}

/** Who waits for pages; `count` says how often it was told. */
const owner = {
  count: 0,
  onPagesRead() {
    owner.count += 1;
  },
};
const pool = () => new ThreadPool('test', 2, 8);

const returned = (reader: PageReader) =>
  until(
    () => !reader.isBusy,
    () => true,
    () => 'the thread does not return',
  );

/** Sends and receives until the end, and waits for threads in between. @returns what it came to */
async function finish(exchange: Exchange, reader: PageReader): Promise<Progress> {
  for (;;) {
    await returned(reader);
    const progress = exchange.finish(() => 65_536);
    if (progress !== Progress.Waiting) return progress;
    assert.ok(reader.isBusy);
  }
}

for (const { name, make } of ways) {
  const withExchange = async (
    use: (exchange: Exchange, source: Source, reader: PageReader) => Promise<void>,
    from: ThreadPool = pool(),
    where?: string,
  ) =>
    inFolderAsync(async folder => {
      const source = new Source(folder, size);
      const { output, pool: buffers } = make();
      const exchange = new Exchange(output, smallest);
      const reader = new PageReader(from, owner);
      exchange.transfer.pages = reader;
      await use(exchange, source, reader);
      exchange.end(buffers);
      assert.equal(buffers.lent, 0);
      exchange.close();
      source.close();
    }, where);

  describe(`${name}, with threads that read`, () => {
    test('a cold file arrives whole, ranges and memory too', () =>
      withExchange(async (exchange, source, reader) => {
        const pieces = [source.piece(777, 400_000), { bytes: Buffer.alloc(3000, 'm') }, source.piece(5, 890_000)];
        makeCold(source);
        exchange.transfer.begin('head', pieces, limits);
        assert.equal(await finish(exchange, reader), Progress.Done);
        const bytes = expected('head', pieces);
        assert.ok(exchange.all(bytes.length).equals(bytes));
        assert.equal(source.holders, 0);
      }));

    test('what is in the page cache is sent without a thread, and counted', t =>
      withExchange(async (exchange, source, reader) => {
        if (!isAskable(source)) return t.skip('the file system cannot say what is in the page cache');
        const before = [Counter.threadJobs, Counter.cachedBytes, Counter.threadBytes].map(each => counters[each]);
        const pieces = [source.piece(0, size)];
        makeCold(source);
        exchange.transfer.begin('head', pieces, limits);
        await finish(exchange, reader);
        const cold = [Counter.threadJobs, Counter.cachedBytes, Counter.threadBytes].map(
          (each, index) => counters[each] - before[index],
        );
        assert.equal(cold[0] > 0, cold[2] > 0);
        assert.equal(cold[1] + cold[2], size);
        exchange.transfer.begin('head', pieces, limits);
        const jobs = counters[Counter.threadJobs];
        assert.equal(exchange.finish(), Progress.Done);
        assert.equal(counters[Counter.threadJobs], jobs);
        assert.equal(counters[Counter.cachedBytes] - before[1] - cold[1], size);
      }));

    test('a file that has become shorter', () =>
      withExchange(async (exchange, source, reader) => {
        exchange.transfer.begin('head', [source.piece(0, size)], limits);
        let progress = exchange.step();
        while (progress === Progress.Waiting) {
          await returned(reader);
          progress = exchange.step();
        }
        assert.equal(progress, Progress.Full);
        truncateSync(source.path, 600_000);
        assert.equal(await finish(exchange, reader), Progress.Failed);
        const { failedCall, error, fileOffset } = exchange.transfer;
        assert.deepEqual([failedCall, error, fileOffset], [name === 'sendfile' ? 'sendfile' : 'pread64', 0, 600_000]);
        assert.equal(source.holders, 0);
      }));

    test('a disk that fails', { skip: unaskable }, async () => {
      const held = new HeldPool('held', 1, 1);
      held.outcome = -EIO;
      await withExchange(
        async (exchange, source) => {
          exchange.transfer.begin('head', [source.piece(0, size)], limits);
          assert.equal(exchange.step(), Progress.Waiting);
          await held.returned();
          assert.equal(exchange.step(), Progress.Failed);
          assert.equal(exchange.transfer.error, EIO);
          assert.equal(source.holders, 0);
        },
        held,
        memoryFolder,
      );
    });

    test('a client that leaves: the file stays open until the thread returns, and nobody is told', {
      skip: unaskable,
    }, async () => {
      const held = new HeldPool('held', 1, 1);
      await withExchange(
        async (exchange, source, reader) => {
          exchange.transfer.begin('head', [source.piece(0, size)], limits);
          assert.equal(exchange.step(), Progress.Waiting);
          assert.equal(exchange.receive(), 0, 'the head waits for the first bytes of the file');
          const told = owner.count;
          reader.cancel();
          exchange.transfer.end();
          assert.equal(source.holders, 1);
          await held.returned();
          assert.deepEqual([source.holders, owner.count], [0, told]);
        },
        held,
        memoryFolder,
      );
    });

    test('two responses have one thread in turns', { skip: unaskable }, async () => {
      const held = new HeldPool('held', 1, 1);
      const both = async (use: (all: readonly [Exchange, Source, PageReader][]) => Promise<void>) =>
        withExchange((...one) => withExchange((...other) => use([one, other]), held, memoryFolder), held, memoryFolder);
      await both(async all => {
        for (const [exchange, source] of all) {
          exchange.transfer.begin('head', [source.piece(0, size)], limits);
          assert.equal(exchange.step(), Progress.Waiting);
        }
        const outcomes: Progress[] = [];
        while (!outcomes.includes(Progress.Done)) {
          for (const [exchange, , reader] of all) {
            await held.returned();
            assert.ok(!reader.isBusy, 'it was its turn');
            outcomes.push(exchange.finish());
          }
        }
        assert.ok(outcomes.length > 4);
        assert.deepEqual(outcomes.slice(-2), [Progress.Done, Progress.Done]);
        assert.ok(outcomes.slice(0, -2).every(outcome => outcome === Progress.Waiting));
        for (const [exchange, source] of all) {
          const bytes = expected('head', [source.piece(0, size)]);
          assert.ok(exchange.all(bytes.length).equals(bytes));
        }
      });
    });

    test('a queue that is full ends the response', { skip: unaskable }, async () => {
      const full = new ThreadPool('full', 1, 0);
      full.submit({ start: () => {}, ended: () => {} });
      await withExchange(
        async (exchange, source, reader) => {
          exchange.transfer.begin('head', [source.piece(0, size)], limits);
          assert.equal(exchange.step(), Progress.Failed);
          assert.deepEqual([exchange.transfer.failedCall, source.holders, reader.isBusy], [queueOverflow, 0, false]);
        },
        full,
        memoryFolder,
      );
    });
  });
}

test('what waits in the queue is taken back at once', () =>
  inFolderAsync(async folder => {
    const source = new Source(folder, 1000);
    const one = new ThreadPool('one', 1, 1);
    one.submit({ start: () => {}, ended: () => {} });
    const reader = new PageReader(one, owner);
    assert.ok(reader.read(source, 0, 1000));
    assert.deepEqual([source.holders, one.waiting], [1, 1]);
    reader.cancel();
    assert.deepEqual([source.holders, one.waiting, reader.isBusy], [0, 0, false]);
    source.close();
  }));
