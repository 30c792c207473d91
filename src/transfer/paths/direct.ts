import { EINVAL, errnoText } from '../../../native/errno.js';
import { O_DIRECT, openAt } from '../../../native/file.js';
import { type FailureKind, TransferError } from '../failure.js';

/**
 * What O_DIRECT wants offsets, lengths and addresses to be multiples of: the page, which no device in use exceeds
 * (open(2), "O_DIRECT"; most would do with their sector of 512 bytes).
 */
export const directUnit = 4096;

/** The next multiple of the unit, or the number itself. */
export function upToUnit(bytes: number): number {
  return Math.ceil(bytes / directUnit) * directUnit;
}

/**
 * Opens a file a second time by its descriptor, so that flags can be set which the first is not to have: the same file, even
 * where it has been renamed or deleted meanwhile (proc(5), /proc/PID/fd).
 * @param access O_RDONLY or O_WRONLY
 * @throws TransferError where the file system has no O_DIRECT, or the file does not open
 */
export function openDirect(file: number, access: number, path: string, kind: FailureKind): number {
  const fd = openAt(`/proc/self/fd/${file}`, access | O_DIRECT);
  if (fd >= 0) return fd;
  const reason = `open() "${path}" with O_DIRECT failed (${errnoText(-fd)})`;
  throw new TransferError(
    fd === -EINVAL ? `${reason}: its file system goes through the page cache only; leave out --direct` : reason,
    kind,
  );
}
