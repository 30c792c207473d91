import { createHash } from 'node:crypto';
import { FileStatus, statPath } from '../../native/file.js';
import { Lru } from '../lru.js';
import type { CertificateCacheRules } from '../modules/ssl-certificates.js';
import { isInline, type Loaded } from './certificates.js';

interface Entry<T extends Loaded> {
  readonly loaded: T;
  /** What tells the file from one that has taken its place; null where there is no file. */
  readonly file: string | null;
  /** Milliseconds of the process's clock. */
  checkedAt: number;
  usedAt: number;
}

const status = new FileStatus();

/**
 * Certificates and keys that handshakes have asked for by names with variables (`ssl_certificate_cache`). What cannot be loaded is not
 * kept: clients can name what they want, and the room is for what is there.
 */
export class CertificateCache {
  private readonly entries = new Lru<Entry<Loaded>>();

  constructor(
    private readonly rules: CertificateCacheRules,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /**
   * Gives what was loaded from a source before, where that still holds, or loads it. It is the cache's to free: who uses it does so at
   * once.
   * @param kind of what `load` gives: a certificate and its key may stand in one file
   * @throws what `load` throws
   */
  fetch<T extends Loaded>(kind: string, source: string, load: (source: string) => T): T {
    const now = this.now();
    const name = `${kind}:${isInline(source) ? createHash('sha256').update(source, 'latin1').digest('hex') : source}`;
    const entry = this.entries.use(name) as Entry<T> | undefined;
    if (entry !== undefined) {
      if (this.holds(entry, source, now)) {
        entry.usedAt = now;
        return entry.loaded;
      }
      this.entries.delete(name);
      entry.loaded.free();
    }
    // looked at before it is read: what replaces it meanwhile is found to be another file
    const file = fileOf(source);
    const loaded = load(source);
    const { max, inactive } = this.rules;
    this.entries.makeRoom(
      max,
      ({ usedAt }) => now - usedAt >= inactive,
      old => old.loaded.free(),
    );
    this.entries.set(name, { loaded, file, checkedAt: now, usedAt: now });
    return loaded;
  }

  free(): void {
    for (const { loaded } of this.entries.values()) loaded.free();
    this.entries.clear();
  }

  private holds(entry: Entry<Loaded>, source: string, now: number): boolean {
    if (entry.file === null || now - entry.checkedAt <= this.rules.valid) return true;
    entry.checkedAt = now;
    return entry.file === fileOf(source);
  }
}

function fileOf(source: string): string | null {
  if (isInline(source)) return null;
  if (statPath(source, status) < 0) return '';
  return `${status.device} ${status.inode} ${status.size} ${status.mtime}`;
}
