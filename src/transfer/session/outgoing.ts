import { fstatSync } from 'node:fs';
import type { EventLoop } from '../../event/loop.js';
import { type Algorithm, FileChecksum } from '../checksum.js';
import type { OutgoingFile } from '../data-plane.js';
import { TransferError } from '../failure.js';
import { SourceFile } from '../source-file.js';
import type { SendSettings } from './settings.js';

/** A file while it is sent, with the thread that computes its checksum. */
export class Outgoing implements OutgoingFile {
  /** Bytes that are sent of it. */
  readonly size: number;
  /** What is sent is the whole file, and nothing made up of it. */
  readonly isCopy: boolean;
  /** Bytes that the receiver had from an earlier try. */
  resumedFrom = 0;
  private checksum: FileChecksum | null = null;

  private constructor(
    private readonly loop: EventLoop,
    readonly index: number,
    private readonly source: SourceFile,
    settings: SendSettings,
  ) {
    this.size = settings.size ?? source.size;
    this.isCopy = this.size === source.size && !settings.fixedOffset;
  }

  /** @throws TransferError (kind source) */
  static open(loop: EventLoop, index: number, path: string, settings: SendSettings): Outgoing {
    const source = SourceFile.open(path);
    try {
      checkSize(source, settings);
      if (settings.cold) source.dropFromCache();
      return new Outgoing(loop, index, source, settings);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  get fd(): number {
    return this.source.fd;
  }

  get path(): string {
    return this.source.path;
  }

  get name(): string {
    return this.source.name;
  }

  get version(): string {
    return this.source.identity.version;
  }

  /** Begins to compute the checksum; it follows what is sent. */
  begin(algorithm: Algorithm | 'none'): void {
    if (algorithm === 'none') return;
    this.checksum = new FileChecksum(this.fd, algorithm, undefined, { loop: this.loop, kind: 'source' });
  }

  sentUpTo(offset: number): void {
    this.checksum?.advance(offset);
  }

  /** @returns of all that was offered, in hexadecimal */
  async sum(): Promise<string> {
    const value = await this.checksum?.finish(this.size);
    this.checksum = null;
    return value ?? '';
  }

  /**
   * Looks whether what was sent is one state of the file. What was appended meanwhile is no matter: it is not sent.
   * @throws TransferError (kind source)
   */
  checkUnchanged(): void {
    const { source } = this;
    const change = source.changed();
    if (change === undefined || fstatSync(source.fd).size > source.size) return;
    throw new TransferError(
      `"${source.path}" ${change} while it was sent: send it again when nobody writes to it`,
      'source',
    );
  }

  async close(): Promise<void> {
    await this.checksum?.cancel();
    this.source.close();
  }
}

/** @throws TransferError (kind source) where the file has less than is to be sent of it */
function checkSize({ path, size }: SourceFile, settings: SendSettings): void {
  const { fixedOffset, blockSize } = settings;
  if (fixedOffset && size === 0)
    throw new TransferError(`"${path}" is empty: --fixed-offset has no block to send`, 'source');
  if (settings.size === null || settings.size <= size) return;
  if (fixedOffset) return;
  const advice = `--size ${settings.size} is more; with --fixed-offset its first block (${blockSize} bytes) is sent again and again`;
  throw new TransferError(`"${path}" has ${size} bytes, and ${advice}`, 'source');
}
