import { EINTR, EINVAL } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { sendfile } from '../../../native/transfer.js';
import { connectionFailure, isOfConnection, sourceFailure, type TransferError } from '../failure.js';
import type { Blocks } from './blocks.js';
import { directUnit } from './direct.js';
import type { Source } from './path.js';

const noDescriptor = -1;

/** The kernel puts the file's pages on the socket: one sendfile a block (the paper's figure 7). */
export class SendfileSource implements Source {
  readonly name = 'sendfile';
  readonly calls = { sendfile: 0 };

  /** @param direct the same file opened with O_DIRECT, closed with this; or -1 */
  constructor(
    private readonly file: number,
    private readonly path: string,
    private readonly blocks: Blocks,
    private readonly direct = noDescriptor,
  ) {}

  send(socket: number, offset: number, count: number): number {
    const place = this.blocks.place(offset);
    const size = this.blocks.size(place, count);
    if (this.direct === noDescriptor) return this.sendFrom(this.file, socket, place, size);
    // what a full socket did not take can end anywhere: on to the next unit through the page cache
    const within = place % directUnit;
    if (within > 0 || size < directUnit) {
      return this.sendFrom(this.file, socket, place, Math.min(size, directUnit - within));
    }
    return this.sendFrom(this.direct, socket, place, size - (size % directUnit));
  }

  private sendFrom(file: number, socket: number, place: number, size: number): number {
    for (;;) {
      this.calls.sendfile += 1;
      const sent = sendfile(socket, file, place, size);
      if (sent !== -EINTR) return sent;
    }
  }

  failure(errno: number, peer: string): TransferError {
    if (isOfConnection(errno)) return connectionFailure(errno, 'sendfile', peer);
    const withDirect = this.direct === noDescriptor ? '' : ' with O_DIRECT';
    const advice = `: its file system does not take sendfile${withDirect}; use --no-zero-copy`;
    return sourceFailure(errno, 'sendfile', this.path, errno === EINVAL ? advice : '');
  }

  reset(): void {
    // nothing is held
  }

  close(): void {
    if (this.direct !== noDescriptor) close(this.direct);
  }
}
