import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ECONNRESET } from '../../../native/errno.js';
import { MemoryBlock } from '../../../native/memory.js';
import { getLimit, setLimit } from '../../../native/process.js';
import { TransferError } from '../../../src/transfer/failure.js';
import { makeSink } from '../../../src/transfer/paths/make.js';
import type { Sink } from '../../../src/transfer/paths/path.js';
import { inFolder, waitForInput } from '../../native/support.js';
import { SentFile, sendBytes, settings, sinkNames, storing, TakenFile, takeAll, Wire } from './support.js';

const { blockSize } = settings;
const length = 10 * blockSize;

/** A connection with bytes for a sink. */
function withSink(name: Sink['name'], use: (taken: TakenFile, sent: SentFile, wire: Wire) => void): void {
  inFolder(folder => {
    const sent = new SentFile(folder, 'read+write', length);
    const taken = new TakenFile(folder, name);
    const wire = new Wire({ buffers: 2 * length });
    use(taken, sent, wire);
    for (const file of [taken, sent, wire]) file.close();
  });
}

/** Bytes `start` … `end` of the file, at an address. */
function inMemory(bytes: Buffer, start: number, end: number): { block: MemoryBlock; count: number } {
  const block = new MemoryBlock(end - start);
  bytes.copy(block.bytes, 0, start, end);
  return { block, count: end - start };
}

for (const name of sinkNames) {
  describe(`a sink by ${name}`, () => {
    test('takes no more than it is asked for', () =>
      withSink(name, ({ sink, ranges }, sent, wire) => {
        sendBytes(wire, sent, 0, 1000);
        waitForInput(wire.receiver);
        assert.equal(sink.take(wire.receiver, 0, 10), 10);
        takeAll(wire, sink, 10, 990);
        assert.deepEqual(ranges, []);
      }));

    test('puts bytes that were in memory where they belong', () =>
      withSink(name, (taken, sent, wire) => {
        const head = inMemory(sent.bytes, 0, 777);
        taken.sink.store(head.block.address, head.count, 0);
        sendBytes(wire, sent, 777, 9000);
        takeAll(wire, taken.sink, 777, 9000);
        const tail = inMemory(sent.bytes, 9777, 60_000);
        taken.sink.store(tail.block.address, tail.count, 9777);
        taken.sink.flush();
        assert.deepEqual(taken.ranges, [[0, 60_000]]);
        if (taken.stores) assert.ok(taken.bytes.equals(sent.bytes.subarray(0, 60_000)));
      }));

    test('takes what came before the end of the stream, and then gives 0 again and again', () =>
      withSink(name, (taken, sent, wire) => {
        sendBytes(wire, sent, 0, blockSize + 100);
        wire.end();
        takeAll(wire, taken.sink, 0, blockSize + 100);
        for (let again = 0; again < 3; again++) {
          assert.equal(taken.sink.take(wire.receiver, blockSize + 100, length), 0);
        }
        taken.sink.flush();
        assert.deepEqual(taken.ranges, [[0, blockSize + 100]]);
        if (taken.stores) assert.ok(taken.bytes.equals(sent.bytes.subarray(0, blockSize + 100)));
      }));

    test('gives the error of the connection', () =>
      withSink(name, ({ sink }, _sent, wire) => {
        wire.reset('sender');
        waitForInput(wire.receiver);
        assert.equal(sink.take(wire.receiver, 0, 1000), -ECONNRESET);
      }));
  });
}

describe('a sink by read+write', () => {
  test('writes a block when it is full, and the rest when it is told to', () =>
    withSink('read+write', ({ sink, stored }, sent, wire) => {
      sendBytes(wire, sent, 0, 2 * blockSize + 5);
      takeAll(wire, sink, 0, 2 * blockSize + 5);
      const blocks = [
        [0, blockSize],
        [blockSize, 2 * blockSize],
      ];
      assert.deepEqual(stored, blocks);
      sink.flush();
      assert.deepEqual(stored, [...blocks, [2 * blockSize, 2 * blockSize + 5]]);
      sink.flush();
      assert.equal(sink.calls.pwrite64, 3);
    }));

  test('writes what it holds when the bytes go on elsewhere', () =>
    withSink('read+write', ({ sink, stored }, sent, wire) => {
      sendBytes(wire, sent, 0, 300);
      takeAll(wire, sink, 1000, 100);
      takeAll(wire, sink, 5000, 200);
      assert.deepEqual(stored, [[1000, 1100]]);
      sink.flush();
      assert.deepEqual(stored, [
        [1000, 1100],
        [5000, 5200],
      ]);
    }));

  test('forgets what was not flushed when it is closed', () =>
    withSink('read+write', (taken, sent, wire) => {
      sendBytes(wire, sent, 0, 300);
      takeAll(wire, taken.sink, 0, 300);
      assert.deepEqual([taken.stored, taken.bytes.length], [[], 0]);
    }));
});

/** What a call throws. */
function thrownBy(call: () => void): TransferError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof TransferError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
}

const RLIMIT_FSIZE = 1;

/** No file may be larger meanwhile; Node ignores the signal that goes with it. */
function withFileLimit(bytes: number, use: () => void): void {
  const { soft, hard } = getLimit(RLIMIT_FSIZE);
  assert.equal(setLimit(RLIMIT_FSIZE, bytes, hard), 0);
  try {
    use();
  } finally {
    setLimit(RLIMIT_FSIZE, soft, hard);
  }
}

describe('a disk that is full', () => {
  const withFull = (name: Sink['name'], use: (sink: Sink, sent: SentFile, wire: Wire) => void) =>
    withSink('memory', (_taken, sent, wire) => {
      const full = openSync('/dev/full', 'w');
      const sink = makeSink(name, full, '/disk/file', settings, () => assert.fail('nothing can be stored'));
      use(sink, sent, wire);
      sink.close();
      closeSync(full);
    });
  const message =
    'pwrite64() "/disk/file" failed (28: No space left on device): the disk is full: make room on it, or store the file elsewhere';

  for (const [when, count, call] of [
    ['a block is full', blockSize, null],
    ['the rest is written', 100, (sink: Sink) => sink.flush()],
    ['the bytes go on elsewhere', 100, (sink: Sink, wire: Wire) => sink.take(wire.receiver, 9000, 1)],
  ] as const) {
    test(`says so when ${when}`, () =>
      withFull('read+write', (sink, sent, wire) => {
        sendBytes(wire, sent, 0, count);
        if (call !== null) takeAll(wire, sink, 0, count);
        const thrown = thrownBy(() => (call === null ? takeAll(wire, sink, 0, count) : call(sink, wire)));
        assert.deepEqual([thrown.kind, thrown.message], ['store', message]);
      }));
  }

  for (const name of storing) {
    test(`says so of bytes in memory (${name})`, () =>
      withFull(name, (sink, sent) => {
        const { block, count } = inMemory(sent.bytes, 0, 100);
        const thrown = thrownBy(() => sink.store(block.address, count, 0));
        assert.deepEqual([thrown.kind, thrown.message], ['store', message]);
      }));
  }

  test('a file that takes no splice is one for --no-zero-copy', () =>
    withFull('splice', (sink, sent, wire) => {
      sendBytes(wire, sent, 0, 100);
      const thrown = thrownBy(() => takeAll(wire, sink, 0, 100));
      assert.equal(thrown.kind, 'store');
      assert.match(thrown.message, /^splice\(\) "\/disk\/file" failed \(22: .*\): .* take splice; use --no-zero-copy$/);
    }));
});

describe('a file that must not be so large', () => {
  for (const name of storing) {
    test(`keeps what fits, and says what is wrong (${name})`, () =>
      withSink(name, (taken, sent, wire) => {
        const limit = blockSize + 5000;
        sendBytes(wire, sent, 0, 2 * blockSize);
        const call = name === 'splice' ? 'splice' : 'pwrite64';
        withFileLimit(limit, () => {
          const thrown = thrownBy(() => takeAll(wire, taken.sink, 0, 2 * blockSize));
          assert.equal(thrown.kind, 'store');
          assert.ok(
            thrown.message.startsWith(`${call}() "${taken.path}" failed (27: File too large): `),
            thrown.message,
          );
          assert.match(thrown.message, /ulimit -f/);
        });
        assert.deepEqual(taken.ranges, [[0, limit]]);
        assert.ok(taken.bytes.equals(sent.bytes.subarray(0, limit)));
      }));
  }

  test('what is left in a pipe is never taken for anything', () =>
    withSink('splice', (taken, sent, wire) => {
      sendBytes(wire, sent, 0, 2 * blockSize);
      let first: TransferError | undefined;
      withFileLimit(100, () => {
        first = thrownBy(() => takeAll(wire, taken.sink, 0, 2 * blockSize));
      });
      sendBytes(wire, sent, 2 * blockSize, blockSize);
      assert.equal(
        thrownBy(() => takeAll(wire, taken.sink, 0, blockSize)),
        first,
      );
      assert.equal(
        thrownBy(() => taken.sink.flush()),
        first,
      );
      assert.ok(taken.bytes.equals(sent.bytes.subarray(0, 100)));
    }));

  for (const name of storing) {
    test(`a file that is not open for writing is none that can be stored (${name})`, () =>
      withSink('memory', (_taken, sent, wire) => {
        const fd = openSync(sent.path, 'r');
        const sink = makeSink(name, fd, sent.path, settings, () => assert.fail('nothing can be stored'));
        sendBytes(wire, sent, 0, blockSize);
        const thrown = thrownBy(() => takeAll(wire, sink, 0, blockSize));
        assert.equal(thrown.kind, 'store');
        assert.ok(thrown.message.includes(`"${sent.path}" failed (9: Bad file descriptor)`), thrown.message);
        sink.close();
        closeSync(fd);
      }));
  }
});
