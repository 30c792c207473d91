import { EAGAIN, EINVAL, ELOOP, ENOSYS, EPERM } from '../../native/errno.js';
import {
  close,
  FileStatus,
  fadvise,
  O_DIRECT,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  openAgain,
  openAt,
  openCached,
  POSIX_FADV_SEQUENTIAL,
  statFd,
  statPath,
} from '../../native/file.js';
import type { EventLoop } from '../event/loop.js';
import type { OpenFile } from '../modules/module.js';
import type { FileContent } from '../output/content.js';
import { Contents } from './contents.js';
import { openByRule, type SymlinkRule } from './symlinks.js';
import { TurnFiles } from './turn-files.js';

/** What `open_file_cache` and its companions ask for. */
export interface FileCacheSettings {
  /** Entries at most; 0 is no cache. */
  readonly max: number;
  /** Milliseconds without use after which an entry goes. */
  readonly inactive: number;
  /** Milliseconds after which an entry is checked against the file system. */
  readonly valid: number;
  /** Uses within `inactive` from which on the descriptor is kept open. */
  readonly minUses: number;
  /** Whether failures are remembered too. */
  readonly errors: boolean;
  /** Whether files are opened to be read from one end to the other (`read_ahead`): the kernel reads further ahead then. */
  readonly readAhead: boolean;
}

/** As nginx: smaller files are read at once anyhow. */
const leastReadAhead = 128 * 1024;

const status = new FileStatus();

/** A file that requests read from. Its descriptors are closed when nobody uses it and the cache does not hold it. */
export class ServedFile implements OpenFile {
  users = 1;
  private direct: number | null = null;
  /** Held by the cache. */
  cached = false;
  /** What it holds, where that is in memory (contents.ts); and whether that was tried. */
  content: FileContent | null = null;
  isRead = false;

  constructor(
    readonly path: string,
    /** -1 for a folder. */
    readonly fd: number,
    readonly isDirectory: boolean,
    readonly isFile: boolean,
    readonly size: number,
    readonly mtime: number,
    readonly inode: number,
    private readonly device: number,
    readonly ctime: number,
    private readonly ctimeNanoseconds: number,
  ) {}

  /** Whether a status is of this file, unchanged since it was opened: its bytes, its name and its rights. */
  isStill({ inode, device, size, mtime, ctime, ctimeNanoseconds }: FileStatus): boolean {
    return (
      inode === this.inode &&
      ctimeNanoseconds === this.ctimeNanoseconds &&
      ctime === this.ctime &&
      mtime === this.mtime &&
      size === this.size &&
      device === this.device
    );
  }

  hold(): void {
    this.users += 1;
  }

  release(): void {
    this.users -= 1;
    this.closeUnused();
  }

  /**
   * A second descriptor of the file, which reads past the page cache (`directio`); or the negative errno. The flag is one of the open file,
   * which others may be reading at this moment, on the loop and in threads: so it is not set and taken back, but opened with.
   */
  openDirect(): number {
    this.direct ??= openAgain(this.fd, O_RDONLY | O_NONBLOCK | O_DIRECT);
    return this.direct;
  }

  /** Closes what nobody uses and the cache does not hold. */
  closeUnused(): void {
    if (this.users > 0 || this.cached || this.fd < 0) return;
    close(this.fd);
    if (this.direct !== null && this.direct >= 0) close(this.direct);
  }
}

interface Entry {
  /** The opened file, or the negative errno that opening it came to. */
  found: ServedFile | number;
  uses: number;
  /** Milliseconds of the loop's clock. */
  checkedAt: number;
  usedAt: number;
}

/** How many entries are looked at, with each open, for having been unused too long. */
const expiredAtOnce = 2;

/** Opens files for requests, by way of the open file cache where one is configured. */
export class Files {
  /** In order of last use: the first is the one that was not used for the longest time. */
  private readonly entries = new Map<string, Entry>();
  /** Of small files in the cache. */
  private readonly contents = new Contents();
  /** For what is not in the cache. */
  private readonly ofTurn: TurnFiles | null;
  /** The call that made the last `open` fail. */
  failedCall = 'open';

  /** @param loop null where there are no turns */
  constructor(loop: EventLoop | null) {
    this.ofTurn = loop === null ? null : new TurnFiles(loop);
  }

  /** The mode of what `test` has just found (inode(7)). */
  get testedMode(): number {
    return status.mode;
  }

  get size(): number {
    return this.entries.size;
  }

  /**
   * Opens a file or a folder for reading. The caller releases what it gets.
   * @param now milliseconds of the loop's clock
   * @param cachedOnly asks no disk: EAGAIN where that would be needed
   * @returns the file, or the negative errno
   */
  open(path: string, cache: FileCacheSettings, now: number, cachedOnly = false): ServedFile | number {
    if (cache.max === 0) return this.openUncached(path, cache, cachedOnly);
    if (cachedOnly && !this.isFresh(path, cache, now) && !isKnown(path)) return -EAGAIN;
    this.expire(cache, now);
    const entry = this.entries.get(path);
    if (entry === undefined) return this.remember(path, cache, now);
    this.entries.delete(path);
    this.entries.set(path, entry);
    entry.uses += 1;
    entry.usedAt = now;
    if (now - entry.checkedAt >= cache.valid) this.check(path, entry, cache, now);
    return this.use(path, entry, cache);
  }

  /**
   * As `open`, where not every symbolic link may stand in the path. What was allowed once is not believed the next time: the cache is
   * left alone.
   */
  openByRule(path: string, cache: FileCacheSettings, rule: SymlinkRule, cachedOnly = false): ServedFile | number {
    if (cachedOnly && !isKnown(path)) return -EAGAIN;
    return this.look(path, openByRule(path, O_RDONLY | O_NONBLOCK, rule), cache, 'openat');
  }

  /** As `test`, likewise. */
  testByRule(path: string, rule: SymlinkRule, cachedOnly = false): number {
    if (cachedOnly && !isKnown(path)) return -EAGAIN;
    this.failedCall = 'openat';
    const fd = openByRule(path, O_PATH, rule);
    if (fd < 0) return fd;
    const returned = statFd(fd, status);
    close(fd);
    if (returned < 0) return returned;
    // O_PATH and O_NOFOLLOW open the link itself
    return status.isLink ? -ELOOP : kindOf(status);
  }

  /** Whether a path is a file (1), a folder (2) or something else (3); or the negative errno. `cachedOnly`: see `open`. */
  test(path: string, cachedOnly = false): number {
    if (cachedOnly && !isKnown(path)) return -EAGAIN;
    this.failedCall = 'stat';
    const returned = statPath(path, status);
    if (returned < 0) return returned;
    return kindOf(status);
  }

  /** Closes all that the cache holds. */
  clear(): void {
    for (const entry of this.entries.values()) this.drop(entry);
    this.entries.clear();
  }

  /** Whether an open takes what the cache has as it is. */
  private isFresh(path: string, cache: FileCacheSettings, now: number): boolean {
    const entry = this.entries.get(path);
    if (entry === undefined || now - entry.checkedAt >= cache.valid) return false;
    return typeof entry.found === 'number' ? cache.errors : entry.found.cached;
  }

  private openUncached(path: string, cache: FileCacheSettings, cachedOnly: boolean): ServedFile | number {
    const open = this.ofTurn?.find(path);
    if (open) return open;
    const file = cachedOnly ? this.openKnown(path, cache) : this.openNow(path, cache);
    if (typeof file !== 'number') this.ofTurn?.keep(file);
    return file;
  }

  private openKnown(path: string, cache: FileCacheSettings): ServedFile | number {
    const fd = openCached(path, O_RDONLY | O_NONBLOCK);
    return isUnknown(fd) ? -EAGAIN : this.look(path, fd, cache);
  }

  private openNow(path: string, cache: FileCacheSettings): ServedFile | number {
    return this.look(path, openAt(path, O_RDONLY | O_NONBLOCK), cache);
  }

  /** @param fd of an open, or its negative errno */
  private look(path: string, fd: number, { readAhead }: FileCacheSettings, call = 'open'): ServedFile | number {
    if (fd < 0) {
      this.failedCall = call;
      return fd;
    }
    const returned = statFd(fd, status);
    if (returned < 0) {
      this.failedCall = 'fstat';
      close(fd);
      return returned;
    }
    const { isFile } = status;
    if (!isFile) close(fd);
    else if (readAhead && status.size > leastReadAhead) fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const { isDirectory, size, mtime, inode, device, ctime, ctimeNanoseconds } = status;
    return new ServedFile(
      path,
      isFile ? fd : -1,
      isDirectory,
      isFile,
      size,
      mtime,
      inode,
      device,
      ctime,
      ctimeNanoseconds,
    );
  }

  private remember(path: string, cache: FileCacheSettings, now: number): ServedFile | number {
    const found = this.openNow(path, cache);
    if (typeof found === 'number' && !cache.errors) return found;
    if (this.entries.size >= cache.max) this.evictOldest();
    const entry = { found, uses: 1, checkedAt: now, usedAt: now };
    this.entries.set(path, entry);
    return this.keepOrNot(found, entry, cache);
  }

  /** Another user for what the entry holds; opens the file again where its descriptor was not kept. */
  private use(path: string, entry: Entry, cache: FileCacheSettings): ServedFile | number {
    const { found } = entry;
    if (typeof found === 'number') {
      this.failedCall = 'open';
      if (cache.errors) return found;
      entry.found = this.openNow(path, cache);
      return this.keepOrNot(entry.found, entry, cache);
    }
    if (found.cached) {
      found.users += 1;
      if (!found.isRead && found.isFile) this.contents.read(found);
      return found;
    }
    entry.found = this.openNow(path, cache);
    return this.keepOrNot(entry.found, entry, cache);
  }

  private keepOrNot(found: ServedFile | number, entry: Entry, cache: FileCacheSettings): ServedFile | number {
    if (typeof found !== 'number') found.cached = entry.uses >= cache.minUses;
    return found;
  }

  /** The entry has not been checked for a while: is the path still the same file, with the same content? */
  private check(path: string, entry: Entry, cache: FileCacheSettings, now: number): void {
    entry.checkedAt = now;
    const returned = statPath(path, status);
    const { found } = entry;
    if (typeof found === 'number' ? returned === found : returned >= 0 && found.isStill(status)) {
      if (typeof found !== 'number' && found.content === null) found.isRead = false;
      return;
    }
    this.drop(entry);
    entry.found = this.openNow(path, cache);
    this.keepOrNot(entry.found, entry, cache);
    // the present request is not its user yet
    if (typeof entry.found !== 'number') entry.found.release();
  }

  private expire(cache: FileCacheSettings, now: number): void {
    let looked = 0;
    for (const [path, entry] of this.entries) {
      if (looked === expiredAtOnce || now - entry.usedAt < cache.inactive) return;
      looked += 1;
      this.drop(entry);
      this.entries.delete(path);
    }
  }

  private evictOldest(): void {
    for (const [path, entry] of this.entries) {
      this.drop(entry);
      this.entries.delete(path);
      return;
    }
  }

  private drop(entry: Entry): void {
    const { found } = entry;
    if (typeof found === 'number' || !found.cached) return;
    found.cached = false;
    this.contents.forget(found);
    found.closeUnused();
  }
}

function kindOf({ isFile, isDirectory }: FileStatus): number {
  if (isFile) return 1;
  return isDirectory ? 2 : 3;
}

/** Whether the kernel knows of a path, or that there is none, without asking a disk. */
export function isKnown(path: string): boolean {
  const fd = openCached(path, O_PATH);
  if (fd >= 0) close(fd);
  return !isUnknown(fd);
}

/** The errors of `openCached` that say nothing of the file; a filter of system calls may forbid it (EPERM). */
function isUnknown(result: number): boolean {
  return result === -EAGAIN || result === -EINVAL || result === -ENOSYS || result === -EPERM;
}
