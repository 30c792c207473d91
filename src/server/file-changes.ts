import { EINTR, EIO, ENOENT, EXDEV } from '../../native/errno.js';
import {
  chmod,
  close,
  FileStatus,
  O_CREAT,
  O_EXCL,
  O_RDONLY,
  O_WRONLY,
  openAt,
  pread,
  pwrite,
  renameAt2,
  setModified,
  statLink,
  statPath,
  unlink,
} from '../../native/file.js';
import {
  DT_DIR,
  DT_LNK,
  DT_REG,
  DT_UNKNOWN,
  FolderBlock,
  type FolderName,
  mkdir,
  O_DIRECTORY,
  rmdir,
} from '../../native/folder.js';
import { MemoryBlock } from '../../native/memory.js';
import { type FileChanges, type FileFacts, type NamedEntry, nextTurn, type Turns } from '../modules/module.js';

/** What is copied at once, and how much of it in one turn. */
const copyBlock = new MemoryBlock(256 * 1024);
const copiesPerTurn = 2;
const namesBlock = new FolderBlock();
const status = new FileStatus();
const permissions = 0o7777;

function kindOf(path: string, { type, name }: FolderName): NamedEntry['kind'] | null {
  switch (type) {
    case DT_DIR:
      return 'folder';
    case DT_REG:
      return 'file';
    case DT_LNK:
      return 'other';
    case DT_UNKNOWN:
      if (statLink(`${path}/${name}`, status) < 0) return null;
      return status.isDirectory ? 'folder' : status.isFile ? 'file' : 'other';
    default:
      return 'other';
  }
}

/** What a file system takes as a name (NAME_MAX), without the end of those here. */
const longestName = 255 - '.0123456789'.length;

/** A name beside a path that nobody has; it begins as nginx's do. */
function besides(path: string): string {
  const start = path.slice(0, path.lastIndexOf('/') + 1 + longestName);
  return `${start}.${`${Math.floor(Math.random() * 1e10)}`.padStart(10, '0')}`;
}

/** What modules change in the file system: one call each, and in turns what takes longer. */
export const fileChanges: FileChanges = {
  facts(path, follow = false): FileFacts | number {
    const returned = follow ? statPath(path, status) : statLink(path, status);
    if (returned < 0) return returned;
    const { isDirectory, isFile, mtime, mode } = status;
    return { kind: isDirectory ? 'folder' : isFile ? 'file' : 'other', mtime, mode: mode & permissions };
  },

  /** The mask of the process does not count. */
  makeFolder(path, mode): number {
    const made = mkdir(path, mode);
    return made < 0 ? made : chmod(path, mode);
  },

  removeFolder: rmdir,
  remove: unlink,
  setMode: chmod,
  setModified,

  rename(from, to): number {
    return renameAt2(from, to, 0);
  },

  *names(path): Turns<readonly NamedEntry[] | number> {
    const fd = openAt(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return fd;
    try {
      const entries: NamedEntry[] = [];
      for (;;) {
        const length = namesBlock.read(fd);
        if (length < 0) return length;
        if (length === 0) return entries;
        for (const each of namesBlock.names(length)) {
          const kind = each.name === '.' || each.name === '..' ? null : kindOf(path, each);
          if (kind !== null) entries.push({ name: each.name, kind });
        }
        yield nextTurn;
      }
    } finally {
      close(fd);
    }
  },

  *copy(from, to, mode, mtime): Turns<number> {
    const temporary = besides(to);
    const written = yield* copyTo(from, temporary, mode);
    if (written < 0) return written;
    const renamed = setModified(temporary, mtime) || renameAt2(temporary, to, 0);
    if (renamed < 0) unlink(temporary);
    return renamed;
  },

  *move(from, to, mtime): Turns<number> {
    const renamed = renameAt2(from, to, 0);
    if (renamed !== -EXDEV) return renamed;
    const facts = fileChanges.facts(from);
    if (typeof facts === 'number') return facts;
    const copied = yield* fileChanges.copy(from, to, facts.mode, mtime ?? facts.mtime);
    return copied < 0 ? copied : unlink(from);
  },
};

/** Copies a file to a new name. Whatever ends it before its time, the copy does not stay. */
function* copyTo(from: string, to: string, mode: number): Turns<number> {
  const source = openAt(from, O_RDONLY);
  if (source < 0) return source;
  const copy = openAt(to, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (copy < 0) {
    close(source);
    return copy;
  }
  let isWhole = false;
  try {
    const copied = yield* copyBytes(source, copy);
    isWhole = copied >= 0;
    // the mask of the process does not count
    return isWhole ? chmod(to, mode) : copied;
  } finally {
    close(source);
    close(copy);
    if (!isWhole) unlink(to);
  }
}

function* copyBytes(source: number, copy: number): Turns<number> {
  let at = 0;
  for (let turn = 1; ; turn++) {
    const count = pread(source, copyBlock.address, copyBlock.size, at);
    if (count === -EINTR) continue;
    if (count <= 0) return count;
    const written = writeAll(copy, copyBlock.address, count, at);
    if (written < 0) return written;
    at += count;
    if (turn % copiesPerTurn === 0) yield nextTurn;
  }
}

/** Writes all of it. @returns 0, or the negative errno */
export function writeAll(fd: number, address: number, size: number, offset: number): number {
  let done = 0;
  while (done < size) {
    const count = pwrite(fd, address + done, size - done, offset + done);
    if (count === -EINTR) continue;
    if (count <= 0) return count === 0 ? -EIO : count;
    done += count;
  }
  return 0;
}

/** Makes a folder and all that are missing on the way to it. @returns 0, or the negative errno */
export function makeFolders(path: string, mode: number): number {
  const returned = mkdir(path, mode);
  if (returned !== -ENOENT) return returned;
  const parent = path.slice(0, path.lastIndexOf('/'));
  if (parent === '') return returned;
  const made = makeFolders(parent, mode);
  return made < 0 ? made : mkdir(path, mode);
}
