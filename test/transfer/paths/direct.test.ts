/** Past the page cache: sizes and places that O_DIRECT does not take are the sources' and sinks' business. */
import assert from 'node:assert/strict';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { close, O_DIRECT, openAt } from '../../../native/file.js';
import { TransferError } from '../../../src/transfer/failure.js';
import { makeSink, makeSource } from '../../../src/transfer/paths/make.js';
import { seeded } from '../../http/parse-helpers.js';
import { inFolder } from '../../native/support.js';
import { move, SentFile, settings, smallest, sourceNames, storing, TakenFile, Wire } from './support.js';

const direct = { ...settings, direct: true };

/** Whether temporary files can be opened so. */
function canBeDirect(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
  try {
    writeFileSync(`${folder}/probe`, '');
    const fd = openAt(`${folder}/probe`, O_DIRECT);
    if (fd >= 0) close(fd);
    return fd >= 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const skip = canBeDirect() ? false : `${tmpdir()} is on a file system without O_DIRECT`;

/** How many descriptors of this process stand for a file, and how many of them have O_DIRECT. */
function descriptorsOf(path: string): { all: number; direct: number } {
  const found = { all: 0, direct: 0 };
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) !== path) continue;
      const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
      found.all += 1;
      if ((Number.parseInt(flags?.[1] ?? '', 8) & O_DIRECT) !== 0) found.direct += 1;
    } catch {
      // the one that the folder was read by
    }
  }
  return found;
}

describe('past the page cache', { skip }, () => {
  for (const name of sourceNames) {
    test(`files of all kinds of sizes, sent by ${name} and stored by read+write`, () => {
      const sizes = [0, 1, 4095, 4096, 4097, 16_384, 3 * 16_384 + 17, 500_000];
      for (const size of sizes) {
        for (const blockSize of [1000, 16_384]) {
          inFolder(folder => {
            const own = { ...direct, blockSize };
            const sent = new SentFile(folder, name, size, own);
            const taken = new TakenFile(folder, 'read+write', own);
            assert.deepEqual(descriptorsOf(sent.path), { all: 2, direct: 1 });
            assert.deepEqual(descriptorsOf(taken.path), { all: 2, direct: 1 });
            const wire = new Wire(size % 2 === 0 ? {} : smallest);
            assert.equal(move(sent.source, taken.sink, wire, { from: 0, to: 0, count: size }).sent, size);
            taken.sink.flush();
            assert.deepEqual(taken.ranges, size === 0 ? [] : [[0, size]]);
            assert.ok(taken.bytes.equals(sent.bytes), `${size} bytes differ`);
            sent.source.close();
            taken.sink.close();
            assert.deepEqual(descriptorsOf(sent.path), { all: 1, direct: 0 });
            assert.deepEqual(descriptorsOf(taken.path), { all: 1, direct: 0 });
            closeSync(sent.fd);
            closeSync(taken.fd);
            wire.close();
          });
        }
      }
    });

    test(`stretches that begin and end anywhere, sent by ${name}`, () => {
      const random = seeded(51);
      const upTo = (most: number) => 1 + Math.floor(random() * most);
      inFolder(folder => {
        const sent = new SentFile(folder, name, 400_000, direct);
        const taken = new TakenFile(folder, 'read+write', direct);
        const wire = new Wire(smallest);
        let from = 0;
        while (from < 400_000) {
          const count = Math.min(400_000 - from, upTo(70_000));
          const most = random() < 0.5 ? () => upTo(30_000) : undefined;
          move(sent.source, taken.sink, wire, { from, to: from + 777, count }, most);
          from += count;
        }
        taken.sink.flush();
        assert.ok(taken.bytes.subarray(777).equals(sent.bytes));
        for (const file of [sent, taken, wire]) file.close();
      });
    });

    test(`a fixed offset, by ${name}`, () =>
      inFolder(folder => {
        const sent = new SentFile(folder, name, 100_000, { ...direct, fixedOffset: true });
        const taken = new TakenFile(folder, 'read+write');
        const wire = new Wire(smallest);
        move(sent.source, taken.sink, wire, { from: 0, to: 0, count: 90_000 });
        taken.sink.flush();
        const block = sent.bytes.subarray(0, settings.blockSize);
        assert.ok(taken.bytes.equals(Buffer.concat(new Array(6).fill(block)).subarray(0, 90_000)));
        for (const file of [sent, taken, wire]) file.close();
      }));
  }

  test('what splice cannot store so is refused, and never stored wrong', () =>
    inFolder(folder => {
      const sent = new SentFile(folder, 'sendfile', 100_001);
      const taken = new TakenFile(folder, 'splice', direct);
      const wire = new Wire();
      try {
        move(sent.source, taken.sink, wire, { from: 0, to: 0, count: 100_001 });
        taken.sink.flush();
        assert.ok(taken.bytes.equals(sent.bytes));
      } catch (error) {
        assert.ok(error instanceof TransferError, String(error));
        assert.equal(error.kind, 'store');
        assert.ok(error.message.startsWith(`splice() "${taken.path}" failed (22: Invalid argument): `), error.message);
        assert.match(error.message, /O_DIRECT.*use --no-zero-copy with --direct$/);
      }
      for (const file of [sent, taken, wire]) file.close();
    }));
});

describe('a file system without O_DIRECT', () => {
  // proc(5) has none
  const path = '/proc/version';
  const isClear = (kind: string) => (error: unknown) => {
    assert.ok(error instanceof TransferError);
    assert.equal(error.kind, kind);
    assert.equal(
      error.message,
      `open() "${path}" with O_DIRECT failed (22: Invalid argument): its file system goes through the page cache only; leave out --direct`,
    );
    return true;
  };

  test('is told of before a byte is sent or stored', () => {
    const fd = openSync(path, 'r');
    for (const name of sourceNames) {
      assert.throws(() => makeSource(name === 'sendfile', fd, path, direct), isClear('source'));
    }
    const full = openSync('/dev/full', 'w');
    for (const name of storing) assert.throws(() => makeSink(name, full, path, direct, () => {}), isClear('store'));
    closeSync(full);
    closeSync(fd);
  });
});
