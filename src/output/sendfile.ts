import { congestionControl } from '../../native/congestion.js';
import { EAGAIN, EINTR } from '../../native/errno.js';
import { IoVec } from '../../native/iovec.js';
import { pageSize } from '../../native/page-cache.js';
import { IPPROTO_TCP, MSG_MORE, MSG_NOSIGNAL, send, setOption, TCP_CORK, writev } from '../../native/socket.js';
import { sendfile } from '../../native/transfer.js';
import { Counter, counters } from '../scoreboard/counters.js';
import type { PageReader } from './pages.js';
import { type Output, type OutputLimits, Progress, type SourceFile, type Transfer } from './transfer.js';

/** sendfile takes at most 2 GiB - 4 KiB in one call; a whole share in one go is what keeps the calls few. */
const largestCall = 0x7fff_f000;

/** Pages that go into one packet behind a head: the kernel has 17 places in it (MAX_SKB_FRAGS). */
const pagesOfPacket = 16;

const iov = new IoVec(1);

/** `sendfile on`: the kernel moves file pages to the socket, and the bytes never enter this process. */
export class SendfileOutput implements Output {
  /** @param isPaced whether TCP paces itself, by timers of its own: BBR does */
  constructor(private readonly isPaced = congestionControl().startsWith('bbr')) {}

  send(transfer: Transfer): Progress {
    const { share } = transfer;
    const { cork } = transfer.limits as OutputLimits;
    if (cork && transfer.bytesSent === 0 && takesSeveralCalls(transfer, share)) {
      setOption(transfer.fd, IPPROTO_TCP, TCP_CORK, 1);
      transfer.isCorked = true;
    }
    const progress = sendShare(transfer, share, this.isPaced);
    if (transfer.isCorked && progress === Progress.Done) {
      setOption(transfer.fd, IPPROTO_TCP, TCP_CORK, 0);
      transfer.isCorked = false;
    }
    return progress;
  }
}

/** A file that one call sends whole has nothing to hold back. */
function takesSeveralCalls(transfer: Transfer, share: number): boolean {
  return transfer.hasMorePieces || transfer.fileLength > (share > 0 ? share : largestCall);
}

function sendShare(transfer: Transfer, share: number, isPaced: boolean): Progress {
  let sent = 0;
  let isBehindMemory = false;
  for (;;) {
    if (transfer.memoryLength === 0 && transfer.fileLength === 0) return Progress.Done;
    let most = mostOf(transfer, share - sent);
    if (transfer.pages !== null && transfer.fileLength > 0) {
      // before the head goes, too: it is to share a packet with the file's first bytes, and not to wait for them in the kernel
      most = readyBytes(transfer, transfer.pages, most);
      if (transfer.failedCall !== '') return Progress.Failed;
      if (most === 0) return transfer.readPages(transfer.pages);
    }
    if (isPaced && isBehindMemory) most = Math.min(most, untilFullPackets(transfer));
    isBehindMemory = transfer.memoryLength > 0;
    const count = isBehindMemory ? sendMemory(transfer) : sendFile(transfer, most);
    if (count === -EINTR) continue;
    if (count === -EAGAIN) {
      return transfer.full();
    }
    if (transfer.failedCall !== '') return Progress.Failed;
    sent += count;
    transfer.advance();
    if (share > 0 && sent >= share && !transfer.isDone) {
      transfer.keepMemory();
      return Progress.Share;
    }
  }
}

/**
 * Sends bytes in memory. Where a file follows, they wait for its first bytes, to share a packet with them: a small file is
 * then one packet and not two (send(2), MSG_MORE).
 */
function sendMemory(transfer: Transfer): number {
  const { fd, memoryAddress, memoryLength } = transfer;
  let count: number;
  if (transfer.fileLength > 0) {
    count = send(fd, memoryAddress, memoryLength, MSG_NOSIGNAL | MSG_MORE);
  } else {
    iov.clear();
    iov.push(memoryAddress, memoryLength);
    count = writev(fd, iov);
    transfer.writevCalls += 1;
  }
  if (count >= 0) transfer.memorySent(count);
  else if (count !== -EAGAIN && count !== -EINTR) transfer.fail(transfer.fileLength > 0 ? 'send' : 'writev', -count);
  return count;
}

/** Bytes of the file that one call may send. @param left of the share; 0 or less where there is none */
function mostOf({ fileLength }: Transfer, left: number): number {
  return Math.min(fileLength, left > 0 ? Math.min(left, largestCall) : largestCall);
}

/**
 * Where TCP paces itself: bytes of the file that are to go with what was sent before them. That is all, but where they begin within a page and fill
 * more than a packet, those of that page: whole packets follow then. Else the first packet would be short of a few bytes, which would be a packet of
 * their own that waits for a timer; and as the client answers to both at once, pacing would slow down by what that took. Without pacing, the
 * packet that is left out is worth more. Not behind a cork, which joins both again, nor where the kernel encrypts, for each call is a record there.
 */
function untilFullPackets({ fileOffset, fileLength, isCorked, secured }: Transfer): number {
  const skew = fileOffset % pageSize;
  const isWhole = skew === 0 || skew + fileLength <= pagesOfPacket * pageSize;
  return isWhole || isCorked || secured >= 0 ? fileLength : pageSize - skew;
}

/** As many of them as are in memory. */
function readyBytes(transfer: Transfer, pages: PageReader, most: number): number {
  if (pages.error !== 0) transfer.fail('sendfile', pages.error);
  return pages.ready(transfer.file as SourceFile, transfer.fileOffset, most);
}

function sendFile(transfer: Transfer, most: number): number {
  const { file, fileOffset } = transfer;
  transfer.sendfileCalls += 1;
  const count = sendfile(transfer.fd, (file as SourceFile).fd, fileOffset, most);
  if (count > 0) {
    transfer.pages?.moved(file as SourceFile, fileOffset, count);
    transfer.fileTaken(count);
    transfer.bytesSent += count;
    counters[transfer.secured < 0 ? Counter.sendfileBytes : transfer.secured] += count;
  } else if (count === 0) {
    transfer.fail('sendfile', 0);
  } else if (count !== -EAGAIN && count !== -EINTR) {
    transfer.fail('sendfile', -count);
  }
  return count;
}
