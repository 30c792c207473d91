import { type BigIntStats, fstatSync } from 'node:fs';
import { EACCES, ENOENT, ENOTDIR, errnoText } from '../../native/errno.js';
import { close, fadvise, fdatasync, O_NONBLOCK, O_RDONLY, openAt, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { exactBytes } from './amounts.js';
import { TransferError } from './failure.js';
import { uninterrupted } from './part/calls.js';
import type { SourceIdentity } from './part/state.js';

/** A file that is sent. */
export class SourceFile {
  /** What tells this version from a later one: size, inode, and the time of the last change to the nanosecond. */
  readonly identity: SourceIdentity;
  /** Bytes, when it was opened. */
  readonly size: number;

  private constructor(
    /** A byte string. */
    readonly path: string,
    /** Open for reading. */
    readonly fd: number,
    status: BigIntStats,
  ) {
    this.size = Number(status.size);
    this.identity = { size: this.size, version: versionOf(status) };
  }

  /**
   * @param path a byte string
   * @throws TransferError (kind source) for what is not there, may not be read, or is no ordinary file
   */
  static open(path: string): SourceFile {
    // a named pipe would have us wait for its writer
    const fd = openAt(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) throw openFailure(-fd, path);
    const status = fstatSync(fd, { bigint: true });
    if (status.isFile()) return new SourceFile(path, fd, status);
    close(fd);
    const what = status.isDirectory() ? 'is a folder: name the files in it' : 'is no ordinary file';
    throw new TransferError(`"${path}" ${what}`, 'source');
  }

  /** The last part of its path. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  /**
   * What has happened to the file since it was opened, as the end of a sentence that begins with its path: `has shrunk from … to … bytes`.
   * A file that was replaced under its name is still the one that was opened.
   * @returns undefined where nothing has
   */
  changed(): string | undefined {
    const status = fstatSync(this.fd, { bigint: true });
    const size = Number(status.size);
    if (size !== this.size) {
      return `has ${size < this.size ? 'shrunk' : 'grown'} from ${exactBytes(this.size)} to ${exactBytes(size)} bytes`;
    }
    return versionOf(status) === this.identity.version ? undefined : 'was written to';
  }

  /**
   * Takes the file out of the page cache (--cold), as far as the kernel does it: pages that others have mapped stay, and in tmpfs,
   * which is nothing but page cache, all do. What was not on the disk yet is written there first, for only that can go.
   * @throws TransferError (kind source)
   */
  dropFromCache(): void {
    this.must(() => fdatasync(this.fd), 'fdatasync');
    this.must(() => fadvise(this.fd, 0, 0, POSIX_FADV_DONTNEED), 'posix_fadvise');
  }

  close(): void {
    close(this.fd);
  }

  private must(call: () => number, name: string): void {
    const returned = uninterrupted(call);
    if (returned < 0) throw new TransferError(`${name}() "${this.path}" failed (${errnoText(-returned)})`, 'source');
  }
}

function versionOf({ mtimeNs, ino }: BigIntStats): string {
  return `${mtimeNs.toString(16)}-${ino.toString(16)}`;
}

function openFailure(errno: number, path: string): TransferError {
  const failure = (message: string) => new TransferError(message, 'source');
  if (errno === ENOENT) return failure(`there is no file "${path}"`);
  if (errno === ENOTDIR) return failure(`there is no file "${path}": what should be a folder in it is none`);
  if (errno === EACCES) return failure(`"${path}" may not be read (${errnoText(errno)})`);
  return failure(`open() "${path}" failed (${errnoText(errno)})`);
}
