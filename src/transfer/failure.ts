import {
  ECONNREFUSED,
  ECONNRESET,
  EDQUOT,
  EFBIG,
  EHOSTUNREACH,
  EIO,
  ENETDOWN,
  ENETUNREACH,
  ENOBUFS,
  ENOMEM,
  ENOSPC,
  ENOTCONN,
  EPIPE,
  EPROTO,
  ETIMEDOUT,
  errnoText,
} from '../../native/errno.js';

/** Whose fault it is that a transfer ended. */
export type FailureKind = 'peer' | 'network' | 'store' | 'source' | 'refused';

/** What ends a transfer: its message says what was wrong, with the path or address, and what to do. */
export class TransferError extends Error {
  override readonly name = 'TransferError';

  constructor(
    message: string,
    readonly kind: FailureKind,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Errors that pass: the kernel had no memory for the moment (the paper's NET_SOFTERROR, figure 6).
 * @param errno positive
 */
export function isSoft(errno: number): boolean {
  return errno === ENOBUFS || errno === ENOMEM;
}

/** By these one learns that the other end is gone. */
const ofPeer: readonly number[] = [ECONNRESET, EPIPE, ENOTCONN, ECONNREFUSED];
/** tcp(7), ip(7) */
const ofNetwork: readonly number[] = [ETIMEDOUT, ENETDOWN, ENETUNREACH, EHOSTUNREACH, EPROTO];

/** Whether a connection gives this error, and not a file: sendfile has both. */
export function isOfConnection(errno: number): boolean {
  return ofPeer.includes(errno) || ofNetwork.includes(errno) || isSoft(errno);
}

/**
 * What a hard error of a call on a connected socket means.
 * @param errno positive
 * @param call the kernel's name for it: `recvfrom`
 * @param peer the other end's address
 */
export function connectionFailure(errno: number, call: string, peer: string): TransferError {
  const reason = `${call}() failed (${errnoText(errno)})`;
  if (ofPeer.includes(errno)) return new TransferError(`${peer} has broken off the connection: ${reason}`, 'peer');
  if (errno === ETIMEDOUT) return new TransferError(`${peer} no longer answers: ${reason}`, 'network');
  return new TransferError(`the connection to ${peer} broke: ${reason}`, 'network');
}

/** What is to be done about the commonest reasons for which a file cannot be written. */
const adviceOnStores = new Map<number, string>([
  [ENOSPC, 'the disk is full: make room on it, or store the file elsewhere'],
  [EDQUOT, 'your disk quota is used up: remove some of your files, or store this one elsewhere'],
  [EFBIG, 'the file is larger than its file system, or the limit of this process (ulimit -f), allows'],
  [EIO, 'the disk does not work as it should: see the messages of the kernel (dmesg)'],
]);

/**
 * @param errno positive
 * @param call the kernel's name for it: `pwrite64`
 * @param path the file's, for the message
 */
export function storeFailure(errno: number, call: string, path: string): TransferError {
  const advice = adviceOnStores.get(errno);
  const reason = `${call}() "${path}" failed (${errnoText(errno)})`;
  return new TransferError(advice === undefined ? reason : `${reason}: ${advice}`, 'store');
}

/**
 * @param errno positive
 * @param call the kernel's name for it: `pread64`
 * @param path the file's, for the message
 */
export function sourceFailure(errno: number, call: string, path: string, advice = ''): TransferError {
  return new TransferError(`${call}() "${path}" failed (${errnoText(errno)})${advice}`, 'source');
}

/** One more in a row than this, and the error is hard: after about nine seconds of pauses. */
const mostInARow = 100;
const longestPause = 100;

/** Counts the soft errors of a stream, and says how long to wait before the next try. */
export class SoftErrors {
  /** Since the beginning. */
  count = 0;
  private inARow = 0;

  /**
   * @param errno positive
   * @param call the kernel's name for it: `sendfile`
   * @returns the pause before the next try, in ms: 1, then twice the one before, up to 100
   * @throws TransferError (kind network) after a hundred in a row
   */
  next(errno: number, call: string): number {
    this.count += 1;
    this.inARow += 1;
    if (this.inARow > mostInARow) {
      throw new TransferError(
        `${call}() failed ${this.inARow} times in a row (${errnoText(errno)}): the kernel has no memory for it; ` +
          'free some, or ask for smaller socket buffers (--sndbuf, --rcvbuf)',
        'network',
      );
    }
    return Math.min(2 ** (this.inARow - 1), longestPause);
  }

  /** A call went well: the next error is the first in a row. */
  clear(): void {
    this.inARow = 0;
  }
}
