import type { MemoryBlock } from '../../../native/memory.js';
import { recv, send } from '../../../native/socket.js';
import type { Sink } from '../../transfer/paths/path.js';

/** What the bytes of a connection go through. What is returned is what send and recv return: a count, or a negative errno. */
export interface Channel {
  /** So many bytes of a body may have been taken off the socket and not have come out of the channel. */
  readonly heldBack: number;
  /** Does what has to be done before the first request. @returns 0 when it is done, -EAGAIN when it has to be called again */
  begin(): number;
  send(address: number, size: number): number;
  receive(address: number, size: number): number;
  /** Takes bytes of a body that nobody wants to see. */
  drop(count: number): number;
  /** An answer has come whole. */
  answered(): void;
  /** What it has failed with, in words, where an errno does not say it. */
  readonly problem: string;
  /** The socket is closed by who has opened it. */
  close(): void;
}

/** The socket itself. */
export class PlainChannel implements Channel {
  readonly heldBack = 0;
  readonly problem = '';

  constructor(
    private readonly fd: number,
    /** Drops bytes in the kernel. */
    private readonly sink: Sink,
  ) {}

  begin(): number {
    return 0;
  }

  send(address: number, size: number): number {
    return send(this.fd, address, size);
  }

  receive(address: number, size: number): number {
    return recv(this.fd, address, size);
  }

  drop(count: number): number {
    return this.sink.take(this.fd, 0, count);
  }

  answered(): void {
    // nothing is kept
  }

  close(): void {
    // nothing was opened
  }
}

/** Makes the channels of a client's connections. @param block what is received into */
export interface Channels {
  over(fd: number, block: MemoryBlock): Channel;
}
