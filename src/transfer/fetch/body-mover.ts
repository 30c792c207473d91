import { EINTR } from '../../../native/errno.js';
import { MemoryBlock } from '../../../native/memory.js';
import { recv } from '../../../native/socket.js';
import { ChunkedDecoder } from '../../http/chunked.js';
import { count } from '../../tools/words.js';
import type { BodyLength } from '../http/body.js';
import { BrokenConnection } from '../http/broken.js';
import type { CallCounts } from '../paths/path.js';
import type { Delivery } from './flow.js';

/** Bytes that a chunked body is read by: what is in the socket as a rule. */
const chunkedBlock = 256 * 1024;

/** Moves the body of a response from its socket into the file, a call at a time. */
export interface BodyMover {
  /** Nothing more is wanted of the socket. */
  readonly isDone: boolean;
  /** The body was taken to its end, and not a byte too many came: the connection can be used again. */
  readonly isClean: boolean;
  /** Bytes of the body that came with the head. @throws BrokenConnection, TransferError (kind store) */
  begin(bytes: Buffer, address: number, start: number, end: number): void;
  /**
   * @param most bytes
   * @returns bytes taken, 0 at the end of the stream, the negative errno
   * @throws BrokenConnection, TransferError (kind store)
   */
  take(socket: number, most: number): number;
  /** The stream has ended. @throws BrokenConnection where the body has not */
  end(): void;
}

/** @param peer the server, for messages */
export function bodyMover(length: BodyLength, delivery: Delivery, calls: CallCounts, peer: string): BodyMover {
  if (length.kind === 'chunked') return new ChunkedMover(delivery, calls, peer);
  if (length.kind === 'close') return new StreamMover(delivery, Number.POSITIVE_INFINITY, peer);
  return new StreamMover(delivery, length.kind === 'length' ? length.length : 0, peer);
}

/** A body that is the bytes of the connection as they come: so many, or all until it is closed. */
class StreamMover implements BodyMover {
  private readonly start: number;
  /** Where the body ends. */
  private readonly last: number;
  private hasEnded = false;
  private hasExcess = false;

  constructor(
    private readonly delivery: Delivery,
    length: number,
    private readonly peer: string,
  ) {
    this.start = delivery.portion.at;
    this.last = this.start + length;
  }

  get isDone(): boolean {
    const { at, end } = this.delivery.portion;
    return this.hasEnded || at >= Math.min(end, this.last);
  }

  get isClean(): boolean {
    return this.delivery.portion.at === this.last && !this.hasExcess;
  }

  begin(_bytes: Buffer, address: number, start: number, end: number): void {
    const { portion, sink } = this.delivery;
    const size = Math.min(end - start, Math.min(portion.end, this.last) - portion.at);
    this.hasExcess = end - start > this.last - portion.at;
    if (size <= 0) return;
    sink.store(address + start, size, portion.at);
    this.moved(size);
  }

  take(socket: number, most: number): number {
    const { portion, sink } = this.delivery;
    const size = sink.take(socket, portion.at, Math.min(Math.min(portion.end, this.last) - portion.at, most));
    if (size > 0) this.moved(size);
    return size;
  }

  private moved(size: number): void {
    const { portion, flow } = this.delivery;
    portion.at += size;
    flow.meter.add(size);
    flow.pacer.spend(size);
  }

  end(): void {
    const { at } = this.delivery.portion;
    this.hasEnded = true;
    if (this.last === Number.POSITIVE_INFINITY || at === this.last) return;
    const progress = `${count(at - this.start)} of ${count(this.last - this.start)} bytes`;
    throw new BrokenConnection(`${this.peer} closed the connection after ${progress}`, 'peer');
  }
}

/** A chunked body (RFC 9112 section 7.1) comes through memory: its bytes stand between the sizes of its chunks. */
class ChunkedMover implements BodyMover {
  isClean = false;
  private readonly decoder = new ChunkedDecoder();
  private readonly block = new MemoryBlock(chunkedBlock);

  constructor(
    private readonly delivery: Delivery,
    private readonly calls: CallCounts,
    private readonly peer: string,
  ) {
    calls.recvfrom ??= 0;
  }

  get isDone(): boolean {
    const { at, end } = this.delivery.portion;
    return this.decoder.done || at >= end;
  }

  begin(bytes: Buffer, address: number, start: number, end: number): void {
    this.decode(bytes, address, start, end);
  }

  take(socket: number, most: number): number {
    for (;;) {
      this.calls.recvfrom += 1;
      const size = recv(socket, this.block.address, Math.min(most, chunkedBlock));
      if (size === -EINTR) continue;
      if (size > 0) this.decode(this.block.bytes, this.block.address, 0, size);
      return size;
    }
  }

  private decode(bytes: Buffer, address: number, start: number, end: number): void {
    const { decoder, delivery } = this;
    const { portion, sink, flow } = delivery;
    let at = start;
    while (at < end && !this.isDone) {
      at = decoder.decode(bytes, at, end);
      if (at < 0) throw new BrokenConnection(`${this.peer} sends a chunked body that is malformed`, 'peer');
      const size = Math.min(decoder.dataEnd - decoder.dataStart, portion.end - portion.at);
      if (size === 0) continue;
      sink.store(address + decoder.dataStart, size, portion.at);
      portion.at += size;
      flow.meter.add(size);
      flow.pacer.spend(size);
    }
    this.isClean = decoder.done && at === end;
  }

  end(): void {
    const { portion } = this.delivery;
    const place = `byte ${count(portion.at)}`;
    throw new BrokenConnection(`${this.peer} closed the connection at ${place}, before the last chunk`, 'peer');
  }
}
