import { EINTR, EIO } from '../../../native/errno.js';
import { pwritev } from '../../../native/file.js';
import { IoVec, maxEntries } from '../../../native/iovec.js';
import type { IncomingFile } from '../data-plane.js';
import { storeFailure } from '../failure.js';
import type { CallCounts } from '../paths/path.js';
import { counted } from './datagram-source.js';

/**
 * Gathers payloads that stand next to each other in the file, wherever they lie in memory, and writes them with one call. They
 * must stay where they are until `flush`.
 */
export class DatagramStore {
  private readonly list = new IoVec(maxEntries);
  /** What is held: where it begins in the file, and where each piece lies. */
  private start = 0;
  private end = 0;
  private readonly addresses = new Float64Array(maxEntries);
  private readonly lengths = new Uint32Array(maxEntries);
  private count = 0;

  /** @param calls counted up */
  constructor(
    private readonly file: IncomingFile,
    private readonly calls: CallCounts,
  ) {}

  /** @throws TransferError (kind store), as `flush` does */
  take(address: number, length: number, offset: number): void {
    if (offset !== this.end || this.count === maxEntries) this.flush();
    if (this.end === this.start) {
      this.start = offset;
      this.end = offset;
    }
    this.end += length;
    this.addresses[this.count] = address;
    this.lengths[this.count] = length;
    this.count += 1;
  }

  /** Writes what is held. */
  flush(): void {
    const { start, end } = this;
    if (start === end) return;
    this.write();
    this.count = 0;
    this.start = end;
    this.file.stored(start, end);
  }

  private write(): void {
    const { list, addresses, lengths, count } = this;
    for (let place = this.start; place < this.end; ) {
      list.clear();
      // what a call did not take is gathered anew
      for (let at = 0, skip = place - this.start; at < count; at++) {
        if (skip < lengths[at]) list.push(addresses[at] + skip, lengths[at] - skip);
        skip = Math.max(0, skip - lengths[at]);
      }
      counted(this.calls, 'pwritev');
      const written = pwritev(this.file.fd, list, place);
      if (written > 0) place += written;
      else if (written !== -EINTR) throw storeFailure(written === 0 ? EIO : -written, 'pwritev', this.file.path);
    }
  }
}
