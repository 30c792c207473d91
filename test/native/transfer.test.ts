import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { EAGAIN, EEXIST, EINVAL, ENAMETOOLONG, ENOENT } from '../../native/errno.js';
import {
  close,
  FALLOC_FL_KEEP_SIZE,
  fallocate,
  fdatasync,
  flock,
  fsync,
  LOCK_EX,
  LOCK_NB,
  O_CREAT,
  O_DIRECT,
  O_RDONLY,
  O_RDWR,
  openAt,
  pwrite,
  RENAME_NOREPLACE,
  renameAt2,
} from '../../native/file.js';
import { AlignedBlock, MemoryBlock } from '../../native/memory.js';
import { pipe2, setPipeSize } from '../../native/pipe.js';
import { SPLICE_F_MOVE, SPLICE_F_NONBLOCK, splice } from '../../native/transfer.js';
import { inFolder } from './support.js';

function makePipe(): { read: number; write: number } {
  const pipe = pipe2();
  if (typeof pipe === 'number') throw new Error(`pipe2: ${pipe}`);
  return pipe;
}

test('splice: from a file into a pipe, and out of it into another file at an offset', () => {
  inFolder(folder => {
    writeFileSync(`${folder}/from`, '0123456789');
    const from = openAt(`${folder}/from`, O_RDONLY);
    const to = openAt(`${folder}/to`, O_RDWR | O_CREAT);
    const pipe = makePipe();
    const flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
    assert.equal(splice(pipe.read, -1, to, 0, 100, flags), -EAGAIN);
    assert.equal(splice(from, 2, pipe.write, -1, 5, flags), 5);
    assert.equal(splice(pipe.read, -1, to, 3, 100, flags), 5);
    assert.equal(splice(from, 10, pipe.write, -1, 5, flags), 0);
    assert.equal(splice(from, 0, to, 0, 1, flags), -EINVAL);
    assert.equal(readFileSync(`${folder}/to`, 'latin1'), '\0\0\0' + '23456');
    for (const fd of [from, to, pipe.read, pipe.write]) close(fd);
  });
});

test('a pipe can be given room', () => {
  const pipe = makePipe();
  assert.equal(setPipeSize(pipe.write, 256 * 1024), 256 * 1024);
  for (const fd of [pipe.read, pipe.write]) close(fd);
  assert.ok(setPipeSize(pipe.write, 4096) < 0);
});

test('pwrite, fallocate and the calls that wait for the disk', () => {
  inFolder(folder => {
    const fd = openAt(`${folder}/file`, O_RDWR | O_CREAT);
    const block = new MemoryBlock(128);
    block.bytes.latin1Write('abc', 0);
    assert.equal(pwrite(fd, block.address, 3, 2), 3);
    assert.equal(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1 << 20), 0);
    assert.equal(fsync(fd), 0);
    assert.equal(fdatasync(fd), 0);
    assert.equal(readFileSync(`${folder}/file`, 'latin1'), '\0\0abc');
    close(fd);
    assert.ok(fsync(fd) < 0);
  });
});

test('flock: one at a time, until the last descriptor is closed', () => {
  inFolder(folder => {
    const one = openAt(`${folder}/lock`, O_RDWR | O_CREAT);
    const two = openAt(`${folder}/lock`, O_RDWR);
    assert.equal(flock(one, LOCK_EX | LOCK_NB), 0);
    assert.equal(flock(two, LOCK_EX | LOCK_NB), -EAGAIN);
    close(one);
    assert.equal(flock(two, LOCK_EX | LOCK_NB), 0);
    close(two);
  });
});

test('renameAt2 replaces nothing that it is not to replace', () => {
  inFolder(folder => {
    writeFileSync(`${folder}/a`, 'a');
    symlinkSync('nowhere', `${folder}/b`);
    assert.equal(renameAt2(`${folder}/a`, `${folder}/b`, RENAME_NOREPLACE), -EEXIST);
    assert.equal(renameAt2(`${folder}/none`, `${folder}/c`, RENAME_NOREPLACE), -ENOENT);
    assert.equal(renameAt2(`${folder}/a`, 'x'.repeat(5000), 0), -ENAMETOOLONG);
    assert.equal(renameAt2(`${folder}/a`, `${folder}/b`, 0), 0);
    assert.equal(readFileSync(`${folder}/b`, 'latin1'), 'a');
  });
});

test('an aligned block is aligned, and O_DIRECT has its number', () => {
  for (const size of [1, 512, 4096, 100_000]) {
    const block = new AlignedBlock(size);
    assert.equal(block.address % 4096, 0);
    assert.equal(block.bytes.length, size);
  }
  assert.equal(O_DIRECT, process.arch === 'x64' ? 0o40000 : 0o200000);
});
