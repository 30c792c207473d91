import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { describe, test } from 'node:test';
import { EACCES, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR } from '../../native/errno.js';
import * as file from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { sendfile } from '../../native/transfer.js';
import { connectPair, inFolder, receiveNow, waitForInput } from './support.js';

const EBADF = 9;
const { O_RDONLY, O_WRONLY } = file;
const far = 5 * 2 ** 30 + 12_345;

/** Node's st_dev, of the numbers that statx gives (makedev(3)). */
function makedev(device: number): number {
  const major = Math.floor(device / 2 ** 32);
  const minor = device % 2 ** 32;
  const high = Math.floor(major / 0x1000) * 2 ** 44 + Math.floor(minor / 0x100) * 2 ** 20;
  return high + (major % 0x1000) * 0x100 + (minor % 0x100);
}

function compare(status: file.FileStatus, path: string): void {
  const node = fs.statSync(path);
  assert.equal(status.size, node.size);
  assert.equal(status.mtime, Math.floor(node.mtimeMs / 1000));
  assert.equal(status.inode, node.ino);
  assert.equal(status.mode, node.mode);
  assert.equal(status.isFile, node.isFile());
  assert.equal(status.isDirectory, node.isDirectory());
  assert.equal(makedev(status.device), node.dev);
}

function sparse(folder: string, tail: string): string {
  const path = `${folder}/sparse`;
  const fd = fs.openSync(path, 'w');
  fs.writeSync(fd, Buffer.from(tail, 'latin1'), 0, tail.length, far);
  fs.closeSync(fd);
  return path;
}

describe('status', () => {
  test('of a file beyond 4 GiB, a folder, a link, a device and one from before 1970', () => {
    inFolder(folder => {
      const big = sparse(folder, 'end');
      const old = `${folder}/old`;
      fs.writeFileSync(old, 'x');
      fs.utimesSync(old, new Date('1959-02-03T04:05:06Z'), new Date('1959-02-03T04:05:06Z'));
      fs.symlinkSync(old, `${folder}/link`);
      const status = new file.FileStatus();
      for (const path of [big, old, folder, `${folder}/link`, '/dev/null']) {
        assert.equal(file.statPath(path, status), 0);
        compare(status, path);
        const fd = file.openAt(path, O_RDONLY);
        assert.equal(file.statFd(fd, status), 0);
        compare(status, path);
        file.close(fd);
      }
      file.statPath(big, status);
      assert.equal(status.size, far + 3);
      file.statPath(old, status);
      assert.equal(status.mtime, Date.UTC(1959, 1, 3, 4, 5, 6) / 1000);
    });
  });

  test('of a name with bytes above 127', () => {
    inFolder(folder => {
      const path = Buffer.from(`${folder}/\xff\xfc.txt`, 'latin1');
      fs.writeFileSync(path, 'bytes');
      const status = new file.FileStatus();
      assert.equal(file.statPath(path.toString('latin1'), status), 0);
      assert.equal(status.size, 5);
    });
  });
});

describe('errors are negative errnos', () => {
  const status = new file.FileStatus();
  const long = `/${'x'.repeat(5000)}`;
  const longest = `/${'x/'.repeat(5000)}`;
  const cases: [string, () => number, number][] = [
    ['no such file', () => file.openAt('/no/such/file', O_RDONLY), ENOENT],
    ['no such file to look at', () => file.statPath('/no/such/file', status), ENOENT],
    ['a file as a folder', () => file.openAt('/etc/passwd/x', O_RDONLY), ENOTDIR],
    ['a folder to write', () => file.openAt('/etc', O_WRONLY), EISDIR],
    ['an empty path', () => file.openAt('', O_RDONLY), ENOENT],
    ['a path too long for the kernel', () => file.openAt(long, O_RDONLY), ENAMETOOLONG],
    ['a path too long for the shared block', () => file.openAt(longest, O_RDONLY), ENAMETOOLONG],
    ['a NUL in a path', () => file.openAt('/etc/passwd\0.html', O_RDONLY), ENOENT],
    ['a NUL in a path to look at', () => file.statPath('/etc/passwd\0', status), ENOENT],
    ['a NUL in a path to unlink', () => file.unlink('/tmp/x\0y'), ENOENT],
    ['unlink of nothing', () => file.unlink('/no/such/file'), ENOENT],
    ['chown of nothing', () => file.chown('/no/such/file', 0, 0), ENOENT],
    ['close twice', () => file.close(-1), EBADF],
    ['read of nothing', () => file.read(-1, 0, 0), EBADF],
    ['write to nothing', () => file.write(-1, 0, 0), EBADF],
    ['pread of nothing', () => file.pread(-1, 0, 0, 0), EBADF],
    ['fcntl of nothing', () => file.fcntl(-1, file.F_GETFD), EBADF],
    ['status of nothing', () => file.statFd(-1, status), EBADF],
    ['ftruncate of nothing', () => file.ftruncate(-1, 0), EBADF],
    ['readahead of nothing', () => file.readahead(-1, 0, 1), EBADF],
    ['advice for nothing', () => file.fadvise(-1, 0, 0, file.POSIX_FADV_WILLNEED), EBADF],
  ];
  for (const [name, call, errno] of cases) test(name, () => assert.equal(call(), -errno));

  test('a file without the right to it', () => {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.('nobody');
    try {
      assert.equal(file.openAt('/etc/shadow', O_RDONLY), -EACCES);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('reading and writing', () => {
  test('pread beyond 4 GiB, at the edge and past the end', () => {
    inFolder(folder => {
      const fd = file.openAt(sparse(folder, 'far away'), O_RDONLY);
      const block = new MemoryBlock(128);
      assert.equal(file.pread(fd, block.address, 100, far), 8);
      assert.equal(block.bytes.latin1Slice(0, 8), 'far away');
      assert.equal(file.pread(fd, block.address, 4, far + 4), 4);
      assert.equal(block.bytes.latin1Slice(0, 8), 'awayaway');
      assert.equal(file.pread(fd, block.address, 4, far + 8), 0);
      assert.equal(file.readahead(fd, far, 8), 0);
      assert.equal(file.fadvise(fd, far, 8, file.POSIX_FADV_DONTNEED), 0);
      file.close(fd);
    });
  });

  test('sendfile beyond 4 GiB leaves the position of the file alone', () => {
    inFolder(folder => {
      const fd = file.openAt(sparse(folder, 'far away'), O_RDONLY);
      const pair = connectPair('127.0.0.1');
      assert.equal(sendfile(pair.server, fd, far + 1, 100), 7);
      waitForInput(pair.client);
      assert.equal(String(receiveNow(pair.client)), 'ar away');
      assert.equal(sendfile(pair.server, fd, far + 8, 100), 0);
      assert.equal(sendfile(pair.server, -1, 0, 1), -EBADF);
      const block = new MemoryBlock(128);
      block.bytes[0] = 1;
      assert.equal(file.read(fd, block.address, 1), 1);
      assert.equal(block.bytes[0], 0);
      pair.close();
      file.close(fd);
    });
  });

  test('write, append, truncate beyond 4 GiB, unlink', () => {
    inFolder(folder => {
      const path = `${folder}/file`;
      const block = new MemoryBlock(128);
      block.bytes.latin1Write('abcdef', 0);
      const fd = file.openAt(path, O_WRONLY | file.O_CREAT | file.O_EXCL, 0o600);
      assert.equal(file.write(fd, block.address, 6), 6);
      const second = file.openAt(path, O_WRONLY | file.O_APPEND);
      assert.equal(file.write(second, block.address + 2, 2), 2);
      assert.equal(fs.readFileSync(path, 'latin1'), 'abcdefcd');
      assert.equal(fs.statSync(path).mode & 0o777, 0o600);
      assert.equal(file.fcntl(fd, file.F_GETFD), file.FD_CLOEXEC);
      assert.equal(file.ftruncate(fd, far), 0);
      assert.equal(fs.statSync(path).size, far);
      file.close(second);
      file.close(fd);
      assert.equal(file.unlink(path), 0);
      assert.equal(fs.existsSync(path), false);
    });
  });
});

test('a path without links', () => {
  inFolder(folder => {
    fs.mkdirSync(`${folder}/a`);
    fs.symlinkSync('a', `${folder}/b`);
    const real = fs.realpathSync(folder);
    assert.equal(file.realPath(`${folder}//b/../b/.`), `${real}/a`);
    assert.equal(file.realPath('/'), '/');
    assert.equal(file.realPath(`${folder}/none`), -ENOENT);
    assert.equal(file.realPath('a\0b'), -ENOENT);
    assert.equal(file.realPath('x'.repeat(9000)), -ENAMETOOLONG);
  });
});
