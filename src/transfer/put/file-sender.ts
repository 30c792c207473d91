import { EAGAIN } from '../../../native/errno.js';
import { isSoft, SoftErrors } from '../failure.js';
import type { Pacer } from '../pacer.js';
import type { Source } from '../paths/path.js';
import { type Attempt, shortFile } from './attempt.js';

/** Why `send` has come back. */
export const Stop = {
  /** All bytes of the file are with the kernel. */
  Done: 0,
  /** The socket is full: go on when epoll says so. */
  Full: 1,
  /** Go on after `pauseMs`. */
  Pause: 2,
  /** So much has gone that others are to have their turn. */
  Turn: 3,
  /** A hard error: `errno`. */
  Failed: 4,
} as const;
export type Stop = (typeof Stop)[keyof typeof Stop];

/** Bytes after which the loop looks for what the server has said. */
const turnShare = 4 * 1024 * 1024;

/** Sends the bytes of the file as far as the socket, the rate and the kernel's memory let it. */
export class FileSender {
  /** Bytes so far. */
  sent = 0;
  pauseMs = 0;
  errno = 0;
  readonly softErrors = new SoftErrors();

  constructor(
    private readonly attempt: Attempt,
    readonly source: Source,
    private readonly pacer: Pacer,
  ) {}

  /** @throws TransferError where the file ends early, or the kernel is out of memory for good */
  send(socket: number): Stop {
    const { size } = this.attempt.file;
    const share = this.sent + turnShare;
    while (this.sent < size) {
      if (this.sent >= share) return Stop.Turn;
      this.pauseMs = this.pacer.delay();
      if (this.pauseMs > 0) return Stop.Pause;
      const returned = this.source.send(socket, this.sent, Math.min(size - this.sent, this.pacer.allowance()));
      if (returned === -EAGAIN) return Stop.Full;
      if (returned > 0) this.note(returned);
      else if (returned === 0) throw shortFile(this.attempt.file, this.sent);
      else if (!this.isPassing(-returned)) return Stop.Failed;
      else return Stop.Pause;
    }
    return Stop.Done;
  }

  private note(bytes: number): void {
    this.sent += bytes;
    this.pacer.spend(bytes);
    this.softErrors.clear();
    this.attempt.moved(bytes);
  }

  private isPassing(errno: number): boolean {
    this.errno = errno;
    if (!isSoft(errno)) return false;
    this.pauseMs = this.softErrors.next(errno, this.source.name === 'sendfile' ? 'sendfile' : 'sendto');
    return true;
  }
}
