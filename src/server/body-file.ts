import { EEXIST, ENOENT } from '../../native/errno.js';
import { close, O_CREAT, O_EXCL, O_RDWR, openAt, unlink } from '../../native/file.js';
import { addressOf } from '../../native/memory.js';
import type { BodyFolder, ReceivedBody } from '../modules/module.js';
import { makeFolders, writeAll } from './file-changes.js';

const digits = 10;
/** Names that are tried before it is taken for a failure that all of them are there already. */
const mostTries = 8;
/** Permissions of the folders. */
export const ownerOnly = 0o700;

/** Where a file of this number is, with the folders between as `client_body_temp_path` wants them, taken from the number's end. */
function pathOf({ path, levels }: BodyFolder, number: string): string {
  let end = number.length;
  let folders = '';
  for (const level of levels) {
    folders += `/${number.slice(end - level, end)}`;
    end -= level;
  }
  return `${path}${folders}/${number}`;
}

/** The body of a request, which is written to a file as it comes. The file goes when the request ends, unless somebody has taken it. */
export class BodyFile implements ReceivedBody {
  length = 0;
  private isTaken = false;
  private isGone = false;

  private constructor(
    readonly path: string,
    private readonly fd: number,
  ) {}

  /** @returns the path that could not be opened where it fails, and the negative errno */
  static create(folder: BodyFolder): BodyFile | { readonly path: string; readonly errno: number } {
    for (let tries = 1; ; tries++) {
      const number = `${Math.floor(Math.random() * 10 ** digits)}`.padStart(digits, '0');
      const path = pathOf(folder, number);
      let fd = openAt(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
      if (fd === -ENOENT) {
        const made = makeFolders(path.slice(0, path.lastIndexOf('/')), ownerOnly);
        if (made >= 0 || made === -EEXIST) fd = openAt(path, O_RDWR | O_CREAT | O_EXCL, 0o600);
      }
      if (fd >= 0) return new BodyFile(path, fd);
      if (fd !== -EEXIST || tries === mostTries) return { path, errno: fd };
    }
  }

  /** @returns 0, or the negative errno */
  write(bytes: Buffer, start: number, end: number): number {
    if (start === end) return 0;
    const result = writeAll(this.fd, addressOf(bytes) + start, end - start, this.length);
    if (result === 0) this.length += end - start;
    return result;
  }

  taken(): void {
    this.isTaken = true;
  }

  /** The request has ended. */
  dispose(): void {
    if (this.isGone) return;
    this.isGone = true;
    close(this.fd);
    if (!this.isTaken) unlink(this.path);
  }
}
