import { EINTR, EIO } from '../../../native/errno.js';
import { close, pwrite } from '../../../native/file.js';
import { isSoft, storeFailure } from '../failure.js';
import { directUnit } from './direct.js';
import type { OnStored } from './path.js';

const noDescriptor = -1;

/** The file that a sink writes memory to. */
export class StoredFile {
  /** @param direct the same file opened with O_DIRECT, closed with this; or -1 */
  constructor(
    private readonly file: number,
    private readonly path: string,
    private readonly direct: number,
    private readonly calls: { pwrite64: number },
    private readonly onStored: OnStored,
  ) {}

  /**
   * Writes as much as one call takes.
   * @returns bytes written, or the negative errno of a soft error
   * @throws TransferError (kind store)
   */
  write(address: number, size: number, offset: number): number {
    if (this.direct === noDescriptor) return this.writeTo(this.file, address, size, offset);
    // O_DIRECT takes whole units only: what is before the first and behind the last goes through the page cache
    const within = offset % directUnit;
    if (within > 0) return this.writeTo(this.file, address, Math.min(size, directUnit - within), offset);
    if (size < directUnit || address % directUnit > 0) return this.writeTo(this.file, address, size, offset);
    return this.writeTo(this.direct, address, size - (size % directUnit), offset);
  }

  private writeTo(file: number, address: number, size: number, offset: number): number {
    for (;;) {
      this.calls.pwrite64 += 1;
      const written = pwrite(file, address, size, offset);
      if (written > 0) {
        this.onStored(offset, offset + written);
        return written;
      }
      if (written === -EINTR) continue;
      if (isSoft(-written)) return written;
      throw storeFailure(written === 0 ? EIO : -written, 'pwrite64', this.path);
    }
  }

  /** @throws TransferError (kind store), for soft errors too: here nobody can wait */
  writeAll(address: number, size: number, offset: number): void {
    for (let done = 0; done < size; ) {
      const written = this.write(address + done, size - done, offset + done);
      if (written < 0) throw storeFailure(-written, 'pwrite64', this.path);
      done += written;
    }
  }

  close(): void {
    if (this.direct !== noDescriptor) close(this.direct);
  }
}
