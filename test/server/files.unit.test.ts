import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, mock, test } from 'node:test';
import { countCallsIn, countedCalls } from '../../native/call-counts.js';
import { EAGAIN, ELOOP, ENOENT } from '../../native/errno.js';
import { type FileCacheSettings, Files, type ServedFile } from '../../src/server/files.js';
import { inFolder } from '../native/support.js';

const cache: FileCacheSettings = {
  cache: { max: 10, inactive: 1000 },
  valid: 100,
  minUses: 1,
  errors: false,
  readAhead: false,
};
const none: FileCacheSettings = { ...cache, cache: null };

interface Place {
  files: Files;
  /** Writes a file and gives its path. */
  write(name: string, text: string): string;
  /** Opens, checks that there is something, and releases: one request. */
  use(path: string, settings: FileCacheSettings, now: number): ServedFile;
  /** Descriptors that are open on files of the folder. */
  readonly descriptors: number;
}

function descriptorsOn(folder: string): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder)) count += 1;
    } catch {
      // the descriptor that this folder itself was read with
    }
  }
  return count;
}

function scene(name: string, play: (place: Place, folder: string) => void): void {
  test(name, () => {
    inFolder(folder => {
      const files = new Files(null);
      const place: Place = {
        files,
        write(file, text) {
          writeFileSync(`${folder}/${file}`, text);
          return `${folder}/${file}`;
        },
        use(path, settings, now) {
          const file = files.open(path, settings, now);
          assert.ok(typeof file !== 'number', String(file));
          file.release();
          return file;
        },
        get descriptors() {
          return descriptorsOn(folder);
        },
      };
      play(place, folder);
      files.clear();
      assert.equal(files.size, 0);
      assert.equal(place.descriptors, 0, 'descriptors are left open');
    });
  });
}

describe('without a cache', () => {
  scene('each request opens and closes', ({ files, write, use }, folder) => {
    const path = write('a', 'text');
    const node = statSync(path);
    const first = files.open(path, none, 0) as ServedFile;
    const second = files.open(path, none, 0) as ServedFile;
    assert.notEqual(first.fd, second.fd);
    assert.equal(descriptorsOn(folder), 2);
    assert.deepEqual([first.path, first.isFile, first.isDirectory, first.size], [path, true, false, 4]);
    assert.deepEqual([first.mtime, first.inode], [Math.floor(node.mtimeMs / 1000), node.ino]);
    first.release();
    assert.equal(descriptorsOn(folder), 1);
    second.release();
    assert.equal(use(path, none, 0).size, 4);
    assert.equal(files.size, 0);
  });

  scene('folders and other things keep no descriptor', ({ files, write }, folder) => {
    const found = files.open(folder, none, 0) as ServedFile;
    assert.deepEqual([found.isDirectory, found.isFile, found.fd], [true, false, -1]);
    found.release();
    const device = files.open('/dev/null', none, 0) as ServedFile;
    assert.deepEqual([device.isDirectory, device.isFile, device.fd], [false, false, -1]);
    device.release();
    assert.equal(files.open(`${folder}/none`, none, 0), -ENOENT);
    assert.equal(files.failedCall, 'open');
    assert.deepEqual([files.test(write('a', '')), files.test(folder), files.test('/dev/null')], [1, 2, 3]);
    assert.equal(files.test(`${folder}/none`), -ENOENT);
  });
});

describe('with open_file_cache', () => {
  scene('users share one descriptor, and it stays', (place, folder) => {
    const path = place.write('a', 'text');
    const first = place.files.open(path, cache, 0) as ServedFile;
    const second = place.files.open(path, cache, 1) as ServedFile;
    assert.equal(first, second);
    assert.equal(place.descriptors, 1);
    first.release();
    second.release();
    assert.equal(place.descriptors, 1);
    assert.equal(place.use(path, cache, 2).fd, first.fd);
    assert.equal(place.files.size, 1);
    const directory = place.use(folder, cache, 3);
    assert.equal(place.use(folder, cache, 4), directory);
  });

  scene('min_uses: below it the descriptor is closed each time', place => {
    const path = place.write('a', 'text');
    const settings = { ...cache, minUses: 3 };
    for (const kept of [0, 0, 1, 1]) {
      place.use(path, settings, 0);
      assert.equal(place.descriptors, kept);
    }
  });

  scene('min_uses: users at the same time have descriptors of their own until then', place => {
    const path = place.write('a', 'text');
    const settings = { ...cache, minUses: 3 };
    const users = [0, 1, 2, 3].map(() => place.files.open(path, settings, 0) as ServedFile);
    assert.equal(place.descriptors, 3);
    assert.equal(users[2], users[3]);
    for (const user of users) user.release();
    assert.equal(place.descriptors, 1);
  });

  scene('valid: a change in place is seen when the entry is checked', place => {
    const path = place.write('a', 'text');
    const old = place.use(path, cache, 0);
    place.write('a', 'longer text');
    assert.equal(place.use(path, cache, 99), old);
    assert.equal(place.use(path, cache, 100).size, 11);
    assert.equal(place.descriptors, 1);
  });

  scene('valid: a change does not keep a descriptor before min_uses is reached', place => {
    const path = place.write('a', 'text');
    const settings = { ...cache, minUses: 3 };
    place.use(path, settings, 0);
    place.write('a', 'longer text');
    assert.equal(place.use(path, settings, 100).size, 11);
    assert.equal(place.descriptors, 0);
    place.use(path, settings, 100);
    assert.equal(place.descriptors, 1);
  });

  scene('valid: the time starts anew with each check', place => {
    const path = place.write('a', 'text');
    place.use(path, cache, 0);
    place.use(path, cache, 100);
    place.write('a', 'longer text');
    assert.equal(place.use(path, cache, 199).size, 4);
    assert.equal(place.use(path, cache, 200).size, 11);
  });

  scene('valid: a replaced file is opened anew, and who reads the old one goes on', (place, folder) => {
    const path = place.write('a', 'text');
    const reader = place.files.open(path, cache, 0) as ServedFile;
    renameSync(place.write('b', 'txet'), path);
    const next = place.use(path, cache, 150);
    assert.notEqual(next.inode, reader.inode);
    assert.equal(place.descriptors, 2);
    assert.match(readlinkSync(`/proc/self/fd/${reader.fd}`), /deleted/);
    reader.release();
    assert.equal(place.descriptors, 1);
    rmSync(path);
    mkdirSync(path);
    assert.equal(place.use(path, cache, 300).isDirectory, true);
    assert.equal(descriptorsOn(folder), 0);
  });

  scene('valid: a deleted file is served until the check', place => {
    const path = place.write('a', 'text');
    place.use(path, cache, 0);
    rmSync(path);
    assert.equal(place.use(path, cache, 99).size, 4);
    assert.equal(place.files.open(path, cache, 100), -ENOENT);
    assert.equal(place.descriptors, 0);
    place.write('a', 'back');
    assert.equal(place.use(path, cache, 101).size, 4);
  });

  scene('errors: off looks each time, on remembers until the check', (place, folder) => {
    const path = `${folder}/a`;
    assert.equal(place.files.open(path, cache, 0), -ENOENT);
    assert.equal(place.files.size, 0);
    const settings = { ...cache, errors: true };
    assert.equal(place.files.open(path, settings, 0), -ENOENT);
    assert.equal(place.files.size, 1);
    place.write('a', 'text');
    assert.equal(place.files.open(path, settings, 99), -ENOENT);
    assert.equal(place.files.failedCall, 'open');
    assert.equal(place.use(path, settings, 100).size, 4);
    assert.equal(place.descriptors, 1);
  });

  scene('errors: another errno than before is seen at the check', (place, folder) => {
    const settings = { ...cache, errors: true };
    assert.equal(place.files.open(`${folder}/a`, settings, 0), -ENOENT);
    symlinkSync('a', `${folder}/a`);
    assert.equal(place.files.open(`${folder}/a`, settings, 100), -ELOOP);
  });

  scene('inactive: what nobody has used for that long goes, two at a time', place => {
    for (const name of ['a', 'b', 'c', 'd']) place.use(place.write(name, name), cache, 0);
    const used = place.write('e', 'e');
    place.use(used, cache, 999);
    assert.equal(place.files.size, 5);
    place.use(used, cache, 1000);
    assert.deepEqual([place.files.size, place.descriptors], [3, 3]);
    place.use(used, cache, 1001);
    assert.deepEqual([place.files.size, place.descriptors], [1, 1]);
    place.use(used, cache, 1500);
    assert.equal(place.files.size, 1);
  });

  scene('max: the one that was not used for the longest time makes room', place => {
    const paths = ['a', 'b', 'c', 'd'].map(name => place.write(name, name));
    const settings = { ...cache, cache: { max: 3, inactive: 1000 } };
    const fds = paths.slice(0, 3).map((path, now) => place.use(path, settings, now).fd);
    place.use(paths[0], settings, 3);
    place.use(paths[3], settings, 4);
    assert.deepEqual([place.files.size, place.descriptors], [3, 3]);
    assert.equal(place.use(paths[0], settings, 5).fd, fds[0]);
    for (let i = 0; i < 100; i++) place.use(paths[i % 4], settings, 6);
    assert.deepEqual([place.files.size, place.descriptors], [3, 3]);
  });

  scene('each directive has a cache of its own, and all that inherit it have that', (place, folder) => {
    const small = { ...cache, cache: { max: 1, inactive: 10 } };
    const paths = ['a', 'b', 'c'].map(name => place.write(name, name));
    const kept = place.use(paths[0], cache, 0);
    for (const path of paths) place.use(path, small, 0);
    assert.deepEqual([place.files.size, place.descriptors], [2, 2]);
    place.use(paths[0], small, 50);
    assert.equal(place.use(paths[0], { ...cache, errors: true }, 50), kept);
    assert.equal(place.files.open(`${folder}/d`, { ...cache, errors: true }, 50), -ENOENT);
    place.write('d', 'd');
    assert.equal(place.use(`${folder}/d`, cache, 51).size, 1, 'who remembers no failures looks');
  });

  scene('what is only asked about is opened, and kept as what is served', (place, folder) => {
    const path = place.write('a', 'text');
    assert.deepEqual([place.files.testCached(path, cache, 0), place.files.testCached(folder, cache, 0)], [1, 2]);
    assert.equal(place.files.testedMode, statSync(folder).mode);
    assert.equal(place.descriptors, 1);
    rmSync(path);
    assert.equal(place.files.testCached(path, cache, 99), 1);
    assert.equal(place.use(path, cache, 99).size, 4);
    assert.equal(place.files.testCached(path, cache, 100), -ENOENT);
    assert.equal(place.files.failedCall, 'open');
    assert.equal(place.files.size, 1);
    assert.equal(place.files.testCached('/dev/null', cache, 100), 3);
  });

  scene('an entry that goes while it is read is closed by its last user', place => {
    const path = place.write('a', 'text');
    const settings = { ...cache, cache: { max: 1, inactive: 1000 } };
    const users = [0, 1].map(now => place.files.open(path, settings, now) as ServedFile);
    place.use(place.write('b', 'text'), settings, 2);
    assert.equal(place.descriptors, 2);
    users[0].release();
    assert.equal(place.descriptors, 2);
    users[1].release();
    assert.equal(place.descriptors, 1);
  });

  scene('clear leaves what is in use to its users', place => {
    const user = place.files.open(place.write('a', 'text'), cache, 0) as ServedFile;
    place.files.clear();
    assert.equal(place.descriptors, 1);
    user.release();
    assert.equal(place.descriptors, 0);
  });
});

scene('asks no disk where it is told so, and knows a path once it was looked up', ({ files, write }, folder) => {
  for (const settings of [none, cache]) {
    const path = `${folder}/never-asked-for-${settings.cache?.max}`;
    assert.deepEqual([files.test(path, true), files.open(path, settings, 0, true)], [-EAGAIN, -EAGAIN]);
    assert.equal(files.size, 0);
    assert.equal(files.test(path), -ENOENT);
    const known = files.open(path, settings, 0, true);
    // a kernel that cannot be asked never knows
    assert.ok(known === -ENOENT || known === -EAGAIN);
    const there = write(`there-${settings.cache?.max}`, 'text');
    const file = files.open(there, settings, 0, true);
    if (known === -EAGAIN) continue;
    assert.ok(typeof file !== 'number' && file.size === 4);
    assert.equal(files.test(there, true), 1);
    file.release();
  }
  files.clear();
});

scene('takes what its cache has without asking', ({ files, write }) => {
  const path = write('file', 'text');
  const first = files.open(path, cache, 0) as ServedFile;
  rmSync(path);
  const second = files.open(path, cache, 50, true);
  assert.equal(second, first);
  first.release();
  first.release();
  files.clear();
});

scene('read_ahead tells the kernel of large files, and of no others', ({ files, write }) => {
  const counts = new Float64Array(countedCalls.length);
  countCallsIn(counts);
  const advices = () => counts[countedCalls.indexOf('fadvise64')];
  const [large, small] = [write('large', 'x'.repeat(131_073)), write('small', 'x'.repeat(131_072))];
  for (const [path, readAhead, expected] of [
    [large, true, 1],
    [large, false, 0],
    [small, true, 0],
  ] as const) {
    const before = advices();
    const file = files.open(path, { ...none, readAhead }, 0);
    assert.ok(typeof file !== 'number');
    assert.equal(advices() - before, expected);
    file.release();
  }
});

describe('what small files of open_file_cache hold', () => {
  /** A file that was last changed a while ago, as most are. */
  function settled(place: Place, name: string, text: string): string {
    const path = place.write(name, text);
    // the time that the kernel has given it cannot be set: that of the reader is moved on
    mock.timers.reset();
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 3000 });
    return path;
  }
  afterEach(() => mock.timers.reset());
  const content = (file: ServedFile) => file.content?.bytes.toString() ?? null;

  scene('is read with the second use, and goes with the entry', place => {
    const path = settled(place, 'a', 'text');
    assert.equal(content(place.use(path, cache, 0)), null);
    const file = place.use(path, cache, 1);
    assert.equal(content(file), 'text');
    assert.equal(content(place.use(path, cache, 150)), 'text');
    place.write('a', 'other');
    assert.equal(content(place.use(path, cache, 200)), 'text', 'the entry is believed for a while');
    assert.equal(content(place.use(path, cache, 260)), 'other');
    assert.equal(content(file), null);
  });

  scene('is not kept of a file that was changed a moment ago: a second change could have the same time', place => {
    const path = place.write('a', 'text');
    for (const now of [0, 1, 2]) assert.equal(content(place.use(path, cache, now)), null);
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 3000 });
    assert.equal(content(place.use(path, cache, 3)), 'text');
  });

  scene('is not kept where the file was changed since it was opened', place => {
    const path = settled(place, 'a', 'text');
    place.use(path, cache, 0);
    place.write('a', 'more text');
    for (const now of [1, 2]) assert.equal(content(place.use(path, cache, now)), null);
    mock.timers.tick(10_000);
    place.use(path, cache, 100);
    assert.equal(content(place.use(path, cache, 101)), 'more text');
  });

  scene('is at most 8 KB a file, and 16 MB in all', place => {
    const settings = { ...cache, cache: { max: 10_000, inactive: 1e9 } };
    const large = settled(place, 'large', 'x'.repeat(8193));
    for (const now of [0, 1]) assert.equal(content(place.use(large, settings, now)), null);
    const paths = Array.from({ length: 2050 }, (_, i) => place.write(`${i}`, 'y'.repeat(8192)));
    mock.timers.tick(600_000);
    let kept = 0;
    for (const path of paths) {
      place.use(path, settings, 0);
      if (content(place.use(path, settings, 1)) !== null) kept += 1;
    }
    assert.equal(kept, 2048);
    assert.equal(content(place.use(settled(place, 'empty', ''), settings, 0)), null);
    place.files.clear();
    place.use(paths[2049]!, settings, 2);
    assert.notEqual(content(place.use(paths[2049]!, settings, 3)), null, 'there is room again');
  });
});
