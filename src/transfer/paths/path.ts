import type { TransferError } from '../failure.js';

/** How often each system call was made, by the kernel's name for it: sendfile, pread64, sendto, recvfrom, splice, pwrite64. */
export type CallCounts = Record<string, number>;

export interface PathSettings {
  /** Bytes that one sendfile, pread or recv is asked for (the paper's: 128 KB). */
  readonly blockSize: number;
  /** Each block is read from the file's start again (for measuring only): byte `offset` of the stream is byte `offset % block` of the file. */
  readonly fixedOffset: boolean;
  /** Past the page cache (O_DIRECT); blocks are then of whole pages. */
  readonly direct: boolean;
}

/** How a stretch of a file reaches a socket; one per stream. */
export interface Source {
  readonly name: 'sendfile' | 'read+write';
  readonly calls: CallCounts;
  /**
   * Sends at most `count` bytes from `offset`, and at most a block: to be called until it gives -EAGAIN.
   * @returns bytes sent, 0 where the file ends early, the negative errno of the socket or of the file (see `failure`)
   */
  send(socket: number, offset: number, count: number): number;
  /**
   * What a hard error that `send` gave means: the file's, or the connection's.
   * @param errno positive
   * @param peer the other end's address
   */
  failure(errno: number, peer: string): TransferError;
  /** A stretch broken off: what is held of it is forgotten. */
  reset(): void;
  /** Lets go of what it opened itself; the file stays open. */
  close(): void;
}

/** How bytes leave a socket, and where they go; one per stream. */
export interface Sink {
  readonly name: 'discard' | 'memory' | 'read+write' | 'splice';
  readonly calls: CallCounts;
  /**
   * Takes at most `count` bytes that belong at `offset`: to be called until it gives -EAGAIN.
   * @returns bytes taken, 0 at the end of the stream, the negative errno of the socket, or -ENOMEM of the store (try again)
   * @throws TransferError (kind store) that names path and errno, after which this sink is of no more use
   */
  take(socket: number, offset: number, count: number): number;
  /** Bytes that are in memory already (the rest of an HTTP head's read). */
  store(address: number, count: number, offset: number): void;
  /** Writes what is held back (a block that is not full). After it, all that was taken has been reported to `onStored`. */
  flush(): void;
  /** Lets go of what it opened itself, and forgets what was not flushed; the file stays open. */
  close(): void;
}

/** Is told of bytes `start` … `end` of the file when they have been written (or dropped, where nothing is stored). */
export type OnStored = (start: number, end: number) => void;
