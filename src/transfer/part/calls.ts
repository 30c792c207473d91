import { EINTR, ENOENT } from '../../../native/errno.js';
import { unlink } from '../../../native/file.js';
import { storeFailure } from '../failure.js';

/** Makes a call again for as long as a signal breaks it off (on a server's file system, calls on files are among those). */
export function uninterrupted(call: () => number): number {
  for (;;) {
    const returned = call();
    if (returned !== -EINTR) return returned;
  }
}

/**
 * Removes a file that need not be there.
 * @throws TransferError (kind store)
 */
export function remove(path: string): void {
  const returned = unlink(path);
  if (returned < 0 && returned !== -ENOENT) throw storeFailure(-returned, 'unlink', path);
}
