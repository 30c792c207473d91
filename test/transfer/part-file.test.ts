import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, test } from 'node:test';
import { EINVAL, EIO, ENOLCK, ENOSYS } from '../../native/errno.js';
import { close, flock, O_RDONLY, openAt, renameAt2 } from '../../native/file.js';
import { giveFinalName } from '../../src/transfer/part/final-name.js';
import { openLocked } from '../../src/transfer/part/lock.js';
import { partNames } from '../../src/transfer/part/names.js';
import { PartFile } from '../../src/transfer/part-file.js';
import { inFolder, inFolderAsync } from '../native/support.js';
import { anew, asOrdinaryUser, breakOff, contents, failure, put, resuming } from './part-support.js';

const noSync = { fsync: false };

function write(path: string): string {
  fs.writeFileSync(path, 'old');
  return path;
}

function link(path: string): string {
  fs.symlinkSync('/nowhere', path);
  return path;
}

describe('a file that arrives', () => {
  for (const fsync of [false, true]) {
    test(`has its final name when it is whole${fsync ? ' and on the disk' : ''}, and nothing else is left`, () => {
      inFolder(folder => {
        const part = PartFile.open(`${folder}/f`, anew);
        put(part, 5, 'fghij');
        assert.deepEqual(Object.keys(contents(folder)), ['.f.zc-part']);
        assert.equal(part.path, `${folder}/.f.zc-part`);
        put(part, 0, 'abcde');
        assert.equal(part.done.prefix, 10);
        part.commit(10, { fsync });
        assert.deepEqual(contents(folder), { f: 'abcdefghij' });
      });
    });
  }

  test('synced on another thread first', async () => {
    await inFolderAsync(async folder => {
      const part = PartFile.open(`${folder}/f`, anew);
      put(part, 0, 'abcdefghij');
      await part.sync();
      part.commit(10, { fsync: true });
      assert.deepEqual(contents(folder), { f: 'abcdefghij' });
      await assert.rejects(part.sync(), failure('store', 'fsync() "'));
    });
  });

  test('in the working folder, with a name of any bytes, made as other programs make files', () => {
    inFolder(folder => {
      const [before, mask] = [process.cwd(), process.umask(0o027)];
      process.chdir(folder);
      try {
        const part = PartFile.open('\xff \n"', anew);
        put(part, 0, '0123456789');
        part.commit(10, noSync);
      } finally {
        process.chdir(before);
        process.umask(mask);
      }
      const name = Buffer.from(`${folder}/\xff \n"`, 'latin1');
      assert.equal(fs.readFileSync(name, 'latin1'), '0123456789');
      assert.equal(fs.statSync(name).mode & 0o777, 0o640);
    });
  });

  test('of a size that shows at the end is cut to it; an empty one is a file too', () => {
    inFolder(folder => {
      const options = { ...anew, identity: { size: null, version: '' } };
      const part = PartFile.open(`${folder}/f`, options);
      put(part, 0, 'abcdef');
      part.commit(4, noSync);
      PartFile.open(`${folder}/empty`, options).commit(0, noSync);
      assert.deepEqual(contents(folder), { f: 'abcd', empty: '' });
    });
  });

  test('is not committed while bytes are missing, and stays what it is', () => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, anew);
      put(part, 0, 'abcd');
      assert.throws(() => part.commit(10, noSync), failure('peer', 'is not whole: 6 of its 10 bytes are missing'));
      put(part, 4, 'efghi');
      part.forget({ start: 2, end: 3 });
      put(part, 9, 'j');
      assert.throws(() => part.commit(10, noSync), failure('peer', ': 1 of its 10'));
      assert.ok(!fs.existsSync(`${folder}/f`));
      put(part, 2, 'c');
      part.commit(10, noSync);
      assert.deepEqual(contents(folder), { f: 'abcdefghij' });
    });
  });

  test('is gone when it is discarded, and when nothing of it had come', () => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, anew);
      put(part, 0, 'abcd');
      part.forget({ start: 0, end: 1 });
      assert.deepEqual(Object.keys(contents(folder)).sort(), ['.f.zc-part', '.f.zc-state']);
      part.discard();
      part.keep();
      assert.deepEqual(contents(folder), {});
      PartFile.open(`${folder}/f`, anew).keep();
      assert.deepEqual(contents(folder), {});
    });
  });

  test('after the end nothing is written any more', () => {
    inFolder(folder => {
      const part = PartFile.open(`${folder}/f`, anew);
      put(part, 0, '0123456789');
      part.commit(10, noSync);
      part.forget({ start: 0, end: 5 });
      part.keep();
      part.discard();
      assert.deepEqual(contents(folder), { f: '0123456789' });
    });
  });
});

describe('names', () => {
  test('that name no file, or would be in the way, are refused', () => {
    inFolder(folder => {
      for (const [name, reason] of [
        ['', 'is the name of a folder'],
        ['.', 'is the name of a folder'],
        ['x/..', 'is the name of a folder'],
        ['a\0b', 'has a NUL in it'],
        ['.f.zc-part', 'is what a file is called while it arrives'],
        ['.f.zc-state', 'is what a file is called while it arrives'],
        ['.f.zc-new', 'is what a file is called while it arrives'],
        ['n'.repeat(246), 'has a name of 246 bytes'],
      ]) {
        assert.throws(() => PartFile.open(`${folder}/${name}`, anew), failure('refused', reason), JSON.stringify(name));
      }
      assert.deepEqual(contents(folder), {});
    });
  });

  test('of the greatest length work', () => {
    inFolder(folder => {
      const name = 'n'.repeat(245);
      breakOff(`${folder}/${name}`);
      const part = PartFile.open(`${folder}/${name}`, resuming);
      put(part, 4, 'ef');
      put(part, 8, 'ij');
      part.commit(10, noSync);
      assert.deepEqual(contents(folder), { [name]: 'abcdefghij' });
    });
  });
});

describe('a target that', () => {
  /** Each makes what is in the way, and gives its path. */
  const inTheWay: readonly [string, string, boolean, (folder: string) => string][] = [
    ['exists', 'exists already: --overwrite replaces it', false, folder => write(`${folder}/f`)],
    ['is a link', 'is a symbolic link', true, folder => link(`${folder}/f`)],
    ['is a folder', 'is a folder', true, folder => fs.mkdtempSync(`${folder}/f`)],
    ['is a device', 'is no ordinary file', true, () => '/dev/null'],
  ];
  for (const [what, reason, overwrite, make] of inTheWay) {
    test(`${what} is refused before anything is received`, () => {
      inFolder(folder => {
        const target = make(folder);
        const before = fs.readdirSync(folder);
        assert.throws(() => PartFile.open(target, { ...anew, overwrite }), failure('refused', reason));
        assert.deepEqual(fs.readdirSync(folder), before);
      });
    });
  }

  for (const make of [write, link]) {
    test(`comes into being meanwhile (by ${make.name}) is not replaced, and the part is kept`, () => {
      inFolder(folder => {
        const part = PartFile.open(`${folder}/f`, anew);
        put(part, 0, '0123456789');
        make(`${folder}/f`);
        assert.throws(() => part.commit(10, noSync), failure('refused', 'exists already'));
        part.keep();
        fs.rmSync(`${folder}/f`);
        const again = PartFile.open(`${folder}/f`, resuming);
        again.commit(10, noSync);
        assert.deepEqual(contents(folder), { f: '0123456789' });
      });
    });
  }

  test('may be replaced is there until the new one is, and who reads it reads on', () => {
    inFolder(folder => {
      fs.writeFileSync(`${folder}/f`, 'old');
      const reader = openAt(`${folder}/f`, O_RDONLY);
      const part = PartFile.open(`${folder}/f`, { ...anew, overwrite: true });
      put(part, 0, '0123456789');
      assert.equal(contents(folder).f, 'old');
      part.commit(10, noSync);
      assert.deepEqual(contents(folder), { f: '0123456789' });
      assert.equal(fs.readFileSync(reader, 'latin1'), 'old');
      close(reader);
    });
  });
});

describe('a folder that', () => {
  test('is not there, or is none', () => {
    inFolder(folder => {
      assert.throws(
        () => PartFile.open(`${folder}/none/f`, anew),
        failure('store', `there is no folder "${folder}/none"`),
      );
      fs.writeFileSync(`${folder}/file`, '');
      assert.throws(() => PartFile.open(`${folder}/file/f`, anew), failure('store', `"${folder}/file" is no folder`));
    });
  });

  test('may not be written to', () => {
    inFolder(folder => {
      fs.chmodSync(folder, 0o555);
      asOrdinaryUser(() => {
        assert.throws(() => PartFile.open(`${folder}/f`, anew), failure('store', 'no file can be made in'));
      });
      fs.chmodSync(folder, 0o700);
    });
  });

  test("is the kernel's own says so", () => {
    assert.throws(() => PartFile.open('/proc/f', anew), failure('store', '"/proc'));
  });

  const traps: readonly [string, (path: string, folder: string) => void][] = [
    ['a link', (path, folder) => fs.symlinkSync(`${folder}/victim`, path)],
    ['a folder', path => fs.mkdirSync(path)],
  ];
  for (const [what, make] of traps) {
    test(`has ${what} where the part is to be`, () => {
      inFolder(folder => {
        make(`${folder}/.f.zc-part`, folder);
        assert.throws(() => PartFile.open(`${folder}/f`, anew), failure('store', 'is in the way and no file'));
        assert.ok(!fs.existsSync(`${folder}/victim`));
      });
    });
  }

  test('has a link where the state is to be: nothing is written through it', () => {
    inFolder(folder => {
      fs.writeFileSync(`${folder}/victim`, 'mine');
      fs.symlinkSync(`${folder}/victim`, `${folder}/.f.zc-state`);
      const part = PartFile.open(`${folder}/f`, anew);
      put(part, 0, 'abcd');
      fs.symlinkSync(`${folder}/victim`, `${folder}/.f.zc-new`);
      part.keep();
      assert.match(part.unsaved ?? '', /zc-state" could not be written \(40: /);
      assert.equal(contents(folder).victim, 'mine');
    });
  });
});

describe('a second transfer of the same file', () => {
  test('is refused while the first one lives, in this process too', () => {
    inFolder(folder => {
      const first = PartFile.open(`${folder}/f`, anew);
      put(first, 0, 'abcd');
      for (const options of [anew, resuming, { ...anew, overwrite: true }]) {
        const reason = `"${folder}/f" is being received already`;
        assert.throws(() => PartFile.open(`${folder}/f`, options), failure('refused', reason));
      }
      assert.equal(contents(folder)['.f.zc-part'], 'abcd');
      first.keep();
      PartFile.open(`${folder}/f`, resuming).discard();
    });
  });

  test('that opened the part before the first one was done begins another', () => {
    inFolder(folder => {
      const names = partNames(`${folder}/f`);
      fs.writeFileSync(names.part, 'whole');
      let calls = 0;
      const fd = openLocked(names, (...args) => {
        calls += 1;
        if (calls === 1) fs.renameSync(names.part, `${folder}/f`);
        return flock(...args);
      });
      assert.equal(calls, 2);
      fs.writeSync(fd, 'other');
      assert.deepEqual(contents(folder), { f: 'whole', '.f.zc-part': 'other' });
      close(fd);
      const restless = (...args: [number, number]) => {
        fs.rmSync(names.part);
        return flock(...args);
      };
      assert.throws(() => openLocked(names, restless), failure('store', 'comes and goes'));
    });
  });

  test('is not noticed where the file system has no locks; other errors are', () => {
    inFolder(folder => {
      const names = partNames(`${folder}/f`);
      close(openLocked(names, () => -ENOLCK));
      assert.throws(() => openLocked(names, () => -EIO), failure('store', 'flock() "'));
    });
  });

  test('never writes to the finished file, even where a kill has left it both names', () => {
    inFolder(folder => {
      breakOff(`${folder}/f`);
      fs.linkSync(`${folder}/.f.zc-part`, `${folder}/f`);
      const part = PartFile.open(`${folder}/f`, { ...resuming, overwrite: true });
      assert.equal(part.done.bytes, 0);
      put(part, 0, 'ABCD');
      assert.equal(fs.readFileSync(`${folder}/f`, 'latin1'), 'abcd\0\0gh');
    });
  });
});

describe('a file system that cannot rename without replacing', () => {
  for (const errno of [EINVAL, ENOSYS]) {
    const rename = (from: string, to: string, flags: number) => (flags === 0 ? renameAt2(from, to, 0) : -errno);
    test(`gives the name by a link instead (errno ${errno})`, () => {
      inFolder(folder => {
        const [part, target] = [`${folder}/part`, `${folder}/f`];
        fs.writeFileSync(part, 'new');
        assert.equal(giveFinalName(part, target, false, rename), 0);
        assert.deepEqual(contents(folder), { f: 'new' });
        fs.writeFileSync(part, 'newer');
        assert.equal(giveFinalName(part, target, false, rename), -17, 'EEXIST');
        assert.deepEqual(contents(folder), { f: 'new', part: 'newer' });
        assert.equal(giveFinalName(part, target, true, rename), 0);
        assert.deepEqual(contents(folder), { f: 'newer' });
      });
    });
  }
});
