import { ENAMETOOLONG, ENOENT } from './errno.js';
import type { FileStatus } from './file.js';
import { bind, bindNumbered, isX64, result } from './libc.js';
import { cString, MemoryBlock } from './memory.js';

/** Folders (getdents64(2)): the names in one, and what the files of these names are. */

/** open(2): ENOTDIR where the path is none. It has another number on arm64. */
export const O_DIRECTORY = isX64 ? 0o200000 : 0o40000;

/** Kinds of files, as a folder remembers them; not every file system does. */
export const DT_UNKNOWN = 0;
export const DT_DIR = 4;
export const DT_REG = 8;
export const DT_LNK = 10;

const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_BASIC_STATS = 0x7ff;

/** Of the kernel call, for which some C libraries have no function. */
export const getdentsNumber = isX64 ? 217 : 61;

const callGetdents = bindNumbered('getdents64', getdentsNumber);
const callMkdir = bind('int mkdir(uintptr_t path, uint32_t mode)');
const callRmdir = bind('int rmdir(uintptr_t path)');
const callStatx = bind('int statx(int dir, uintptr_t path, int flags, uint32_t mask, uintptr_t out)');

export interface FolderName {
  readonly name: string;
  /** DT_… */
  readonly type: number;
}

/** Where a name begins in `struct linux_dirent64`: behind the inode, the position, the record's length and the type. */
const lengthAt = 16;
const typeAt = 18;
const nameAt = 19;

/** Reads the names of an open folder, a block at a time. */
export class FolderBlock {
  private readonly block = new MemoryBlock(32 * 1024);
  readonly address = this.block.address;
  readonly size = this.block.size;

  /** Fills the block with what comes next. @returns the bytes of it, 0 at the end, or the negative errno */
  read(fd: number): number {
    return result(callGetdents(fd, this.address, this.size, 0));
  }

  /** @param length what `read` returned */
  names(length: number): FolderName[] {
    const { bytes } = this.block;
    const names: FolderName[] = [];
    for (let at = 0; at < length; at += bytes.readUInt16LE(at + lengthAt)) {
      const name = bytes.latin1Slice(at + nameAt, bytes.indexOf(0, at + nameAt));
      names.push({ name, type: bytes[at + typeAt] });
    }
    return names;
  }
}

function badPath(path: string): number {
  return path.includes('\0') ? -ENOENT : -ENAMETOOLONG;
}

export function mkdir(path: string, mode: number): number {
  const address = cString(path);
  return address < 0 ? badPath(path) : result(callMkdir(address, mode));
}

/** Removes an empty folder. */
export function rmdir(path: string): number {
  const address = cString(path);
  return address < 0 ? badPath(path) : result(callRmdir(address));
}

/** What a name in an open folder is. @param follow whether symbolic links are followed */
export function statIn(folder: number, name: string, follow: boolean, status: FileStatus): number {
  const address = cString(name);
  if (address < 0) return badPath(name);
  return result(callStatx(folder, address, follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, status.address));
}
