import { constants } from 'node:os';
import { bindWithStrings } from './libc.js';

/** The error numbers that this program tells apart (errno(3)). */
export const { EPERM, ENOENT, EINTR, EIO, EAGAIN, ENOMEM, EACCES, EEXIST, EXDEV, ENOTDIR, EISDIR, EINVAL } =
  constants.errno;
export const { ENFILE, EMFILE, EFBIG, ENOSPC, EPIPE, ENAMETOOLONG, ENOSYS, ELOOP, ENOBUFS, EOVERFLOW } =
  constants.errno;
export const {
  EADDRINUSE,
  EADDRNOTAVAIL,
  ECONNABORTED,
  ECONNREFUSED,
  ECONNRESET,
  ENOTCONN,
  ETIMEDOUT,
  EPROTO,
  EDQUOT,
} = constants.errno;
export const {
  ENETDOWN,
  EHOSTUNREACH,
  ENETUNREACH,
  EOPNOTSUPP,
  EINPROGRESS,
  EALREADY,
  EMSGSIZE,
  EROFS,
  EBADF,
  ENOLCK,
} = constants.errno;

const strerror = bindWithStrings<(errno: number) => string>('const char *strerror(int errnum)');

const names = new Map<number, string>();
// of two names for one number (EAGAIN and EWOULDBLOCK) the first is the one that everybody uses
for (const [name, number] of Object.entries(constants.errno)) if (!names.has(number)) names.set(number, name);

/** The name of a (positive) errno: 2 is `ENOENT`. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** An errno as nginx prints it: `2: No such file or directory`. */
export function errnoText(errno: number): string {
  return `${errno}: ${strerror(errno)}`;
}

/** A kernel call that failed at start-up or in a tool; on the request path, negative errnos are handed on instead. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** As Node names it in its own errors: `ENOENT`. */
  readonly code: string;

  /**
   * @param call what failed, with its object: `bind() to 0.0.0.0:80`, `open() "/etc/x"`
   * @param errno positive
   */
  constructor(
    readonly call: string,
    readonly errno: number,
  ) {
    super(`${call} failed (${errnoText(errno)})`);
    this.code = errnoName(errno);
  }
}

/** Hands on a result, and throws a SystemError where it is a negative errno. */
export function check(returned: number, call: string): number {
  if (returned < 0) throw new SystemError(call, -returned);
  return returned;
}
