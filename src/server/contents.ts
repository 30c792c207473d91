import { FileStatus, statFd } from '../../native/file.js';
import { preadNow } from '../../native/page-cache.js';
import { FileContent } from '../output/content.js';
import type { ServedFile } from './files.js';

/** Bytes. A larger file is sent as it always is: the copies would begin to cost what the calls do. */
const largest = 8 * 1024;
/** Bytes that the contents of all files may take. */
const most = 16 * 1024 * 1024;
/**
 * A change that comes this soon (ms) after another one may have the same time, on a file system that counts it coarsely: of a file
 * that was just changed nothing is kept.
 */
const settling = 2000;

const status = new FileStatus();

/** What small files of the open file cache hold: in memory, it goes out with the head of a response in one call. */
export class Contents {
  private total = 0;

  /** Reads a file that the cache holds, if it may: once, until it is looked at again. Asks no disk. */
  read(file: ServedFile): void {
    const { size, fd } = file;
    if (size === 0 || size > largest || this.total + size > most || Date.now() - file.ctime * 1000 < settling) return;
    file.isRead = true;
    const content = new FileContent(size);
    if (preadNow(fd, content.address, size, 0) !== size) return;
    // it was opened a while ago
    if (statFd(fd, status) < 0 || !file.isStill(status)) return;
    file.content = content;
    this.total += size;
  }

  forget(file: ServedFile): void {
    if (file.content === null) return;
    this.total -= file.size;
    file.content = null;
  }
}
