import { ECONNRESET, ENOTCONN, EPIPE, EPROTO, ETIMEDOUT } from '../../native/errno.js';
import { MemoryBlock } from '../../native/memory.js';
import { send } from '../../native/socket.js';
import type { Settings } from '../conf/settings.js';
import { rateOf } from '../modules/limit-rate.js';
import type { LogLevel } from '../modules/module.js';
import { type DirectOwner, DirectReader } from '../output/direct.js';
import { PageReader, type PagesOwner } from '../output/pages.js';
import {
  type Output,
  type OutputLimits,
  type Piece,
  Progress,
  queueOverflow,
  type SourceFile,
  Transfer,
} from '../output/transfer.js';
import type { ThreadPool } from '../threads/pool.js';
import type { Connections } from './connections.js';
import type { ServedFile } from './files.js';
import { Pace } from './pace.js';
import type { HttpRequest } from './request.js';
import type { TlsConnection } from './tls-connection.js';

/** Bytes of a large file's shares while others wait for their turn: that is for a few hundredths of a millisecond then. */
const shareBesideOthers = 256 * 1024;

const interim = new MemoryBlock(128);

const noPieces: readonly Piece[] = [];

/** The errors of a client that has gone. */
const gone = [EPIPE, ECONNRESET, ENOTCONN, ETIMEDOUT, EPROTO];

export interface SenderOwner extends PagesOwner {
  log(level: LogLevel, message: string): void;
}

/** How responses leave a connection: which output takes them, and whose threads read what is not in memory. */
export class Sender implements DirectOwner {
  readonly transfer: Transfer;
  private output: Output | null = null;
  /** Whether the response takes more than one share. */
  private isLarge = false;
  /** Null where the response goes out as fast as it can. */
  private pace: Pace | null = null;
  /** For locations with `aio threads`; kept from one to the next. */
  private pages: PageReader | null = null;

  constructor(
    private readonly home: Connections,
    fd: number,
    private readonly secure: TlsConnection | null,
    private readonly owner: SenderOwner,
  ) {
    this.transfer = new Transfer(fd);
  }

  /** A thread reads from the disk: there is nothing to be sent before it returns. */
  get waitsForDisk(): boolean {
    const { pages, direct } = this.transfer;
    return pages?.isBusy || direct?.isBusy || false;
  }

  /** @param interim what goes before the head, '' for nothing */
  begin(request: HttpRequest, interim: string): void {
    const { head, headText, response } = request;
    const { settings, limits } = request.locationRuntime;
    const pieces = head.method === 'HEAD' ? noPieces : (response.body as readonly Piece[]);
    this.transfer.direct = settings.directio === Number.POSITIVE_INFINITY ? null : this.directOf(request, pieces);
    const usesSendfile = settings.sendfile && this.transfer.direct === null;
    this.output = this.secure?.output ?? (usesSendfile ? this.home.sendfileOutput : this.home.bufferedOutput);
    this.isLarge = response.contentLength > limits.share;
    request.headLength = interim.length + headText.length;
    this.transfer.pages = this.pagesOf(settings.aio);
    const rate = rateOf(request);
    this.pace = rate === null ? null : new Pace(rate, request.startedAt);
    this.transfer.begin(interim + headText, pieces, limits);
  }

  /** A few bytes before there is a response. The socket has room for them: nothing was sent since the client has spoken. */
  sendNow(text: string): void {
    interim.bytes.latin1Write(text, 0, text.length);
    const session = this.secure?.session ?? null;
    if (session !== null) session.write(interim.address, text.length);
    else send(this.transfer.fd, interim.address, text.length);
  }

  send(): Progress {
    const output = this.output as Output;
    this.transfer.share = this.share;
    return this.pace === null ? output.send(this.transfer) : this.sendPaced(output, this.pace);
  }

  /** Bytes that may go out now, 0 for all. What does not go out in one share has smaller ones while others wait. */
  private get share(): number {
    const { share } = this.transfer.limits as OutputLimits;
    return this.isLarge && this.home.loop.hasOthers ? Math.min(share, shareBesideOthers) : share;
  }

  /** How long to wait before the response goes on (ms), after `Progress.Early`. */
  get delay(): number {
    return this.pace?.delay ?? 0;
  }

  private sendPaced(output: Output, pace: Pace): Progress {
    const { transfer } = this;
    const { bytesSent } = transfer;
    const allowed = pace.next(bytesSent, this.home.loop.wallClock);
    if (allowed === 0) {
      transfer.keepMemory();
      return Progress.Early;
    }
    transfer.share = transfer.share > 0 ? Math.min(transfer.share, allowed) : allowed;
    const progress = output.send(transfer);
    const isEarly = progress === Progress.Share && pace.hasSent(bytesSent, transfer.bytesSent);
    return isEarly ? Progress.Early : progress;
  }

  /** The response has come to its end, or nobody waits for it any more. */
  end(): void {
    const { transfer } = this;
    const { buffers, direct } = transfer;
    transfer.pages?.cancel();
    transfer.end();
    if (buffers === null) return;
    transfer.buffers = null;
    const { pool } = this.home.bufferedOutput;
    if (direct === null) pool.giveBack(buffers);
    else direct.leave(() => pool.giveBack(buffers));
  }

  onPagesRead(): void {
    this.owner.onPagesRead();
  }

  onRefused({ path }: SourceFile, errno: number): void {
    this.owner.log('alert', `pread64(O_DIRECT) "${path}" failed (${this.home.errorLog.describe(errno)})`);
  }

  /** Who reads the file of a response past the page cache; null where it is too small for that, or the file system does not let it. */
  private directOf({ settings }: HttpRequest, pieces: readonly Piece[]): DirectReader | null {
    const piece = pieces.find(each => 'file' in each);
    if (piece === undefined) return null;
    const file = piece.file as ServedFile;
    if (file.size < settings.directio) return null;
    const fd = file.openDirect();
    if (fd >= 0) {
      const pool = settings.aio === null ? null : this.home.pools.find(settings.aio.pool);
      return new DirectReader(file, fd, settings.directioAlignment, pool, this);
    }
    this.owner.log('alert', `open(O_DIRECT) "${file.path}" failed (${this.home.errorLog.describe(-fd)})`);
    return null;
  }

  /** Who reads in files for a location with this setting of `aio`. */
  private pagesOf(aio: Settings['aio']): PageReader | null {
    if (aio === null) return null;
    const { pages } = this;
    if (pages !== null && pages.pool.name === aio.pool) return pages;
    this.pages = new PageReader(this.home.pools.find(aio.pool), this.owner);
    return this.pages;
  }

  // What the error log has of a failure

  get failureLevel(): LogLevel {
    const { error } = this.transfer;
    if (this.isOverflow) return 'error';
    return error === 0 ? 'alert' : gone.includes(error) ? 'info' : 'crit';
  }

  /** The client has gone, the file does not hold what the head has promised, or no thread is to be had. */
  get failure(): string {
    const { failedCall, error, file, fileOffset, pages } = this.transfer;
    if (this.isOverflow) return overflowOf((pages as PageReader).pool);
    const what =
      error === 0
        ? `${failedCall}() reported that "${file?.path}" was truncated at ${fileOffset}`
        : this.failureOf(failedCall, error);
    return `${what} while sending response to client`;
  }

  private get isOverflow(): boolean {
    return this.transfer.failedCall === queueOverflow;
  }

  /** In OpenSSL's words where it was TLS that failed. */
  failureOf(call: string, error: number): string {
    const errno = this.home.errorLog.describe(error);
    if (error !== EPROTO) return `${call}() failed (${errno})`;
    return `${call === 'recv' ? 'SSL_read' : call}() failed (SSL: ${this.secure?.failure || errno})`;
  }
}

/** nginx's line for a pool that takes no more. */
export function overflowOf({ name, waiting }: ThreadPool): string {
  return `thread pool "${name}" queue overflow: ${waiting} tasks waiting`;
}
