import type { EventLoop } from '../../event/loop.js';
import { type Algorithm, FileChecksum } from '../checksum.js';
import type { IncomingFile } from '../data-plane.js';
import { TransferError } from '../failure.js';
import type { PartFile } from '../part-file.js';
import type { Offer } from '../protocol.js';
import { type Range, RangeSet } from '../ranges.js';
import type { FileReport } from '../report.js';

/** A file while it arrives, with the thread that computes its checksum; or the bytes of one that is not stored. */
export class Arrival implements IncomingFile {
  readonly index: number;
  readonly name: string;
  readonly size: number;
  readonly done: RangeSet;
  /** Bytes that were there from an earlier try. */
  resumedFrom = 0;
  private checksum: FileChecksum | null = null;

  /** @param part null where nothing is stored */
  constructor(
    private readonly loop: EventLoop,
    offer: Offer,
    private readonly part: PartFile | null,
    private readonly algorithm: Algorithm | 'none',
  ) {
    this.index = offer.file;
    this.name = offer.name;
    this.size = offer.size;
    this.done = part?.done ?? new RangeSet();
  }

  get fd(): number {
    return this.part?.fd ?? -1;
  }

  get path(): string {
    return this.part?.path ?? this.name;
  }

  get missing(): Range[] {
    return this.done.missing(this.size);
  }

  /** What is there by now is right: the rest is about to come. */
  begin(): void {
    this.resumedFrom = this.done.bytes;
    if (this.part === null || this.algorithm === 'none') return;
    this.checksum = new FileChecksum(this.part.fd, this.algorithm, undefined, { loop: this.loop });
    this.checksum.advance(this.done.prefix);
  }

  stored(start: number, end: number): void {
    if (this.part === null) this.done.add(start, end);
    else this.part.note(start, end);
    this.checksum?.advance(this.done.prefix);
  }

  /** Has it written to the disk, if it is on one. */
  async sync(): Promise<void> {
    await this.part?.sync(this.loop);
  }

  /**
   * Compares the checksum of what is there with the sender's.
   * @returns for the report
   * @throws TransferError (kind store) where they differ
   */
  async compare(expected: string): Promise<FileReport['checksum']> {
    const { checksum, algorithm, name, size } = this;
    if (checksum === null || algorithm === 'none') return undefined;
    const value = await checksum.finish(size);
    this.checksum = null;
    if (value === expected) return { algorithm, value };
    const sums = `its ${algorithm} is ${value} here, and ${expected} at the sender`;
    const advice =
      'some of its bytes were changed on the way or in the store; with --resume these are found and sent again';
    throw new TransferError(`"${name}" has not arrived as it was sent: ${sums}; ${advice}`, 'store');
  }

  /** Gives it its name. @throws TransferError */
  commit(fsync: boolean): void {
    this.part?.commit(this.size, { fsync });
  }

  /**
   * Lets go of it before it is whole; what there is of it is kept for another try.
   * @returns how many bytes that are
   */
  async abandon(): Promise<number> {
    await this.checksum?.cancel();
    const { part } = this;
    if (part === null) return 0;
    const kept = this.done.bytes;
    part.keep();
    return kept;
  }
}
