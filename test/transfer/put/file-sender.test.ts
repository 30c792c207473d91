import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EAGAIN, ECONNRESET, EIO, ENOBUFS, ENOMEM } from '../../../native/errno.js';
import { TransferError } from '../../../src/transfer/failure.js';
import { Pacer } from '../../../src/transfer/pacer.js';
import type { Source } from '../../../src/transfer/paths/path.js';
import type { Attempt } from '../../../src/transfer/put/attempt.js';
import { FileSender, Stop } from '../../../src/transfer/put/file-sender.js';

interface Scene {
  readonly sender: FileSender;
  /** What the source was asked for: [offset, count]. */
  readonly asked: [number, number][];
  moved: number;
}

/** @param returns of the source, one after the other; when they are used up it sends what it is asked for, up to a block */
function scene(size: number, returns: readonly number[], rate = 0, now = () => 0): Scene {
  const block = 1024 * 1024;
  const left = [...returns];
  const asked: [number, number][] = [];
  const source: Source = {
    name: 'sendfile',
    calls: {},
    send(_, offset, count) {
      asked.push([offset, count]);
      return left.shift() ?? Math.min(block, count);
    },
    failure: () => new TransferError('', 'source'),
    reset() {},
    close() {},
  };
  const attempt = {
    file: { size, path: '/scan' },
    moved: (bytes: number) => {
      made.moved += bytes;
    },
  };
  const made: Scene = {
    sender: new FileSender(attempt as unknown as Attempt, source, new Pacer(rate, now)),
    asked,
    moved: 0,
  };
  return made;
}

describe('what the source returns', () => {
  const cases: [what: string, returns: number[], stop: Stop, sent: number][] = [
    ['all of it', [10], Stop.Done, 10],
    ['all of it, in parts', [3, 3, 4], Stop.Done, 10],
    ['a full socket', [3, -EAGAIN], Stop.Full, 3],
    ['no memory', [3, -ENOBUFS], Stop.Pause, 3],
    ['a broken connection', [3, -ECONNRESET], Stop.Failed, 3],
    ['a broken disk', [-EIO], Stop.Failed, 0],
  ];
  for (const [what, returns, stop, sent] of cases) {
    test(what, () => {
      const made = scene(10, returns);
      assert.equal(made.sender.send(1), stop);
      assert.deepEqual([made.sender.sent, made.moved], [sent, sent]);
      if (stop === Stop.Failed) assert.equal(made.sender.errno, -(returns.at(-1) ?? 0));
    });
  }

  test('it goes on where it stopped', () => {
    const { sender, asked } = scene(10, [3, -EAGAIN, 2]);
    assert.equal(sender.send(1), Stop.Full);
    assert.equal(sender.send(1), Stop.Done);
    assert.deepEqual(asked, [
      [0, 10],
      [3, 7],
      [3, 7],
      [5, 5],
    ]);
  });

  test('an empty file is done at once', () => {
    const { sender, asked } = scene(0, []);
    assert.equal(sender.send(1), Stop.Done);
    assert.deepEqual(asked, []);
  });

  test('a file that ends early is an error', () => {
    const { sender } = scene(10, [3, 0]);
    assert.throws(() => sender.send(1), /"\/scan" ended after 3 of 10 bytes/);
  });

  test('after 4 MB others have their turn', () => {
    const { sender } = scene(9_000_000, []);
    assert.equal(sender.send(1), Stop.Turn);
    assert.equal(sender.sent, 4 * 1024 * 1024);
    assert.equal(sender.send(1), Stop.Turn);
    assert.equal(sender.send(1), Stop.Done);
    assert.equal(sender.sent, 9_000_000);
  });
});

test('pauses get longer while there is no memory, are counted, and come to an end', () => {
  const { sender } = scene(10, [
    ...Array.from({ length: 4 }, () => -ENOBUFS),
    1,
    ...Array.from({ length: 200 }, () => -ENOMEM),
  ]);
  const pauses: number[] = [];
  for (let i = 0; i < 4; i++) {
    assert.equal(sender.send(1), Stop.Pause);
    pauses.push(sender.pauseMs);
  }
  assert.ok(
    pauses.every((pause, i) => i === 0 || pause > pauses[i - 1]),
    pauses.join(' '),
  );
  assert.equal(sender.send(1), Stop.Pause);
  assert.equal(sender.pauseMs, pauses[0], 'what went well begins a new row');
  assert.equal(sender.softErrors.count, 5);
  assert.throws(() => {
    for (let i = 0; i < 200; i++) sender.send(1);
  }, /sendfile\(\) failed \d+ times in a row/);
});

test('the rate is kept, and no more asked for than may go', () => {
  let now = 0;
  const rate = 1_000_000;
  const { sender, asked } = scene(500_000, [], rate, () => now);
  let stop = sender.send(1);
  while (stop !== Stop.Done) {
    assert.equal(stop, Stop.Pause);
    assert.ok(sender.pauseMs > 0);
    now += sender.pauseMs;
    stop = sender.send(1);
    assert.ok(sender.sent <= (now * rate) / 1000 + 1, `${sender.sent} bytes in ${now} ms`);
  }
  assert.ok(asked.every(([, count]) => count > 0));
  assert.ok(now >= 499 && now < 600, `${now} ms`);
});
