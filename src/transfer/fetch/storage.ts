import { utimesSync } from 'node:fs';
import type { EventLoop } from '../../event/loop.js';
import { exactBytes } from '../amounts.js';
import type { FileChecksum } from '../checksum.js';
import { TransferError } from '../failure.js';
import { nodePath } from '../part/names.js';
import { PartFile } from '../part-file.js';
import { makeSink } from '../paths/make.js';
import type { Sink } from '../paths/path.js';
import { type Range, RangeSet } from '../ranges.js';
import type { FileReport } from '../report.js';
import type { FetchSettings } from './settings.js';
import { modifiedAt, type Version } from './version.js';

/** Where the bytes of one file go. */
export interface Storage {
  /** What the file is called: a byte string. */
  readonly name: string;
  /** Bytes that are there. */
  readonly there: number;
  /** Bytes that were there at the start. */
  readonly resumedFrom: number;
  /** Why nothing of an earlier part could be used, as the end of a sentence. */
  readonly restarted: string | undefined;
  /** What is not there, in order; of a file of which nobody knows the size, all up to infinity. */
  missing(size: number | null): Range[];
  makeSink(): Sink;
  /** What is there does not count. @throws TransferError where it cannot be taken back */
  forget(): void;
  /** To be called now and then, while bytes come. */
  follow(): void;
  /** All is there. @throws TransferError where the checksum is wrong, or (kind store) */
  finish(size: number, version: Version): Promise<FileReport['checksum']>;
  /** Nobody waits for the end of it any more: `finish` fails if it is under way. */
  stop(): void;
  /**
   * The transfer has failed.
   * @param isOfUse whether another one can go on with what is there
   * @returns what becomes of it, as a sentence after "; ", or ''
   */
  abandon(isOfUse: boolean): string;
}

/** A part file beside its final name, and what its checksum is computed by. */
export class FileStorage implements Storage {
  readonly resumedFrom: number;
  private readonly part: PartFile;
  private checksum: FileChecksum | null;
  private hasWrongSum = false;

  private constructor(
    private readonly loop: EventLoop,
    readonly name: string,
    private readonly settings: FetchSettings,
    private readonly version: Version,
    private readonly newChecksum: (fd: number) => FileChecksum | null,
  ) {
    const { resume, overwrite } = settings;
    const identity = { size: version.size, version: version.validator };
    this.part = PartFile.open(name, { resume, overwrite, identity });
    this.resumedFrom = this.part.done.bytes;
    try {
      this.checksum = newChecksum(this.part.fd);
    } catch (error) {
      this.part.keep();
      throw error;
    }
  }

  /** @throws TransferError as PartFile.open does */
  static async open(loop: EventLoop, name: string, settings: FetchSettings, version: Version): Promise<FileStorage> {
    const { checksum } = settings;
    if (checksum === null) return new FileStorage(loop, name, settings, version, () => null);
    const { FileChecksum } = await import('../checksum.js');
    const { algorithm } = checksum;
    return new FileStorage(loop, name, settings, version, fd => new FileChecksum(fd, algorithm, undefined, { loop }));
  }

  get there(): number {
    return this.part.done.bytes;
  }

  get restarted(): string | undefined {
    return this.part.restarted;
  }

  missing(size: number | null): Range[] {
    if (size !== null) return this.part.done.missing(size);
    return [{ start: this.part.done.prefix, end: Number.POSITIVE_INFINITY }];
  }

  makeSink(): Sink {
    const { zeroCopy, blockSize } = this.settings;
    const { part } = this;
    return makeSink(
      zeroCopy ? 'splice' : 'read+write',
      part.fd,
      part.path,
      { blockSize, fixedOffset: false, direct: false },
      (start, end) => part.note(start, end),
    );
  }

  forget(): void {
    const { done } = this.part;
    this.part.forget({ start: 0, end: done.end });
    if (this.checksum === null) return;
    void this.checksum.cancel();
    this.checksum = this.newChecksum(this.part.fd);
  }

  follow(): void {
    this.checksum?.advance(this.part.done.prefix);
  }

  async finish(size: number, version: Version): Promise<FileReport['checksum']> {
    const { part, settings, loop } = this;
    const value = await this.checksum?.finish(size);
    const wanted = settings.checksum?.expected ?? '';
    this.hasWrongSum = value !== undefined && wanted !== '' && value !== wanted;
    if (this.hasWrongSum) throw wrongChecksum(this.name, `${value}`, wanted);
    if (settings.fsync) await part.sync(loop);
    part.commit(size, { fsync: settings.fsync });
    this.setDate(version);
    return value === undefined || settings.checksum === null
      ? undefined
      : { algorithm: settings.checksum.algorithm, value };
  }

  /** As wget does; where it cannot be done, the file is right all the same. */
  private setDate(version: Version): void {
    const modified = modifiedAt(version);
    if (modified < 0) return;
    try {
      utimesSync(nodePath(this.name), modified, modified);
    } catch {
      // another owner's, or gone by now
    }
  }

  stop(): void {
    void this.checksum?.cancel();
  }

  abandon(isOfUse: boolean): string {
    this.stop();
    const { bytes } = this.part.done;
    if (isOfUse) this.part.keep();
    else this.part.discard();
    if (bytes === 0 || !isOfUse) return '';
    const kept = `${exactBytes(bytes)} are kept in "${this.part.path}"`;
    if (this.version.validator === '') return kept;
    if (!this.hasWrongSum) return `${kept}: --resume goes on with them`;
    return `${kept}: with another checksum --resume takes them, without --resume all is fetched again`;
  }
}

/** @param name of the file that has it */
export function wrongChecksum(name: string, value: string, wanted: string): TransferError {
  return new TransferError(`the checksum of "${name}" is ${value}, and not ${wanted}`, 'peer');
}

/** What has been written to a pipe or a terminal: nothing of it can be taken back. */
export class OutputStorage implements Storage {
  readonly name = 'standard output';
  readonly resumedFrom = 0;
  readonly restarted = undefined;
  private readonly done = new RangeSet();

  constructor(private readonly makeOutput: (onStored: (start: number, end: number) => void) => Sink) {}

  get there(): number {
    return this.done.bytes;
  }

  missing(size: number | null): Range[] {
    return size === null ? [{ start: this.there, end: Number.POSITIVE_INFINITY }] : this.done.missing(size);
  }

  makeSink(): Sink {
    return this.makeOutput((start, end) => this.done.add(start, end));
  }

  forget(): void {
    if (this.there === 0) return;
    throw new TransferError(`${exactBytes(this.there)} are on standard output, and cannot be taken back`, 'peer');
  }

  follow(): void {}

  async finish(): Promise<undefined> {}

  stop(): void {}

  abandon(): string {
    return '';
  }
}
