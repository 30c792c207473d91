/** Where there is no room for a file: at its start, and on the way. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, test } from 'node:test';
import { EDQUOT, ENOSPC, EOPNOTSUPP } from '../../native/errno.js';
import { fallocate } from '../../native/file.js';
import { partNames } from '../../src/transfer/part/names.js';
import { takeRoom } from '../../src/transfer/part/room.js';
import { PartFile } from '../../src/transfer/part-file.js';
import { inFolder } from '../native/support.js';
import { anew, contents, failure, identity, put, resuming } from './part-support.js';

const sized = (size: number) => ({ ...anew, identity: { ...identity, size } });
const huge = 2 ** 45;
const MB = 2 ** 20;

/** A tmpfs of 1 MB, which only root can mount. */
function inSmallDisk(use: (folder: string) => void): void {
  inFolder(folder => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', folder]);
    assert.equal(mounted.status, 0, `${mounted.stderr}`);
    try {
      use(folder);
    } finally {
      spawnSync('umount', ['-l', folder]);
    }
  });
}

function canMount(): boolean {
  const folder = fs.mkdtempSync(`${tmpdir()}/zerocopy-test-`);
  const can = spawnSync('mount', ['-t', 'tmpfs', 'none', folder]).status === 0;
  if (can) spawnSync('umount', [folder]);
  fs.rmdirSync(folder);
  return can;
}

describe('room for a whole file', () => {
  test('is taken at the start, without changing its size', t => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, sized(16 * MB));
      const { size, blocks } = fs.fstatSync(part.fd);
      assert.equal(size, 0);
      if (blocks === 0) t.skip('this file system takes no room in advance');
      else assert.ok(blocks * 512 >= 16 * MB);
      put(part, 0, 'abcd');
      part.keep();
      // what has not come is given back
      assert.ok(fs.statSync(part.path).blocks * 512 < MB);
    });
  });

  test('is not taken where nobody wants that', () => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, { ...sized(16 * MB), preallocate: false });
      assert.equal(fs.fstatSync(part.fd).blocks, 0);
    });
  });

  test('that there is not is refused at the start, and nothing is left', () => {
    inFolder(folder => {
      const reason = `the disk has no room for "${folder}/f": it needs 35,184,372,088,832 (35.2 TB) bytes, and `;
      assert.throws(() => PartFile.open(`${folder}/f`, sized(huge)), failure('store', reason));
      assert.deepEqual(contents(folder), {});
    });
  });

  test('that there is not leaves what was to be gone on with', () => {
    inFolder(folder => {
      const first = PartFile.open(`${folder}/f`, { ...anew, identity: { ...identity, size: null } });
      put(first, 0, 'abcd');
      first.keep();
      const again = { ...resuming, identity: { ...identity, size: huge } };
      assert.throws(() => PartFile.open(`${folder}/f`, again), failure('store', 'the disk has no room'));
      assert.equal(PartFile.open(`${folder}/f`, resuming).done.bytes, 4);
    });
  });

  /** A kernel that gives the first page, half of the file, and then an error. */
  const failing = (errno: number) => (fd: number, mode: number, offset: number, length: number) => {
    if (length <= 4096) return fallocate(fd, mode, offset, length);
    fallocate(fd, mode, offset, length / 2);
    return -errno;
  };
  for (const [errno, reason] of [
    [ENOSPC, 'the disk has no room'],
    [EDQUOT, 'your disk quota is used up'],
  ] as const) {
    test(`that the kernel does not give is left to others ("${reason}")`, () => {
      inFolder(folder => {
        const fd = fs.openSync(`${folder}/p`, 'w+');
        const names = partNames(`${folder}/f`);
        assert.throws(() => takeRoom(fd, 16 * MB, names, failing(errno)), failure('store', reason));
        assert.equal(fs.fstatSync(fd).blocks, 0);
        fs.closeSync(fd);
      });
    });
  }

  test('is not asked for where the file system cannot take it', () => {
    inFolder(folder => {
      const fd = fs.openSync(`${folder}/p`, 'w+');
      takeRoom(fd, huge, partNames(`${folder}/f`), () => -EOPNOTSUPP);
      fs.closeSync(fd);
    });
  });
});

describe('a disk that is full', { skip: canMount() ? false : 'only root can mount a small disk to fill' }, () => {
  test('is noticed at the start, in tmpfs too', () => {
    inSmallDisk(folder => {
      const reason = 'it needs 2,097,152 (2.1 MB) bytes, and 1,048,576 (1.0 MB) are free';
      assert.throws(() => PartFile.open(`${folder}/f`, sized(2 * MB)), failure('store', reason));
      assert.deepEqual(contents(folder), {});
      PartFile.open(`${folder}/f`, sized(MB / 2)).discard();
    });
  });

  test('on the way: the state before it holds, and what is there can be gone on with', () => {
    inSmallDisk(folder => {
      const options = { ...anew, identity: { ...identity, size: null } };
      const part = PartFile.open(`${folder}/f`, options);
      put(part, 0, 'abcd');
      part.forget({ start: 9, end: 9 });
      assert.equal(part.unsaved, undefined);
      fs.writeFileSync(`${folder}/other`, Buffer.alloc(MB - 8192));
      put(part, 4, 'ef');
      assert.throws(() => fs.writeSync(part.fd, Buffer.alloc(4096), 0, 4096, 4096), { code: 'ENOSPC' });
      part.keep();
      assert.match(part.unsaved ?? '', /zc-state" could not be written \(28: No space left on device\)/);
      assert.deepEqual(Object.keys(contents(folder)).sort(), ['.f.zc-part', '.f.zc-state', 'other']);
      fs.rmSync(`${folder}/other`);
      const again = PartFile.open(`${folder}/f`, { ...options, resume: true });
      assert.deepEqual(again.done.toArray(), [{ start: 0, end: 4 }]);
    });
  });

  test('bytes that turned out to be wrong are not believed for want of room to say so', () => {
    inSmallDisk(folder => {
      const options = { ...anew, identity: { ...identity, size: null } };
      const part = PartFile.open(`${folder}/f`, options);
      put(part, 0, 'abcdef');
      part.forget({ start: 9, end: 9 });
      fs.writeFileSync(`${folder}/other`, Buffer.alloc(MB - 8192));
      part.forget({ start: 0, end: 2 });
      assert.ok(part.unsaved !== undefined);
      assert.deepEqual(Object.keys(contents(folder)).sort(), ['.f.zc-part', 'other']);
    });
  });
});
