import { EINVAL, ENOSYS } from '../../../native/errno.js';
import { link, RENAME_NOREPLACE, renameAt2, unlink } from '../../../native/file.js';
import { uninterrupted } from './calls.js';

/**
 * Gives a part its final name, in one step that can be seen by nobody half done.
 *
 * Not all file systems can rename without replacing what bears the new name (renameat2(2): NFS cannot). There the file gets a
 * second name, which fails where that is taken, and then loses the first.
 * @param rename as the kernel does it
 * @returns 0 or the negative errno: -EEXIST where the name is taken and must not be
 */
export function giveFinalName(part: string, target: string, overwrite: boolean, rename = renameAt2): number {
  if (overwrite) return uninterrupted(() => rename(part, target, 0));
  const returned = uninterrupted(() => rename(part, target, RENAME_NOREPLACE));
  if (returned !== -EINVAL && returned !== -ENOSYS) return returned;
  const linked = uninterrupted(() => link(part, target));
  return linked < 0 ? linked : uninterrupted(() => unlink(part));
}
