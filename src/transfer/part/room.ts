import { fstatSync, statfsSync } from 'node:fs';
import { EDQUOT, EFBIG, ENOSPC } from '../../../native/errno.js';
import { FALLOC_FL_KEEP_SIZE, fallocate, ftruncate } from '../../../native/file.js';
import { exactBytes } from '../amounts.js';
import { storeFailure, TransferError } from '../failure.js';
import { uninterrupted } from './calls.js';
import { nodePath, type PartNames } from './names.js';

/** Of tmpfs, in statfs(2). */
const TMPFS_MAGIC = 0x01021994;
/** st_blocks counts in these, whatever the file system's own blocks are (stat(2)). */
const statBlock = 512;
const page = 4096;

/** What tells that there is no room, and not that the file system has no such call. */
const failures: readonly number[] = [ENOSPC, EDQUOT, EFBIG];

/**
 * Takes the room for the whole file now (fallocate(2)), so that a full disk shows before the first byte and the file lies in few
 * pieces; its size stays as it is. A file system that has no way of doing so is left as it is. In tmpfs it would be the pages
 * themselves, a tenth of a second for each GB: there it is only looked at what is free.
 * @param size of the whole file, in bytes
 * @param allocate as the kernel does it
 * @throws TransferError (kind store) where there is no room
 */
export function takeRoom(fd: number, size: number, names: PartNames, allocate = fallocate): void {
  const status = fstatSync(fd);
  const room = statfsSync(nodePath(names.folder));
  const needed = size - status.blocks * statBlock;
  if (needed <= 0) return;
  const refusal = () => noRoom(names, needed, room.bavail * room.bsize);
  const take = (length: number) => uninterrupted(() => allocate(fd, FALLOC_FL_KEEP_SIZE, 0, length));
  const isTmpfs = room.type === TMPFS_MAGIC;
  // a tmpfs without a limit has no blocks
  if (isTmpfs ? room.blocks === 0 : !isKnown(take(Math.min(size, page)))) return;
  // asked for more than there is, the kernel would take all that others have left, if for a moment only
  if (needed > room.bfree * room.bsize) throw refusal();
  if (isTmpfs) return;
  const returned = take(size);
  if (!failures.includes(-returned)) return;
  // what it got hold of goes back to the disk
  ftruncate(fd, status.size);
  throw returned === -ENOSPC ? refusal() : storeFailure(-returned, 'fallocate', names.part);
}

/** Whether the file system has the call. */
function isKnown(returned: number): boolean {
  return returned >= 0 || failures.includes(-returned);
}

function noRoom(names: PartNames, needed: number, free: number): TransferError {
  return new TransferError(
    `the disk has no room for "${names.target}": it needs ${exactBytes(needed)} bytes, and ${exactBytes(free)} are free; ` +
      'make room, or store the file elsewhere',
    'store',
  );
}
