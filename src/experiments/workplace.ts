import { createCipheriv, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statfsSync,
  truncateSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { check } from '../../native/errno.js';
import { close, fadvise, O_RDONLY, openAt, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { sizeText } from '../tools/words.js';
import { type FileSystem, fileSystemOf } from './machine.js';

/** Bytes that are written or read at once. */
const step = 4 * 2 ** 20;

/** A file that is sent. */
export interface SourceFile {
  /** Within the workplace. */
  readonly name: string;
  readonly size: number;
  /** It has no blocks on the disk: the kernel reads zeros. */
  readonly sparse: boolean;
}

/** Bytes that a folder's file system has left for an ordinary user. */
export type RoomOf = (folder: string) => number;

export const roomOf: RoomOf = folder => {
  const { bavail, bsize } = statfsSync(bytesPath(folder));
  return bavail * bsize;
};

/**
 * The folder of a run: where its files are made and stored. It goes at the end of this process, however it ends.
 *
 * Programs are started in it, and so are given plain names. Its own path, which may be in any encoding, they are given as the
 * descriptor that this process has of it: Node hands over nothing that is not UTF-8.
 */
export class Workplace {
  /** A byte string. */
  readonly path: string;
  readonly fileSystem: FileSystem;
  /** The folder for `spawn`. */
  readonly cwd: string;
  private readonly fd: number;
  private readonly removeAtExit = () => this.remove();
  /** Bytes of the one file with content that there are so far. */
  private filled = 0;

  /**
   * @param parent the folder that it is made in, a byte string
   * @param keep leave it there at the end
   * @throws an error of Node's with path and reason
   */
  constructor(
    parent: string,
    private readonly keep: boolean,
  ) {
    const folder = realpathSync.native(bytesPath(parent), 'latin1');
    this.fileSystem = fileSystemOf(folder);
    this.path = `${folder === '/' ? '' : folder}/zerocopy-experiment-${randomBytes(4).toString('hex')}`;
    mkdirSync(bytesPath(this.path));
    process.on('exit', this.removeAtExit);
    this.fd = openSync(bytesPath(this.path), 'r');
    this.cwd = `/proc/${process.pid}/fd/${this.fd}`;
  }

  /** Bytes that the file with content has. */
  get size(): number {
    return this.filled;
  }

  /**
   * The file with content that no compression makes smaller: there is one, and it grows. What is new of it is on the disk when
   * this is done.
   * @param isExact it is to have just so many bytes, and may not have more
   * @param progress told of the percents that are there
   * @throws an error of Node's, such as ENOSPC
   */
  async random(size: number, isExact: boolean, progress: (percent: number) => void): Promise<SourceFile> {
    const name = 'recording.data';
    if (size > this.filled) {
      const file = await open(this.file(name), 'a');
      try {
        await this.fill(file, size, progress);
        await file.sync();
      } finally {
        await file.close();
      }
    } else if (isExact && size < this.filled) {
      truncateSync(this.file(name), size);
      this.filled = size;
    }
    return { name, size: this.filled, sparse: false };
  }

  /** The key stream of AES: it is random to whoever has not the key, and the processor makes it faster than a disk writes. */
  private async fill(file: FileHandle, size: number, progress: (percent: number) => void): Promise<void> {
    const start = Buffer.alloc(16);
    start.writeBigUInt64BE(BigInt(this.filled), 0);
    const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'zerocopy'), start);
    const zeros = Buffer.alloc(step);
    while (this.filled < size) {
      const part = stream.update(zeros.subarray(0, Math.min(step, size - this.filled)));
      await file.writeFile(part);
      const before = Math.floor((this.filled / size) * 100);
      this.filled += part.length;
      const percent = Math.floor((this.filled / size) * 100);
      if (percent !== before) progress(percent);
    }
  }

  /** A file of that size without content. */
  sparse(size: number): SourceFile {
    const name = `sparse-${sizeText(size)}.data`;
    closeSync(openSync(this.file(name), 'a'));
    truncateSync(this.file(name), size);
    return { name, size, sparse: true };
  }

  /** The path of a file in it, for Node. @param name ASCII */
  file(name: string): string {
    return `${this.cwd}/${name}`;
  }

  /** Reads the first bytes of a file once, so that what memory has room for is in the page cache. */
  async warm({ name }: SourceFile, size: number): Promise<void> {
    const file = await open(this.file(name), 'r');
    const block = Buffer.alloc(step);
    try {
      for (let at = 0; at < size; ) {
        const { bytesRead } = await file.read(block, 0, Math.min(step, size - at), at);
        if (bytesRead === 0) return;
        at += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  /** The files in it. */
  names(): string[] {
    return readdirSync(this.cwd);
  }

  /** Drops a file's pages from the page cache (posix_fadvise(2)), as far as nobody uses them. @throws SystemError */
  drop({ name }: SourceFile): void {
    const path = this.file(name);
    const fd = check(openAt(path, O_RDONLY), `open() "${path}"`);
    const dropped = fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
    check(dropped, `posix_fadvise() of "${path}"`);
  }

  removeFile(name: string): void {
    rmSync(this.file(name), { recursive: true, force: true, maxRetries: 5 });
  }

  /** Removes it, unless it is to be kept. What still writes there is to have ended. */
  remove(): void {
    process.off('exit', this.removeAtExit);
    if (!this.keep) {
      for (const name of this.names()) this.removeFile(name);
      rmdirSync(bytesPath(this.path));
    }
    closeSync(this.fd);
  }
}

/** File systems that are memory: nothing is stored there. */
const inMemory = ['tmpfs', 'ramfs', 'devtmpfs', 'rootfs'];

/**
 * Where files are made and stored if nobody says where: the folder for temporary files or the working folder, whichever
 * is on a disk and has the room; of two that have not, the one with more.
 * @param working a full path, a byte string
 * @param need bytes
 */
export function defaultPlace(working: string, need: number, room: RoomOf = roomOf): string {
  const temporary = Buffer.from(tmpdir(), 'utf8').toString('latin1');
  const places = [temporary, working].map(path => ({ path, room: room(path), real: isOnDisk(typeOf(path)) }));
  const [best] = places.sort((a, b) => {
    if (a.real !== b.real) return a.real ? -1 : 1;
    const [fitsA, fitsB] = [a.room >= need, b.room >= need];
    if (fitsA && fitsB) return 0;
    return b.room - a.room;
  });
  return best.path;
}

/** @param type of a file system */
export function isOnDisk(type: string): boolean {
  return !inMemory.includes(type);
}

function typeOf(path: string): string {
  return fileSystemOf(realpathSync.native(bytesPath(path), 'latin1')).type;
}

function bytesPath(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
