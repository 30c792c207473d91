import { fcntl, O_CLOEXEC, O_NONBLOCK } from './file.js';
import { bind, result } from './libc.js';
import { Int64Cell } from './memory.js';

/** Pipes (pipe(7)): for splice, a place in the kernel that holds pages on their way. */

const F_SETPIPE_SZ = 1031;

const callPipe2 = bind('int pipe2(uintptr_t fds, int flags)');

/** Two ints, in one cell. */
const ends = new Int64Cell();

/** A new pipe, non-blocking and close-on-exec; or the negative errno. */
export function pipe2(): { read: number; write: number } | number {
  const returned = result(callPipe2(ends.address, O_NONBLOCK | O_CLOEXEC));
  return returned < 0 ? returned : { read: ends.low, write: ends.high };
}

/**
 * Asks for room; without privilege /proc/sys/fs/pipe-max-size is the most (EPERM).
 * @returns the bytes that it has room for, or the negative errno
 */
export function setPipeSize(fd: number, bytes: number): number {
  return fcntl(fd, F_SETPIPE_SZ, bytes);
}
