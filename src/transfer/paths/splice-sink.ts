import { readFileSync } from 'node:fs';
import { EINTR, EINVAL, EIO } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { pipe2, setPipeSize } from '../../../native/pipe.js';
import { SPLICE_F_MOVE, SPLICE_F_NONBLOCK, splice } from '../../../native/transfer.js';
import { isSoft, storeFailure, TransferError } from '../failure.js';
import type { OnStored, Sink } from './path.js';
import { StoredFile } from './stored-file.js';

const noDescriptor = -1;
const noOffset = -1;

/**
 * One call is asked for more than a pipe seems to hold: its room counts pages, and over loopback a piece of the stream that
 * takes up the room of one page has up to 32 KB. Measured: a pipe of 1 MB is the fastest, of 64 KB a third slower.
 */
const mostAtOnce = 16 * 1024 * 1024;
const wantedPipeSize = 1024 * 1024;

/** What a process without privilege may ask for (pipe(7)). */
function largestPipe(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/fs/pipe-max-size', 'latin1'), 10);
  } catch {
    return wantedPipeSize;
  }
}

/**
 * From the socket into a pipe and from there into the file, all of it inside the kernel (splice(2)). The pipe holds the
 * socket's own pages: the bytes are copied once, into the page cache.
 */
export class SpliceSink implements Sink {
  readonly name = 'splice';
  readonly calls = { splice: 0, pwrite64: 0 };
  private readonly into: number;
  private readonly memory: StoredFile;
  private readonly pipe: { read: number; write: number };
  /** Bytes in the pipe, and where in the file they belong: none between calls, except after a soft error. */
  private held = 0;
  private heldAt = 0;
  /** What is left in the pipe then belongs nowhere. */
  private broken: TransferError | null = null;

  /** @param direct the same file opened with O_DIRECT, closed with this; or -1 */
  constructor(
    file: number,
    private readonly path: string,
    private readonly direct: number,
    private readonly onStored: OnStored,
  ) {
    this.into = direct === noDescriptor ? file : direct;
    this.memory = new StoredFile(file, path, noDescriptor, this.calls, onStored);
    const pipe = pipe2();
    if (typeof pipe === 'number') {
      if (direct !== noDescriptor) close(direct);
      throw storeFailure(-pipe, 'pipe2', path);
    }
    this.pipe = pipe;
    // where it stays smaller (pipe-user-pages-soft), it works all the same
    setPipeSize(pipe.write, Math.min(wantedPipeSize, largestPipe()));
  }

  take(socket: number, offset: number, count: number): number {
    if (this.broken !== null) throw this.broken;
    if (this.held > 0) {
      const error = this.drain();
      if (error < 0) return error;
    }
    const got = this.fill(socket, Math.min(count, mostAtOnce));
    if (got > 0) {
      this.held = got;
      this.heldAt = offset;
      // where the kernel has no memory now, the rest stays in the pipe until the next call
      this.drain();
    }
    return got;
  }

  private fill(socket: number, size: number): number {
    for (;;) {
      this.calls.splice += 1;
      const got = splice(socket, noOffset, this.pipe.write, noOffset, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
      if (got !== -EINTR) return got;
    }
  }

  /** Writes what is in the pipe; 0, or the negative errno of a soft error. */
  private drain(): number {
    while (this.held > 0) {
      this.calls.splice += 1;
      const count = splice(this.pipe.read, noOffset, this.into, this.heldAt, this.held, SPLICE_F_MOVE);
      if (count > 0) {
        this.onStored(this.heldAt, this.heldAt + count);
        this.heldAt += count;
        this.held -= count;
      } else if (count !== -EINTR) {
        if (isSoft(-count)) return count;
        this.broken = this.failure(count === 0 ? EIO : -count);
        throw this.broken;
      }
    }
    return 0;
  }

  private failure(errno: number): TransferError {
    const reason = storeFailure(errno, 'splice', this.path);
    if (errno !== EINVAL) return reason;
    const advice =
      this.direct === noDescriptor
        ? 'its file system does not take splice; use --no-zero-copy'
        : 'O_DIRECT takes whole pages, and what comes off a socket is none; use --no-zero-copy with --direct';
    return new TransferError(`${reason.message}: ${advice}`, 'store');
  }

  store(address: number, count: number, offset: number): void {
    this.flush();
    this.memory.writeAll(address, count, offset);
  }

  flush(): void {
    if (this.broken !== null) throw this.broken;
    const error = this.drain();
    if (error < 0) throw storeFailure(-error, 'splice', this.path);
  }

  close(): void {
    close(this.pipe.read);
    close(this.pipe.write);
    if (this.direct !== noDescriptor) close(this.direct);
  }
}
