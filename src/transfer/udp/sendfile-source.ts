import { UDP_SEGMENT } from '../../../native/datagrams.js';
import { EINTR, EINVAL, EIO, EMSGSIZE, errnoText } from '../../../native/errno.js';
import { MemoryBlock } from '../../../native/memory.js';
import { IPPROTO_UDP, MSG_MORE, MSG_NOSIGNAL, send, setOption, UDP_CORK } from '../../../native/socket.js';
import { sendfile } from '../../../native/transfer.js';
import { isOfConnection, sourceFailure, TransferError } from '../failure.js';
import { datagramFailure } from './datagram-failure.js';
import {
  counted,
  type DatagramFile,
  type DatagramSettings,
  type DatagramSource,
  type Stamp,
} from './datagram-source.js';
import { headerSize, type ShortToken, writeHeader } from './header.js';

const pageSize = 4096;
/**
 * A packet holds 17 pieces of memory (MAX_SKB_FRAGS). The header is one of them, so that 16 pages are left, the first and the
 * last of which may be touched by a byte.
 */
export const largestByPages = headerSize + 15 * pageSize;
/** From here on sendfile is the cheaper way: two calls a datagram cost more than copying less than a page. */
export const worthItFrom = headerSize + pageSize;

const ofCutting: readonly number[] = [EINVAL, EIO, EMSGSIZE];

/**
 * Has the kernel put pages of the file behind a header: MSG_MORE leaves the datagram open (udp(7)), sendfile adds the payload and
 * closes it. These are two calls a datagram, and no copy.
 *
 * Where a datagram is put together in parts, Linux computes its checksum part by part, for which it reads every byte after all;
 * and it gets it wrong where a page is left at an odd place, so that the receiver's kernel drops the datagram. Where the network
 * card might have to cut the datagram, the checksum is left for later, as is that of a copied one. So UDP_SEGMENT is set to the
 * datagram's own size, at which nothing is ever cut.
 */
export class SendfileSource implements DatagramSource {
  private readonly payload: number;
  private readonly header = new MemoryBlock(headerSize);
  private readonly headerWords = new Uint32Array(this.header.bytes.buffer);
  /** Bytes of the file that are sent again and again with a fixed offset; 0 without. */
  private readonly repeated: number;
  private failedCall = '';

  /** @throws TransferError where the file is too small for a fixed offset, or the kernel does not leave checksums for later */
  constructor(
    private readonly settings: DatagramSettings,
    private readonly token: ShortToken,
    private readonly file: DatagramFile,
  ) {
    const { socket, datagramSize, blockSize, fixedOffset } = settings;
    this.payload = datagramSize - headerSize;
    const block = Math.min(Math.max(blockSize, this.payload), file.size);
    this.repeated = fixedOffset ? block - (block % this.payload) : 0;
    if (fixedOffset && this.repeated === 0) {
      throw new TransferError(
        `"${file.path}" has ${file.size} bytes: --fixed-offset wants those of a datagram (${this.payload}) at least`,
        'source',
      );
    }
    const set = setOption(socket, IPPROTO_UDP, UDP_SEGMENT, datagramSize);
    if (set >= 0) return;
    const reason = `setsockopt(UDP_SEGMENT) failed (${errnoText(-set)})`;
    throw new TransferError(`this kernel has no zero copy for datagrams: ${reason}; use --no-zero-copy`, 'network');
  }

  send(offset: number, end: number, count: number, stamp: Stamp): number {
    for (let sent = 0; sent < count; sent++) {
      const from = offset + sent * this.payload;
      if (from >= end) return sent;
      const size = Math.min(this.payload, end - from);
      writeHeader(this.headerWords, 0, this.token, stamp.file, stamp.sequence + sent, from, stamp.time);
      const began = this.openDatagram();
      const went = began < 0 ? began : this.closeDatagram(from, size);
      // an error that remains shows again with the next call
      if (went !== size) return sent > 0 ? sent : Math.min(went, 0);
    }
    return count;
  }

  private openDatagram(): number {
    this.failedCall = 'sendto';
    for (;;) {
      counted(this.settings.calls, this.failedCall);
      const went = send(this.settings.socket, this.header.address, headerSize, MSG_NOSIGNAL | MSG_MORE);
      if (went !== -EINTR) return went;
    }
  }

  /** Gives the size, less where the file has ended, or the negative errno: then nothing of the datagram is left in the socket. */
  private closeDatagram(offset: number, size: number): number {
    const { socket, calls } = this.settings;
    this.failedCall = 'sendfile';
    for (;;) {
      counted(calls, this.failedCall);
      const went = sendfile(socket, this.file.fd, this.repeated === 0 ? offset : offset % this.repeated, size);
      if (went === -EINTR) continue;
      // an error of the socket drops the header, one of the file does not: it goes by itself then, and the receiver takes no notice
      if (went < 0) setOption(socket, IPPROTO_UDP, UDP_CORK, 0);
      return went;
    }
  }

  failure(errno: number): TransferError {
    const { peer, datagramSize } = this.settings;
    const isOfFile = this.failedCall === 'sendfile' && !isOfConnection(errno) && errno !== EMSGSIZE;
    const failure = isOfFile
      ? sourceFailure(errno, this.failedCall, this.file.path)
      : datagramFailure(errno, this.failedCall, peer, datagramSize);
    if (!ofCutting.includes(errno)) return failure;
    return new TransferError(`${failure.message}; or use --no-zero-copy`, failure.kind);
  }
}
