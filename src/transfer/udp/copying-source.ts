import { MessageList, mostSegments, sendmmsg, UDP_SEGMENT } from '../../../native/datagrams.js';
import { EINTR, EINVAL, EIO, EMSGSIZE, errnoText } from '../../../native/errno.js';
import { pread } from '../../../native/file.js';
import { MemoryBlock } from '../../../native/memory.js';
import { IPPROTO_UDP, MSG_NOSIGNAL, setOption } from '../../../native/socket.js';
import { sourceFailure, TransferError } from '../failure.js';
import { datagramFailure } from './datagram-failure.js';
import {
  counted,
  type DatagramFile,
  type DatagramSettings,
  type DatagramSource,
  type Stamp,
} from './datagram-source.js';
import { datagramSizes, headerSize, type ShortToken, writeHeader } from './header.js';

/** Datagrams of one call at most: UIO_MAXIOV of the kernel. */
const mostMessages = 1024;

/**
 * Reads a block of the file, and hands it to the kernel as datagrams, each gathered from a header and a piece of the block:
 * as many as may go with one call. With GSO they are not messages of their own, but cut from a few large ones.
 */
export class CopyingSource implements DatagramSource {
  private readonly payload: number;
  /** Datagrams that the block holds. */
  private readonly capacity: number;
  private readonly perMessage: number;
  private readonly headers: MemoryBlock;
  private readonly headerWords: Uint32Array;
  private readonly block: MemoryBlock;
  private readonly list: MessageList;
  /** Which bytes of the stream the block holds. */
  private start = 0;
  private end = 0;
  private readFailed = false;

  /** @throws TransferError where the kernel has no GSO */
  constructor(
    private readonly settings: DatagramSettings,
    private readonly token: ShortToken,
    private readonly file: DatagramFile,
  ) {
    const { datagramSize, blockSize, gso } = settings;
    this.payload = datagramSize - headerSize;
    this.capacity = Math.max(1, Math.min(mostMessages, Math.floor(blockSize / this.payload)));
    this.perMessage = gso ? Math.min(mostSegments, Math.floor(datagramSizes.most / datagramSize)) : 1;
    this.block = new MemoryBlock(this.capacity * this.payload);
    this.headers = new MemoryBlock(this.capacity * headerSize);
    this.headerWords = new Uint32Array(this.headers.bytes.buffer);
    this.list = new MessageList(this.capacity, 2 * this.capacity);
    for (let at = 0; at < this.capacity; at++) {
      this.list.setPart(2 * at, this.headers.address + at * headerSize, headerSize);
    }
    if (gso) this.cutMessages();
  }

  private cutMessages(): void {
    const { socket, datagramSize } = this.settings;
    const set = setOption(socket, IPPROTO_UDP, UDP_SEGMENT, datagramSize);
    if (set >= 0) return;
    const reason = `setsockopt(UDP_SEGMENT) failed (${errnoText(-set)})`;
    throw new TransferError(`this kernel does not cut datagrams: ${reason}; leave out --gso`, 'network');
  }

  send(offset: number, end: number, count: number, stamp: Stamp): number {
    const isHeld = offset >= this.start && (this.end === end ? offset < end : offset + this.payload <= this.end);
    if (!isHeld) {
      const got = this.read(offset, end);
      if (got <= 0) return got;
    }
    const held = Math.ceil((Math.min(this.end, end) - offset) / this.payload);
    const ready = Math.min(count, held);
    this.prepare(offset, end, ready, stamp);
    const sent = this.sendMessages(Math.ceil(ready / this.perMessage));
    return sent < 0 ? sent : Math.min(ready, sent * this.perMessage);
  }

  /** Fills the block from `offset` on; gives 1, 0 where the file ends early, or the negative errno. */
  private read(offset: number, end: number): number {
    const wanted = Math.min(this.block.size, end - offset);
    this.start = 0;
    this.end = 0;
    for (let filled = 0; filled < wanted; ) {
      const place = this.settings.fixedOffset ? filled % this.file.size : offset + filled;
      const size = this.settings.fixedOffset ? Math.min(wanted - filled, this.file.size - place) : wanted - filled;
      counted(this.settings.calls, 'pread64');
      const got = pread(this.file.fd, this.block.address + filled, size, place);
      if (got === -EINTR) continue;
      this.readFailed = got < 0;
      if (got <= 0) return got;
      filled += got;
    }
    this.start = offset;
    this.end = offset + wanted;
    return 1;
  }

  private prepare(offset: number, end: number, count: number, { file, sequence, time }: Stamp): void {
    const { list, payload, perMessage } = this;
    const address = this.block.address - this.start;
    for (let at = 0; at < count; at++) {
      const from = offset + at * payload;
      writeHeader(this.headerWords, at, this.token, file, sequence + at, from, time);
      list.setPart(2 * at + 1, address + from, Math.min(payload, end - from));
    }
    for (let at = 0, message = 0; at < count; at += perMessage, message++) {
      list.setMessage(message, 2 * at, 2 * Math.min(perMessage, count - at));
    }
  }

  private sendMessages(count: number): number {
    for (;;) {
      counted(this.settings.calls, 'sendmmsg');
      const sent = sendmmsg(this.settings.socket, this.list, 0, count, MSG_NOSIGNAL);
      if (sent !== -EINTR) return sent;
    }
  }

  failure(errno: number): TransferError {
    if (this.readFailed) return sourceFailure(errno, 'pread64', this.file.path);
    const { gso, peer, datagramSize } = this.settings;
    const failure = datagramFailure(errno, 'sendmmsg', peer, datagramSize);
    if (!gso || ![EINVAL, EIO, EMSGSIZE].includes(errno)) return failure;
    return new TransferError(`${failure.message}; or the network card cannot cut them: leave out --gso`, 'network');
  }
}
