import { EAGAIN, EFBIG, EINTR } from '../../native/errno.js';
import { close, FileStatus, O_RDONLY, openAt, pread, statFd, statPath } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { Lru } from '../lru.js';
import type { TextFile } from '../modules/module.js';

/** Files that are kept, of all sizes up to the largest. Their names may come out of requests. */
const filesAtMost = 64;
const largestFile = 16 * 1024 * 1024;
/** A file that has changed this short a time (ms) before it was read may have changed again since, and its times say nothing of it. */
const settlingTime = 100;

const status = new FileStatus();

class Entry implements TextFile {
  constructor(
    readonly text: string,
    /** What tells that the file is still the same. */
    readonly version: string,
    readonly isSettled: boolean,
  ) {}
}

/** Small files that modules read as a whole: as long as one does not change, all it costs is to look at its times. */
export class TextFiles {
  private readonly entries = new Lru<Entry>();
  /** The call that made the last `read` fail. */
  failedCall = 'open';

  /** @param now milliseconds since 1970 @returns the file, or the negative errno */
  read(path: string, now: number): TextFile | number {
    const { entries } = this;
    const known = entries.use(path);
    if (known?.isSettled && statPath(path, status) >= 0 && versionOf(status) === known.version) return known;
    entries.delete(path);
    const read = this.readNow(path, now);
    if (typeof read === 'number') return read;
    // the same content is the same file, however often it was written
    const entry = read.text === known?.text && read.version === known.version ? known : read;
    if (entries.size >= filesAtMost) entries.delete(entries.oldest?.key ?? '');
    entries.set(path, entry);
    return entry;
  }

  private readNow(path: string, now: number): Entry | number {
    this.failedCall = 'open';
    const fd = openAt(path, O_RDONLY);
    if (fd < 0) return fd;
    this.failedCall = 'fstat';
    const returned = statFd(fd, status);
    const version = versionOf(status);
    const isSettled = now - (status.ctime * 1000 + status.ctimeNanoseconds / 1e6) > settlingTime;
    const text = returned < 0 ? returned : this.content(fd, status.size);
    close(fd);
    return typeof text === 'number' ? text : new Entry(text, version, isSettled);
  }

  private content(fd: number, size: number): string | number {
    this.failedCall = 'pread';
    if (size > largestFile) return -EFBIG;
    const block = new MemoryBlock(Math.max(size, 1));
    let length = 0;
    while (length < size || size === 0) {
      const count = pread(fd, block.address + length, block.size - length, length);
      if (count === -EINTR || count === -EAGAIN) continue;
      if (count < 0) return count;
      if (count === 0) break;
      length += count;
      if (size === 0) break;
    }
    return block.bytes.toString('latin1', 0, length);
  }
}

function versionOf({ device, inode, size, ctime, ctimeNanoseconds }: FileStatus): string {
  return `${device} ${inode} ${size} ${ctime} ${ctimeNanoseconds}`;
}
