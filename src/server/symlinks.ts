import { ELOOP } from '../../native/errno.js';
import {
  close,
  FileStatus,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openAt,
  openIn,
  statFd,
  statLinkIn,
} from '../../native/file.js';

/** Which symbolic links may stand in a path (`disable_symlinks`). */
export interface SymlinkRule {
  /** None; or those that belong to the owner of what they lead to. */
  readonly allowed: 'none' | 'of owner';
  /** Bytes of the path in which any may stand; the first one after them is a slash. */
  readonly free: number;
}

const folder = O_PATH | O_DIRECTORY;
const [target, link] = [new FileStatus(), new FileStatus()];

/**
 * Opens a path one part after another, each in the folder that was opened before: whoever puts a link into the path meanwhile changes
 * nothing. With O_NOFOLLOW a folder that is a link is ENOTDIR, as with nginx, and a file ELOOP.
 * @param path a full one
 * @param flags for the last part
 * @returns the descriptor, or the negative errno
 */
export function openByRule(path: string, flags: number, rule: SymlinkRule): number {
  let at = rule.free;
  let dir = openAt(at === 0 ? '/' : path.slice(0, at), folder);
  while (dir >= 0) {
    while (path[at] === '/') at += 1;
    const slash = path.indexOf('/', at);
    const name = slash < 0 ? path.slice(at) : path.slice(at, slash);
    const next = openPart(dir, name === '' ? '.' : name, slash < 0 ? flags : folder, rule);
    close(dir);
    if (slash < 0) return next;
    dir = next;
    at = slash + 1;
  }
  return dir;
}

function openPart(dir: number, name: string, flags: number, { allowed }: SymlinkRule): number {
  if (allowed === 'none') return openIn(dir, name, flags | O_NOFOLLOW);
  const fd = openIn(dir, name, flags);
  if (fd < 0) return fd;
  const failed = Math.min(statFd(fd, target), statLinkIn(dir, name, link));
  if (failed >= 0 && target.uid === link.uid) return fd;
  close(fd);
  return failed < 0 ? failed : -ELOOP;
}
