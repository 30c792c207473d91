import { FileStatus, statPath } from '../../native/file.js';
import type { LogFileCache, NamedLogs } from '../conf/directive.js';
import { Lru } from '../lru.js';
import type { OnLost } from './complaints.js';
import { LogFile } from './log-file.js';

/** A log that is kept open. */
interface Entry {
  readonly file: LogFile;
  inode: number;
  uses: number;
  /** Milliseconds of the process's clock. */
  usedAt: number;
  checkedAt: number;
}

const status = new FileStatus();

/** The logs whose names come out of requests: opened for each line, unless `open_log_file_cache` keeps them open. */
export class NamedLogFiles implements NamedLogs {
  /** For each setting of the directive. */
  private readonly caches = new Map<LogFileCache, Lru<Entry>>();
  onLost: OnLost | null = null;

  write(path: string, line: string, cache: LogFileCache): number {
    if (cache.max === 0) return this.writeOnce(path, line);
    const now = performance.now();
    const entries = this.entriesOf(cache);
    const entry = entries.use(path) ?? this.newEntry(entries, cache, path, now);
    if (now - entry.checkedAt >= cache.valid || entry.inode < 0) {
      entry.checkedAt = now;
      const opened = reopenIfMoved(entry);
      if (opened < 0) {
        entry.file.close();
        entries.delete(path);
        return opened;
      }
    }
    entry.uses += 1;
    entry.usedAt = now;
    entry.file.write(line);
    if (entry.uses < cache.minUses) shut(entry);
    return 0;
  }

  /** Closes them all: those that are needed are opened anew. */
  close(): void {
    for (const entries of this.caches.values()) for (const { file } of entries.values()) file.close();
    this.caches.clear();
  }

  private writeOnce(path: string, line: string): number {
    const file = this.fileOf(path);
    const opened = file.open();
    if (opened === 0) file.write(line);
    file.close();
    return opened;
  }

  private fileOf(path: string): LogFile {
    const file = new LogFile(path);
    file.complaints.onLost = this.onLost;
    return file;
  }

  private entriesOf(cache: LogFileCache): Lru<Entry> {
    let entries = this.caches.get(cache);
    if (entries === undefined) {
      entries = new Lru();
      this.caches.set(cache, entries);
    }
    return entries;
  }

  private newEntry(entries: Lru<Entry>, { max, inactive }: LogFileCache, path: string, now: number): Entry {
    entries.makeRoom(
      max,
      ({ usedAt }) => now - usedAt >= inactive,
      ({ file }) => file.close(),
    );
    const entry = { file: this.fileOf(path), inode: -1, uses: 0, usedAt: now, checkedAt: now };
    entries.set(path, entry);
    return entry;
  }
}

/** Opens a log that is not open, or is not the file of its name any more. @returns 0, or the negative errno */
function reopenIfMoved(entry: Entry): number {
  const { file } = entry;
  if (entry.inode >= 0 && statPath(file.path, status) >= 0 && status.inode === entry.inode) return 0;
  const opened = file.open();
  if (opened < 0) return opened;
  const found = statPath(file.path, status);
  entry.inode = found < 0 ? -1 : status.inode;
  return 0;
}

function shut(entry: Entry): void {
  entry.file.close();
  entry.inode = -1;
}
