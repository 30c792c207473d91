import { readlinkSync } from 'node:fs';
import { errnoText } from '../../native/errno.js';
import { close, O_RDONLY, openAt } from '../../native/file.js';
import type { EventLoop } from '../event/loop.js';
import { type Algorithm, type ChecksumAnswer, ChecksumMark } from './checksum-job.js';
import { startChecksum } from './checksum-worker.js';
import { TransferError } from './failure.js';
import type { Range } from './ranges.js';

export type { Algorithm } from './checksum-job.js';

export interface ChecksumOptions {
  /** The loop that runs in this process, if one does: Node gets its turns from it. */
  readonly loop?: EventLoop | undefined;
  /** Whose fault it is where the file cannot be read: `store` (the default) of one that is received, `source` of one that is sent. */
  readonly kind?: 'source' | 'store';
}

/**
 * Hashes a file in another thread, which follows the transfer through the page cache: the data path stays as it is. It holds
 * one block in memory, and waits where the file has not come so far yet.
 *
 * The file is opened once more (/proc/self/fd, proc(5)), so a descriptor for writing only or with O_DIRECT will do, and it may be
 * closed meanwhile. What was written with O_DIRECT is read from the disk.
 *
 * It ends with `finish` or `cancel`; until one of them is called it does not keep the process alive.
 */
export class FileChecksum {
  private readonly mark: ChecksumMark;
  private readonly hold: () => void;
  private readonly result: Promise<string>;
  private readonly file: number;
  /** For messages: its name when it was opened. */
  private readonly path: string;

  /**
   * @param range what of the file is hashed; without it all, from its start to the end that `finish` tells
   * @throws TransferError where the file cannot be opened for reading
   */
  constructor(
    fd: number,
    algorithm: Algorithm,
    private readonly range: Range = { start: 0, end: Number.MAX_SAFE_INTEGER },
    private readonly options: ChecksumOptions = {},
  ) {
    this.path = pathOf(fd);
    this.file = openAt(`/proc/self/fd/${fd}`, O_RDONLY);
    if (this.file < 0) throw this.failure(`cannot be opened for its checksum (${errnoText(-this.file)})`);
    this.mark = new ChecksumMark(range.start);
    const job = { fd: this.file, algorithm, start: range.start, memory: this.mark.memory };
    let settle: (answer: ChecksumAnswer | Error) => void = () => {};
    this.result = new Promise<ChecksumAnswer | Error>(resolve => {
      settle = resolve;
    }).then(answer => this.ended(answer));
    // it may fail before somebody waits for it; who waits is told
    this.result.catch(() => {});
    this.hold = startChecksum(job, settle);
    options.loop?.onEvent();
  }

  /** The file's bytes are there up to the offset `to`, from its start (or the range's) on. Cheap: it may be called for each block. */
  advance(to: number): void {
    this.mark.advance(Math.min(to, this.range.end));
  }

  /** Bytes that have been hashed so far. */
  get hashed(): number {
    return this.mark.hashed;
  }

  /**
   * The bytes are there up to the offset `end`, and it ends there.
   * @returns lower-case hex
   * @throws TransferError where the file ends before, or cannot be read, or the checksum was cancelled
   */
  finish(end: number): Promise<string> {
    this.mark.finish(Math.min(end, this.range.end));
    return this.wait(this.result);
  }

  /** Nobody wants it any more. Done when the thread has let go of the file, which takes no longer than a read. */
  cancel(): Promise<void> {
    this.mark.cancel();
    return this.wait(this.result.then(ignore, ignore));
  }

  private wait<T>(promise: Promise<T>): Promise<T> {
    this.hold();
    this.options.loop?.onEvent();
    return promise;
  }

  private ended(answer: ChecksumAnswer | Error): string {
    close(this.file);
    if (answer instanceof Error) {
      throw new TransferError(`the checksum of "${this.path}" broke off: ${answer.message}`, this.kind, {
        cause: answer,
      });
    }
    if ('value' in answer) return answer.value;
    if ('endsAt' in answer) {
      throw this.failure(`ends after ${answer.endsAt} bytes, and there were more: it was cut short meanwhile`);
    }
    if ('errno' in answer) throw this.failure(`cannot be read for its checksum (${errnoText(answer.errno)})`);
    throw this.failure('has no checksum: it was called off');
  }

  private get kind(): 'source' | 'store' {
    return this.options.kind ?? 'store';
  }

  private failure(reason: string): TransferError {
    return new TransferError(`"${this.path}" ${reason}`, this.kind);
  }
}

function pathOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`, 'latin1');
  } catch {
    return `descriptor ${fd}`;
  }
}

function ignore(): void {}

/**
 * The checksum of a part of a file that is there.
 * @returns lower-case hex
 * @throws TransferError
 */
export async function checksumOf(
  fd: number,
  algorithm: Algorithm,
  range: Range,
  options: ChecksumOptions = {},
): Promise<string> {
  return new FileChecksum(fd, algorithm, range, options).finish(range.end);
}
