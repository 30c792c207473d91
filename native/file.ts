import { ENAMETOOLONG, ENOENT } from './errno.js';
import type { IoVec } from './iovec.js';
import { bind, bindNumbered, isX64, result } from './libc.js';
import { cString, cString2, MemoryBlock } from './memory.js';

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
/** A descriptor that names a file, and reads nothing. */
export const O_PATH = 0o10000000;
/** Past the page cache. One of the few flags that arm64 has under another number. */
export const O_DIRECT = isX64 ? 0o40000 : 0o200000;
export const O_DIRECTORY = isX64 ? 0o200000 : 0o40000;
/** ELOOP where the last part of the path is a symbolic link. */
export const O_NOFOLLOW = isX64 ? 0o400000 : 0o100000;

export const S_IFMT = 0o170000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;
export const S_IFLNK = 0o120000;

export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const FD_CLOEXEC = 1;

/** fallocate: the file's size stays as it is. */
export const FALLOC_FL_KEEP_SIZE = 1;
/** fallocate: the range is zero from now on, and takes no room. */
export const FALLOC_FL_PUNCH_HOLE = 2;
/** renameat2: fails with EEXIST where the new name is taken. */
export const RENAME_NOREPLACE = 1;

export const LOCK_EX = 2;
export const LOCK_NB = 4;

export const POSIX_FADV_SEQUENTIAL = 2;
export const POSIX_FADV_WILLNEED = 3;
export const POSIX_FADV_DONTNEED = 4;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
/** type, mode, ino, size and mtime */
const STATX_BASIC_STATS = 0x7ff;

const callOpen = bind('int openat(int dir, uintptr_t path, int flags, int mode)');
/** Under this number on every architecture. */
const callOpen2 = bindNumbered('openat2', 437);
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
const callUtimensat = bind('int utimensat(int dir, uintptr_t path, uintptr_t times, int flags)');
const callRealpath = bind('int64_t realpath(uintptr_t path, uintptr_t resolved)');
const callUnlink = bind('int unlink(uintptr_t path)');
const callLink = bind('int link(uintptr_t from, uintptr_t to)');
const callPwrite = bind('int64_t pwrite64(int fd, uintptr_t buffer, uint64_t size, int64_t offset)');
const callPwritev = bind('int64_t pwritev(int fd, uintptr_t iov, int count, int64_t offset)');
const callFsync = bind('int fsync(int fd)');
const callFdatasync = bind('int fdatasync(int fd)');
const callFallocate = bind('int fallocate(int fd, int mode, int64_t offset, int64_t length)');
const callFlock = bind('int flock(int fd, int operation)');
const callRename = bind('int renameat2(int oldDir, uintptr_t from, int newDir, uintptr_t to, uint32_t flags)');

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

/** Opens the file of a descriptor once more, whatever its path names now: flags are an open's own. */
export function openAgain(fd: number, flags: number): number {
  return openAt(`/proc/self/fd/${fd}`, flags);
}

/** As openAt, relative to an opened folder. */
export function openIn(dir: number, path: string, flags: number): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callOpen(dir, address, flags | O_CLOEXEC, 0));
}

/** `struct open_how`: flags, mode and how the path is resolved, of 64 bits each. */
const how = new MemoryBlock(128);
const howWords = new Uint32Array(how.bytes.buffer, how.bytes.byteOffset, 6);
const howSize = 24;
const resolveAt = 4;
const RESOLVE_CACHED = 0x20;

/**
 * As openAt, where the kernel knows the path without asking a disk (openat2(2), RESOLVE_CACHED).
 * @returns EAGAIN where it would have to; EINVAL before Linux 5.12 and ENOSYS before 5.6, for nobody knows then
 */
export function openCached(path: string, flags: number): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  howWords[0] = flags | O_CLOEXEC;
  howWords[resolveAt] = RESOLVE_CACHED;
  return result(callOpen2(AT_FDCWD, address, how.address, howSize));
}

export function close(fd: number): number {
  return result(callClose(fd));
}

/** What statx says of a file. One object is filled again and again; its layout is the same on every architecture. */
export class FileStatus {
  private readonly block = new MemoryBlock(256);
  private readonly words = new Uint32Array(this.block.bytes.buffer, this.block.bytes.byteOffset, 64);
  readonly address = this.block.address;

  get uid(): number {
    return this.words[5];
  }
  get mode(): number {
    return this.words[7] & 0xffff;
  }
  get isFile(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }
  get isLink(): boolean {
    return (this.mode & S_IFMT) === S_IFLNK;
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
  /** When the file was last changed, its rights included: whole seconds since 1970, and the nanoseconds beyond. */
  get ctime(): number {
    return (this.words[25] | 0) * 0x1_0000_0000 + this.words[24];
  }
  get ctimeNanoseconds(): number {
    return this.words[26];
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

/** As statPath, but of a symbolic link it is the link itself. */
export function statLink(path: string, status: FileStatus): number {
  return statLinkIn(AT_FDCWD, path, status);
}

/** Of a name in an opened folder: where it is a symbolic link, of the link itself. */
export function statLinkIn(dir: number, name: string, status: FileStatus): number {
  const address = cString(name);
  if (address < 0) return badPath(name);
  return result(callStatx(dir, address, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, status.address));
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

/** @param offset bytes from the file's start; the result may be less than `size` */
export function pwrite(fd: number, address: number, size: number, offset: number): number {
  return result(callPwrite(fd, address, size, offset));
}

/** Writes the entries of `iov` one behind the other; the result counts bytes, and may be less than `iov.total`. */
export function pwritev(fd: number, iov: IoVec, offset: number): number {
  return result(callPwritev(fd, iov.address, iov.count, offset));
}

/** Waits until the file is on the disk; of a folder, its names. */
export function fsync(fd: number): number {
  return result(callFsync(fd));
}

/** As fsync, without what nobody needs to read the bytes again (times). */
export function fdatasync(fd: number): number {
  return result(callFdatasync(fd));
}

/** Takes the room for a range of a file from the disk now. EOPNOTSUPP where the file system cannot. */
export function fallocate(fd: number, mode: number, offset: number, length: number): number {
  return result(callFallocate(fd, mode, offset, length));
}

/** A lock that goes with the open file, and away with its last descriptor. EAGAIN: somebody else has it (LOCK_NB). */
export function flock(fd: number, operation: number): number {
  return result(callFlock(fd, operation));
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

/** `struct timespec` of the last access, which stays what it is, and of the last change. */
const times = new MemoryBlock(128);
const UTIME_OMIT = 0x3ffffffe;

/** @param mtime seconds since 1970 */
export function setModified(path: string, mtime: number): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  times.bytes.writeBigInt64LE(BigInt(UTIME_OMIT), 8);
  times.bytes.writeBigInt64LE(BigInt(mtime), 16);
  return result(callUtimensat(AT_FDCWD, address, times.address, 0));
}

export function unlink(path: string): number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  return result(callUnlink(address));
}

/** Gives a file one more name; EEXIST where that is taken. */
export function link(from: string, to: string): number {
  const addresses = cString2(from, to);
  if (addresses === null) return from.length > to.length ? badPath(from) : badPath(to);
  return result(callLink(addresses[0], addresses[1]));
}

/** Gives a file another name in one step. EINVAL where the file system does not know the flags. */
export function renameAt2(from: string, to: string, flags: number): number {
  const addresses = cString2(from, to);
  if (addresses === null) return from.length > to.length ? badPath(from) : badPath(to);
  return result(callRename(AT_FDCWD, addresses[0], AT_FDCWD, addresses[1], flags));
}

/** PATH_MAX. */
const resolved = new MemoryBlock(4096);

/** The path without links, dots and double slashes, as a byte string; or the negative errno. */
export function realPath(path: string): string | number {
  const address = cString(path);
  if (address < 0) return badPath(path);
  if (callRealpath(address, resolved.address) === 0) return result(-1);
  return resolved.bytes.latin1Slice(0, resolved.bytes.indexOf(0));
}
