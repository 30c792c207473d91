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
import type { OpenFileCache } from '../modules/core-http.js';
import type { FileSegment, OpenFile } from '../modules/module.js';
import type { FileContent } from '../output/content.js';
import { Contents } from './contents.js';
import { FileCache } from './file-cache.js';
import { openByRule, type SymlinkRule } from './symlinks.js';
import { TurnFiles } from './turn-files.js';

/** What `open_file_cache` and its companions ask for. */
export interface FileCacheSettings {
  /** Which cache: the directive that made it. `null`: none. */
  readonly cache: OpenFileCache | null;
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
  /** The body of most responses: made once, and not for each. */
  readonly whole: readonly FileSegment[];

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
    readonly mode: number,
  ) {
    this.whole = [{ file: this, offset: 0, length: size }];
  }

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

/** Opens files for requests, by way of the open file cache where one is configured. */
export class Files {
  private readonly caches = new Map<OpenFileCache, FileCache>();
  /** Of small files in the caches. */
  private readonly contents = new Contents();
  /** For what is in no cache. */
  private readonly ofTurn: TurnFiles | null;
  /** The call that made the last `open` fail. */
  failedCall = 'open';
  /** The mode of what `test` and its kind have just found (inode(7)). */
  testedMode = 0;

  /** @param loop null where there are no turns */
  constructor(loop: EventLoop | null) {
    this.ofTurn = loop === null ? null : new TurnFiles(loop);
  }

  /** Entries of all caches. */
  get size(): number {
    return [...this.caches.values()].reduce((sum, cache) => sum + cache.size, 0);
  }

  /**
   * Opens a file or a folder for reading. The caller releases what it gets.
   * @param now milliseconds of the loop's clock
   * @param cachedOnly asks no disk: EAGAIN where that would be needed
   * @param arrival when the request has come that it is for (arrivals.ts); by default just now
   * @returns the file, or the negative errno
   */
  open(
    path: string,
    settings: FileCacheSettings,
    now: number,
    cachedOnly = false,
    arrival = Number.POSITIVE_INFINITY,
  ): ServedFile | number {
    if (settings.cache === null) return this.openUncached(path, settings, cachedOnly, arrival);
    const cache = this.cacheOf(settings.cache);
    if (cachedOnly && !cache.isFresh(path, settings, now) && !isKnown(path)) return -EAGAIN;
    this.failedCall = 'open';
    return cache.open(path, settings, now);
  }

  /**
   * As `open`, where not every symbolic link may stand in the path. What was allowed once is not believed the next time: the cache is
   * left alone.
   */
  openByRule(path: string, settings: FileCacheSettings, rule: SymlinkRule, cachedOnly = false): ServedFile | number {
    if (cachedOnly && !isKnown(path)) return -EAGAIN;
    return this.look(path, openByRule(path, O_RDONLY | O_NONBLOCK, rule), settings, 'openat');
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
    return status.isLink ? -ELOOP : this.kindOf(status);
  }

  /** As `test`, by what the cache has: as nginx, it opens what is asked about, which is mostly what is served then. */
  testCached(path: string, settings: FileCacheSettings, now: number, cachedOnly = false): number {
    const found = this.open(path, settings, now, cachedOnly);
    if (typeof found === 'number') return found;
    found.release();
    return this.kindOf(found);
  }

  /** Whether a path is a file (1), a folder (2) or something else (3); or the negative errno. `cachedOnly`: see `open`. */
  test(path: string, cachedOnly = false): number {
    if (cachedOnly && !isKnown(path)) return -EAGAIN;
    this.failedCall = 'stat';
    const returned = statPath(path, status);
    if (returned < 0) return returned;
    return this.kindOf(status);
  }

  private kindOf({ isFile, isDirectory, mode }: Pick<FileStatus, 'isFile' | 'isDirectory' | 'mode'>): number {
    this.testedMode = mode;
    if (isFile) return 1;
    return isDirectory ? 2 : 3;
  }

  /** Closes all that the caches hold. */
  clear(): void {
    for (const cache of this.caches.values()) cache.clear();
    this.caches.clear();
  }

  private cacheOf(directive: OpenFileCache): FileCache {
    const known = this.caches.get(directive);
    if (known !== undefined) return known;
    const cache = new FileCache(directive, (path, settings) => this.openNow(path, settings), this.contents);
    this.caches.set(directive, cache);
    return cache;
  }

  private openUncached(
    path: string,
    settings: FileCacheSettings,
    cachedOnly: boolean,
    arrival: number,
  ): ServedFile | number {
    const open = this.ofTurn?.find(path, arrival);
    if (open) return open;
    const file = cachedOnly ? this.openKnown(path, settings) : this.openNow(path, settings);
    if (typeof file !== 'number') this.ofTurn?.keep(file);
    return file;
  }

  private openKnown(path: string, settings: FileCacheSettings): ServedFile | number {
    const fd = openCached(path, O_RDONLY | O_NONBLOCK);
    return isUnknown(fd) ? -EAGAIN : this.look(path, fd, settings);
  }

  private openNow(path: string, settings: FileCacheSettings): ServedFile | number {
    return this.look(path, openAt(path, O_RDONLY | O_NONBLOCK), settings);
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
    const { isDirectory, size, mtime, inode, device, ctime, ctimeNanoseconds, mode } = status;
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
      mode,
    );
  }
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
