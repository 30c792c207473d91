import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EINVAL } from '../../native/errno.js';
import { close, O_DIRECT, O_RDWR, openAt } from '../../native/file.js';
import { ended, gather, start } from '../../src/tools/children.js';
import { until } from '../../src/tools/waiting.js';
import { type Algorithm, checksumOf, FileChecksum } from '../../src/transfer/checksum.js';
import { type ChecksumAnswer, readSize } from '../../src/transfer/checksum-job.js';
import { startChecksum } from '../../src/transfer/checksum-worker.js';
import { inFolderAsync } from '../native/support.js';
import { failure } from './part-support.js';

const program = fileURLToPath(new URL('./checksum-program.js', import.meta.url));
const MB = 2 ** 20;

/** Bytes that do not repeat for long. */
function bytes(length: number): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let at = 0; at < words.length; at++) words[at] = Math.imul(at + 1, 2654435761);
  return Buffer.from(words.buffer, 0, length);
}

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

/** A file, open for reading and writing, handed to `use`, and closed. */
async function withFile(content: Uint8Array, use: (fd: number, path: string) => Promise<void>): Promise<void> {
  await inFolderAsync(async folder => {
    const path = `${folder}/file`;
    fs.writeFileSync(path, content);
    const fd = fs.openSync(path, 'r+');
    try {
      await use(fd, path);
    } finally {
      fs.closeSync(fd);
    }
  });
}

const whole = (fd: number, algorithm: Algorithm) => checksumOf(fd, algorithm, { start: 0, end: fs.fstatSync(fd).size });

const descriptors = () => fs.readdirSync('/proc/self/fd').length;

async function becomes(holds: () => boolean): Promise<void> {
  await until(
    holds,
    () => true,
    () => 'it never came so far',
  );
}

describe('checksums', () => {
  // published with the algorithm (xxhash.com, "XXH64 test vectors" of its clean-room descriptions), and sha256sum's
  for (const [text, xxh64] of [
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['The string that is being hashed', '502b0c5fc4a5704c'],
  ]) {
    test(`of "${text}"`, async () => {
      await withFile(Buffer.from(text), async fd => {
        assert.equal(await whole(fd, 'xxh64'), xxh64);
        assert.equal(await whole(fd, 'sha-256'), sha256(Buffer.from(text)));
      });
    });
  }

  test('of sizes about those of reads, and of parts of a file', async () => {
    const content = bytes(3 * MB + 7);
    await withFile(content, async fd => {
      for (const size of [1, readSize - 1, readSize, readSize + 1, 4 * readSize, 4 * readSize + 1, content.length]) {
        for (const from of [0, (content.length - size) >> 1, content.length - size]) {
          const expected = sha256(content.subarray(from, from + size));
          assert.equal(
            await checksumOf(fd, 'sha-256', { start: from, end: from + size }),
            expected,
            `${size} at ${from}`,
          );
        }
      }
    });
  });

  test('several at once', async () => {
    const content = bytes(2 * MB);
    await withFile(content, async fd => {
      const starts = [0, 1, 2, 3, 4, 5];
      const found = await Promise.all(
        starts.map(from => checksumOf(fd, 'sha-256', { start: from, end: content.length })),
      );
      assert.deepEqual(
        found,
        starts.map(from => sha256(content.subarray(from))),
      );
    });
  });
});

describe('a checksum that follows', () => {
  test('reads no byte before it is there', async () => {
    const content = bytes(5 * MB + 4321);
    await withFile(Buffer.alloc(content.length, 0xff), async fd => {
      const checksum = new FileChecksum(fd, 'sha-256');
      const step = 700_001;
      for (let at = 0; at < content.length; at += step) {
        const end = Math.min(content.length, at + step);
        fs.writeSync(fd, content, at, end - at, at);
        checksum.advance(end);
        const reachable = Math.floor(end / MB) * MB;
        await becomes(() => checksum.hashed >= reachable);
        assert.equal(checksum.hashed, reachable);
      }
      assert.equal(await checksum.finish(content.length), sha256(content));
    });
  });

  test('a mark that comes from behind changes nothing', async () => {
    const content = bytes(2 * MB);
    await withFile(content, async fd => {
      const checksum = new FileChecksum(fd, 'sha-256', { start: MB, end: 2 * MB });
      for (const to of [0, 2 * MB, MB, 9 * MB]) checksum.advance(to);
      assert.throws(() => checksum.finish(2 * MB - 1), RangeError);
      assert.equal(await checksum.finish(9 * MB), sha256(content.subarray(MB)), 'it ends where its range does');
    });
  });

  test('and is finished at once is right all the same', async () => {
    await withFile(bytes(1000), async fd => {
      const checksum = new FileChecksum(fd, 'sha-256');
      assert.equal(await checksum.finish(1000), sha256(bytes(1000)));
      assert.equal(await checksum.finish(1000), sha256(bytes(1000)), 'and may be asked for again');
    });
  });
});

describe('the descriptor', () => {
  test('may be for writing only, closed meanwhile, and the file deleted', async () => {
    await withFile(bytes(MB), async (_, path) => {
      const fd = fs.openSync(path, 'a');
      const checksum = new FileChecksum(fd, 'sha-256');
      fs.closeSync(fd);
      fs.rmSync(path);
      assert.equal(await checksum.finish(MB), sha256(bytes(MB)));
    });
  });

  test('may be one with O_DIRECT, at any offset', async t => {
    await withFile(bytes(MB), async (_, path) => {
      const fd = openAt(path, O_RDWR | O_DIRECT);
      if (fd === -EINVAL) return t.skip('this file system has no O_DIRECT');
      assert.equal(await checksumOf(fd, 'sha-256', { start: 1, end: 1002 }), sha256(bytes(1002).subarray(1)));
      close(fd);
    });
  });

  test("that is none, or no file's, is an error with its reason", async () => {
    assert.throws(() => new FileChecksum(9999, 'xxh64'), failure('store', '"descriptor 9999" cannot be opened'));
    await inFolderAsync(async folder => {
      const fd = fs.openSync(folder, 'r');
      await assert.rejects(checksumOf(fd, 'xxh64', { start: 0, end: 5 }), failure('store', '(21: Is a directory)'));
      fs.closeSync(fd);
    });
  });

  test('of its own is let go of, however it ends', async () => {
    await withFile(bytes(1000), async fd => {
      await whole(fd, 'xxh64');
      const before = descriptors();
      for (let round = 0; round < 5; round++) {
        await whole(fd, 'xxh64');
        await assert.rejects(checksumOf(fd, 'xxh64', { start: 0, end: 1001 }));
        await new FileChecksum(fd, 'xxh64').cancel();
      }
      assert.equal(descriptors(), before);
    });
  });
});

describe('a checksum that comes to nothing', () => {
  test('the file ends before it should', async () => {
    await withFile(bytes(2 * MB), async (fd, path) => {
      const checksum = new FileChecksum(fd, 'xxh64', undefined, { kind: 'source' });
      checksum.advance(MB);
      await becomes(() => checksum.hashed === MB);
      fs.truncateSync(path, MB + 5);
      const reason = `"${path}" ends after ${MB + 5} bytes, and there were more: it was cut short meanwhile`;
      await assert.rejects(checksum.finish(2 * MB), failure('source', reason));
    });
  });

  test('nobody wants it any more: the thread stops in the middle', async () => {
    await inFolderAsync(async folder => {
      const fd = fs.openSync(`${folder}/sparse`, 'w+');
      const size = 2 ** 42;
      fs.ftruncateSync(fd, size);
      const checksum = new FileChecksum(fd, 'sha-256');
      const value = checksum.finish(size);
      await becomes(() => checksum.hashed > 0);
      await checksum.cancel();
      await assert.rejects(value, failure('store', 'it was called off'));
      await assert.rejects(checksum.finish(size), failure('store', 'it was called off'));
      await checksum.cancel();
      fs.closeSync(fd);
    });
  });

  test('the thread breaks: it is said, and the next checksum has another thread', async () => {
    await withFile(bytes(1000), async fd => {
      const answer = await new Promise<ChecksumAnswer | Error>(resolve => {
        const hold = startChecksum({ fd, algorithm: 'xxh64', start: 0, memory: new SharedArrayBuffer(0) }, resolve);
        hold();
      });
      assert.ok(answer instanceof Error);
      assert.match(answer.message, /index/i);
      assert.equal(await whole(fd, 'sha-256'), sha256(bytes(1000)));
    });
  });
});

test('threads are used again', async () => {
  await withFile(bytes(1000), async fd => {
    await whole(fd, 'xxh64');
    const threads = () => fs.readdirSync('/proc/self/task').length;
    const before = threads();
    for (let round = 0; round < 10; round++) await whole(fd, 'xxh64');
    assert.equal(threads(), before);
  });
});

describe('in a process of its own', () => {
  async function play(scene: string, path: string): Promise<string[]> {
    const child = start(process.execPath, [program, scene, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = gather(child.stdout);
    assert.equal(await ended(child), 0);
    return said.text.split('\n');
  }

  test('it goes beside an event loop', async () => {
    const content = bytes(MB);
    await withFile(content, async (fd, path) => {
      const part = await checksumOf(fd, 'xxh64', { start: 1, end: 5 });
      assert.deepEqual(await play('loop', path), [sha256(content), part, '']);
    });
  });

  for (const scene of ['cancelled', 'abandoned']) {
    test(`${scene}, it does not keep the process`, async () => {
      await withFile(bytes(MB), async (_, path) => {
        assert.deepEqual(await play(scene, path), [scene, '']);
      });
    });
  }
});
