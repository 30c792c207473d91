import { ECONNRESET, ENOTCONN, EPIPE, EPROTO, ETIMEDOUT } from '../../native/errno.js';
import type { Settings } from '../conf/settings.js';
import type { LogLevel } from '../modules/module.js';
import { PageReader, type PagesOwner } from '../output/pages.js';
import { type Output, type Piece, type Progress, queueOverflow, Transfer } from '../output/transfer.js';
import type { ThreadPool } from '../threads/pool.js';
import type { Connections } from './connections.js';
import type { HttpRequest } from './request.js';
import type { TlsConnection } from './tls-connection.js';

const noPieces: readonly Piece[] = [];

/** The errors of a client that has gone. */
const gone = [EPIPE, ECONNRESET, ENOTCONN, ETIMEDOUT, EPROTO];

/** How responses leave a connection: which output takes them, and whose threads read what is not in memory. */
export class Sender {
  readonly transfer: Transfer;
  private output: Output | null = null;
  /** For locations with `aio threads`; kept from one to the next. */
  private pages: PageReader | null = null;

  constructor(
    private readonly home: Connections,
    fd: number,
    private readonly secure: TlsConnection | null,
    private readonly owner: PagesOwner,
  ) {
    this.transfer = new Transfer(fd);
  }

  /** A thread reads from the disk: there is nothing to be sent before it returns. */
  get waitsForDisk(): boolean {
    return this.transfer.pages?.isBusy ?? false;
  }

  /** @param interim what goes before the head, '' for nothing */
  begin(request: HttpRequest, interim: string): void {
    const { head, headText, response } = request;
    const { settings, limits } = request.locationRuntime;
    this.output = this.secure?.output ?? (settings.sendfile ? this.home.sendfileOutput : this.home.bufferedOutput);
    request.headLength = interim.length + headText.length;
    this.transfer.pages = this.pagesOf(settings.aio);
    const pieces = head.method === 'HEAD' ? noPieces : (response.body as readonly Piece[]);
    this.transfer.begin(interim + headText, pieces, limits);
  }

  send(): Progress {
    return (this.output as Output).send(this.transfer);
  }

  /** The response has come to its end, or nobody waits for it any more. */
  end(): void {
    const { transfer } = this;
    transfer.pages?.cancel();
    transfer.end();
    if (transfer.buffers !== null) this.home.bufferedOutput.pool.giveBack(transfer.buffers);
    transfer.buffers = null;
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
