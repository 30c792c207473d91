import { getdentsNumber } from './folder.js';
import { bindForThreads, bindNumberedForThreads } from './libc.js';
import { type Int64Cell, MemoryBlock } from './memory.js';

/** Kernel calls that may wait for a disk, made by threads. `done` is told the result, or the negative errno. */

const callStatx = bindForThreads('int statx(int dir, uintptr_t path, int flags, uint32_t mask, uintptr_t out)');
const callGetdents = bindNumberedForThreads('getdents64', getdentsNumber);
const callSendfile = bindForThreads('int64_t sendfile(int out, int in, uintptr_t offset, uint64_t count)');

const callPread = bindForThreads('int64_t pread64(int fd, uintptr_t buffer, uint64_t size, int64_t offset)');

/** As pread in file.ts. What `address` points into has to stay until `done` is called. */
export function preadInThread(
  fd: number,
  address: number,
  size: number,
  offset: number,
  done: (result: number) => void,
): void {
  callPread(done, fd, address, size, offset);
}

/** As sendfile in transfer.ts. `offset` is its own until `done` is called. */
export function sendfileInThread(
  out: number,
  file: number,
  offset: Int64Cell,
  count: number,
  done: (result: number) => void,
): void {
  callSendfile(done, out, file, offset.address, count);
}

const AT_FDCWD = -100;
const STATX_BASIC_STATS = 0x7ff;
const statusSize = 256;

/** Has the kernel look up a path: what is on the way to it, and the file itself, are in memory then. What it says of the file is dropped. */
export function lookUpInThread(path: string, done: (result: number) => void): void {
  const block = new MemoryBlock(statusSize + path.length + 1);
  block.bytes.latin1Write(path, statusSize, path.length);
  callStatx(
    result => {
      // the block lives as long as this function does
      block.bytes[0] = 0;
      done(result);
    },
    ...[AT_FDCWD, block.address + statusSize, 0, STATX_BASIC_STATS, block.address],
  );
}

/** As `FolderBlock.read`. The block is its own until `done` is called. */
export function readFolderInThread(fd: number, address: number, size: number, done: (result: number) => void): void {
  callGetdents(done, fd, address, size);
}
