import { ENAMETOOLONG, ENOENT } from './errno.js';
import { bind, result } from './libc.js';
import { cString, MemoryBlock } from './memory.js';

/** Files (openat(2), statx(2), pread(2)). Paths are byte strings; every call returns the result or the negative errno. */

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

export const S_IFMT = 0o170000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;

export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const FD_CLOEXEC = 1;

export const POSIX_FADV_SEQUENTIAL = 2;
export const POSIX_FADV_WILLNEED = 3;
export const POSIX_FADV_DONTNEED = 4;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
/** type, mode, ino, size and mtime */
const STATX_BASIC_STATS = 0x7ff;

const callOpen = bind('int openat(int dir, uintptr_t path, int flags, int mode)');
const callClose = bind('int close(int fd)');
const callStatx = bind('int statx(int dir, uintptr_t path, int flags, uint32_t mask, uintptr_t out)');
const callPread = bind('int64_t pread64(int fd, uintptr_t buffer, uint64_t size, int64_t offset)');
const callRead = bind('int64_t read(int fd, uintptr_t buffer, uint64_t size)');
const callWrite = bind('int64_t write(int fd, uintptr_t buffer, uint64_t size)');
const callFcntl = bind('int fcntl(int fd, int command, int64_t argument)');
const callReadahead = bind('int64_t readahead(int fd, int64_t offset, uint64_t size)');
const callFadvise = bind('int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)');
const callFtruncate = bind('int ftruncate(int fd, int64_t length)');
const callChown = bind('int chown(uintptr_t path, uint32_t user, uint32_t group)');
const callChmod = bind('int chmod(uintptr_t path, uint32_t mode)');
const callUnlink = bind('int unlink(uintptr_t path)');

/** A path that cannot be handed over: too long for a path, or with a NUL in it, which names no file. */
function badPath(path: string): number {
  return path.includes('\0') ? -ENOENT : -ENAMETOOLONG;
}

/** Opens `path` relative to the working directory, close-on-exec. */
export function openAt(path: string, flags: number, mode = 0o644): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callOpen(AT_FDCWD, address, flags | O_CLOEXEC, mode));
}

export function close(fd: number): number {
  return result(callClose(fd));
}

/** What statx says of a file. One object is filled again and again; its layout is the same on every architecture. */
export class FileStatus {
  private readonly block = new MemoryBlock(256);
  private readonly words = new Uint32Array(this.block.bytes.buffer, this.block.bytes.byteOffset, 64);
  readonly address = this.block.address;

  get mode(): number {
    return this.words[7] & 0xffff;
  }
  get isFile(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }
  get isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }
  get inode(): number {
    return this.words[9] * 0x1_0000_0000 + this.words[8];
  }
  /** Bytes. */
  get size(): number {
    return this.words[11] * 0x1_0000_0000 + this.words[10];
  }
  /** Whole seconds since 1970. */
  get mtime(): number {
    return (this.words[29] | 0) * 0x1_0000_0000 + this.words[28];
  }
  get device(): number {
    return this.words[34] * 0x1_0000_0000 + this.words[35];
  }
}

const empty = new MemoryBlock(128);

export function statFd(fd: number, status: FileStatus): number {
  return result(callStatx(fd, empty.address, AT_EMPTY_PATH, STATX_BASIC_STATS, status.address));
}

/** Follows symbolic links. */
export function statPath(path: string, status: FileStatus): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callStatx(AT_FDCWD, address, 0, STATX_BASIC_STATS, status.address));
}

/** @param offset bytes from the file's start; a result of 0 is the end of the file */
export function pread(fd: number, address: number, size: number, offset: number): number {
  return result(callPread(fd, address, size, offset));
}

export function read(fd: number, address: number, size: number): number {
  return result(callRead(fd, address, size));
}

export function write(fd: number, address: number, size: number): number {
  return result(callWrite(fd, address, size));
}

export function fcntl(fd: number, command: number, argument = 0): number {
  return result(callFcntl(fd, command, argument));
}

/** Starts to read a range into the page cache. */
export function readahead(fd: number, offset: number, size: number): number {
  return result(callReadahead(fd, offset, size));
}

/** posix_fadvise(2) returns its error number instead of setting errno. */
export function fadvise(fd: number, offset: number, length: number, advice: number): number {
  return 0 - callFadvise(fd, offset, length, advice);
}

export function ftruncate(fd: number, length: number): number {
  return result(callFtruncate(fd, length));
}

export function chown(path: string, user: number, group: number): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callChown(address, user, group));
}

export function chmod(path: string, mode: number): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callChmod(address, mode));
}

export function unlink(path: string): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callUnlink(address));
}
