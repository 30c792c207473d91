import { FileStatus, statPath } from '../../native/file.js';
import { Lru } from '../lru.js';
import type { OpenFileCache } from '../modules/core-http.js';
import type { Contents } from './contents.js';
import type { FileCacheSettings, ServedFile } from './files.js';

interface Entry {
  /** The opened file, or the negative errno that opening it came to. */
  found: ServedFile | number;
  uses: number;
  /** Milliseconds of the loop's clock. */
  checkedAt: number;
  usedAt: number;
}

/** Opens a file past the cache: the file, or the negative errno. */
type Open = (path: string, settings: FileCacheSettings) => ServedFile | number;

/** How many entries are looked at, with each open, for having been unused too long. */
const expiredAtOnce = 2;

const status = new FileStatus();

/** The open files of one `open_file_cache`: all that inherit the directive have the same. */
export class FileCache {
  private readonly entries = new Lru<Entry>();

  constructor(
    private readonly limits: OpenFileCache,
    private readonly openNow: Open,
    private readonly contents: Contents,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  open(path: string, settings: FileCacheSettings, now: number): ServedFile | number {
    this.expire(now);
    const entry = this.entries.use(path);
    if (entry === undefined) return this.remember(path, settings, now);
    entry.uses += 1;
    entry.usedAt = now;
    if (now - entry.checkedAt < settings.valid) return this.use(path, entry, settings);
    this.check(path, entry, settings, now);
    if (typeof entry.found !== 'number' || settings.errors) return this.use(path, entry, settings);
    this.entries.delete(path);
    return entry.found;
  }

  /** Whether an open takes what is here as it is. */
  isFresh(path: string, { valid, errors }: FileCacheSettings, now: number): boolean {
    const entry = this.entries.peek(path);
    if (entry === undefined || now - entry.checkedAt >= valid) return false;
    return typeof entry.found === 'number' ? errors : entry.found.cached;
  }

  /** Closes all that nobody uses. */
  clear(): void {
    for (const entry of this.entries.values()) this.drop(entry);
    this.entries.clear();
  }

  private remember(path: string, settings: FileCacheSettings, now: number): ServedFile | number {
    const found = this.openNow(path, settings);
    if (typeof found === 'number' && !settings.errors) return found;
    if (this.entries.size >= this.limits.max) this.letOldestGo();
    const entry = { found, uses: 1, checkedAt: now, usedAt: now };
    this.entries.set(path, entry);
    return this.keepOrNot(found, entry, settings);
  }

  /** Another user for what the entry holds; opens the file again where its descriptor was not kept. */
  private use(path: string, entry: Entry, settings: FileCacheSettings): ServedFile | number {
    const { found } = entry;
    if (typeof found === 'number' ? settings.errors : found.cached) {
      if (typeof found !== 'number') this.share(found);
      return found;
    }
    entry.found = this.openNow(path, settings);
    return this.keepOrNot(entry.found, entry, settings);
  }

  private share(file: ServedFile): void {
    file.users += 1;
    if (!file.isRead && file.isFile) this.contents.read(file);
  }

  private keepOrNot(found: ServedFile | number, entry: Entry, { minUses }: FileCacheSettings): ServedFile | number {
    // a folder has no descriptor that would have to be worth it
    if (typeof found !== 'number') found.cached = found.isDirectory || entry.uses >= minUses;
    return found;
  }

  /** The entry has not been checked for a while: is the path still the same file, with the same content? */
  private check(path: string, entry: Entry, settings: FileCacheSettings, now: number): void {
    entry.checkedAt = now;
    const returned = statPath(path, status);
    const { found } = entry;
    if (typeof found === 'number' ? returned === found : returned >= 0 && found.isStill(status)) {
      if (typeof found !== 'number' && found.content === null) found.isRead = false;
      return;
    }
    this.drop(entry);
    entry.found = this.openNow(path, settings);
    this.keepOrNot(entry.found, entry, settings);
    // the present request is not its user yet
    if (typeof entry.found !== 'number') entry.found.release();
  }

  private expire(now: number): void {
    for (let looked = 0; looked < expiredAtOnce; looked++) {
      const { oldest } = this.entries;
      if (oldest === null || now - oldest.value.usedAt < this.limits.inactive) return;
      this.letOldestGo();
    }
  }

  private letOldestGo(): void {
    const { oldest } = this.entries;
    if (oldest === null) return;
    this.drop(oldest.value);
    this.entries.delete(oldest.key);
  }

  private drop({ found }: Entry): void {
    if (typeof found === 'number' || !found.cached) return;
    found.cached = false;
    this.contents.forget(found);
    found.closeUnused();
  }
}
