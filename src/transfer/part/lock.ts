import { fstatSync } from 'node:fs';
import {
  EACCES,
  EAGAIN,
  EISDIR,
  ELOOP,
  ENOENT,
  ENOLCK,
  ENOSYS,
  ENOTDIR,
  EOPNOTSUPP,
  EPERM,
  EROFS,
  errnoText,
} from '../../../native/errno.js';
import { close, flock, LOCK_EX, LOCK_NB, O_CREAT, O_NOFOLLOW, O_RDWR, openAt } from '../../../native/file.js';
import { storeFailure, TransferError } from '../failure.js';
import { remove, uninterrupted } from './calls.js';
import type { PartNames } from './names.js';
import { statusOf } from './target.js';

/** How often another process may take the part away between two calls of ours; more than twice is no accident. */
const mostTries = 100;

/** As ordinary programs make files: the umask takes from it. */
const newFileMode = 0o666;

/**
 * Opens a part, makes it where there is none, and locks it. The lock is of the open file (flock(2)), so it also keeps out a second
 * transfer of this process, and goes with the process. A file system without locks is used without.
 * @param lockFile as the kernel does it
 * @throws TransferError: refused where it is being received already, else store
 */
export function openLocked(names: PartNames, lockFile = flock): number {
  for (let tries = 0; tries < mostTries; tries++) {
    const fd = openAt(names.part, O_RDWR | O_CREAT | O_NOFOLLOW, newFileMode);
    if (fd < 0) throw openFailure(-fd, names);
    try {
      lock(fd, names, lockFile);
      if (isOurs(fd, names)) return fd;
    } catch (error) {
      close(fd);
      throw error;
    }
    close(fd);
  }
  throw new TransferError(`"${names.part}" comes and goes: another program is at work there; end it`, 'store');
}

function lock(fd: number, names: PartNames, lockFile: typeof flock): void {
  const returned = uninterrupted(() => lockFile(fd, LOCK_EX | LOCK_NB));
  if (returned === -EAGAIN) {
    throw new TransferError(
      `"${names.target}" is being received already: wait for that transfer, or end it`,
      'refused',
    );
  }
  const isWithoutLocks = [ENOLCK, EOPNOTSUPP, ENOSYS].includes(-returned);
  if (returned < 0 && !isWithoutLocks) throw storeFailure(-returned, 'flock', names.part);
}

/**
 * Whether what was locked is still what bears the name: whoever had the lock before may have given the file its final name, or
 * removed it. A file that has a second name is finished, and only its first name was left over: it gets a new part.
 */
function isOurs(fd: number, names: PartNames): boolean {
  const opened = fstatSync(fd, { bigint: true });
  if (!opened.isFile()) throw new TransferError(`"${names.part}" is in the way and no file: remove it`, 'store');
  const named = statusOf(names.part);
  if (named === undefined || named.ino !== opened.ino || named.dev !== opened.dev) return false;
  if (opened.nlink === 1n) return true;
  remove(names.part);
  return false;
}

function openFailure(errno: number, names: PartNames): TransferError {
  const { folder, part } = names;
  const store = (message: string) => new TransferError(message, 'store');
  switch (errno) {
    case ENOENT:
      return store(`there is no folder "${folder}" for "${names.target}": make it first (mkdir -p)`);
    case ENOTDIR:
      return store(`"${folder}" is no folder: "${names.target}" cannot be in it`);
    case EACCES:
    case EPERM:
      return store(
        `no file can be made in "${folder}" (${errnoText(errno)}): see to its rights, or choose another folder`,
      );
    case EROFS:
      return store(`no file can be made in "${folder}": it is mounted read-only`);
    case ELOOP:
    case EISDIR:
      return store(`"${part}" is in the way and no file (${errnoText(errno)}): remove it`);
    default:
      return storeFailure(errno, 'open', part);
  }
}
