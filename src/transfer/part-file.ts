import { fstatSync, fsync as fsyncByNode } from 'node:fs';
import { EEXIST, EINTR, EINVAL, EIO, errnoText } from '../../native/errno.js';
import { close, F_DUPFD_CLOEXEC, fcntl, fsync, ftruncate, O_RDONLY, openAt, unlink } from '../../native/file.js';
import type { EventLoop } from '../event/loop.js';
import { exactBytes } from './amounts.js';
import { storeFailure, TransferError } from './failure.js';
import { remove, uninterrupted } from './part/calls.js';
import { giveFinalName } from './part/final-name.js';
import { openLocked } from './part/lock.js';
import { type PartNames, partNames } from './part/names.js';
import { takeRoom } from './part/room.js';
import { type PartState, readState, type SourceIdentity, writeState } from './part/state.js';
import { checkTarget, existsAlready } from './part/target.js';
import { type Range, RangeSet } from './ranges.js';

export type { SourceIdentity } from './part/state.js';

export interface PartOptions {
  /** Go on with what an earlier transfer of the same version has left. */
  readonly resume: boolean;
  /** The final name may be taken, and is then replaced at the end. */
  readonly overwrite: boolean;
  readonly identity: SourceIdentity;
  /** Take the room for the whole file from the disk at once, where its size is known and the file system can; the default. */
  readonly preallocate?: boolean;
}

/** How often the state is saved at most, in ms: this much of a transfer is sent again after a kill. */
const saveInterval = 1000;

/**
 * A file while it arrives: under a temporary name beside the final one, which it is given when it is whole. A second file, the
 * state, says which of its bytes are right, for a transfer that goes on later (--resume).
 *
 * What the state says has been written before: it survives the process, which may be killed at any moment. After a power
 * failure the state may be ahead of the bytes, so who resumes compares checksums of what is there.
 */
export class PartFile {
  /** Which bytes are there; changed by `note` and `forget` only. */
  readonly done: RangeSet;
  /** Why the state could not be saved the last time: an older one is in its place, which holds less. */
  unsaved: string | undefined;
  private isClosed = false;
  private savedAt = performance.now();

  private constructor(
    private readonly names: PartNames,
    /** Open for reading and writing, and locked. */
    readonly fd: number,
    private readonly options: PartOptions,
    earlier: readonly Range[],
    /**
     * Why a transfer that was to go on begins anew, as the end of a sentence; undefined where it goes on, or where there was
     * nothing to go on with.
     */
    readonly restarted: string | undefined,
  ) {
    this.done = new RangeSet(earlier);
  }

  /** The final name, a byte string. */
  get target(): string {
    return this.names.target;
  }

  /** The temporary name. */
  get path(): string {
    return this.names.part;
  }

  /**
   * Opens TARGET's temporary file beside it (".NAME.zc-part"), and locks it. With `resume` and the same version of the source it
   * keeps what is there, else it is emptied.
   * @param target a byte string
   * @throws TransferError (refused): the name is taken, is no file's, or is being received already; (store): anything else, a
   *   full disk among it. Then nothing is left behind but what can be gone on with.
   */
  static open(target: string, options: PartOptions): PartFile {
    const names = partNames(target);
    checkTarget(target, options.overwrite);
    const fd = openLocked(names);
    let part: PartFile | undefined;
    try {
      // of a process that was killed over it
      remove(names.newState);
      const { ranges, restarted } = options.resume ? earlierRanges(names, fd, options.identity) : nothing;
      part = new PartFile(names, fd, options, ranges, restarted);
      if (ranges.length === 0) part.empty();
      const { size } = options.identity;
      if (size !== null && options.preallocate !== false) takeRoom(fd, size, names);
      return part;
    } catch (error) {
      if (part?.done.bytes === 0) part.discard();
      else close(fd);
      throw error;
    }
  }

  /** Bytes `start` to `end` have been written. The state is saved once a second at most, so up to a second of it is lost by a kill. */
  note(start: number, end: number): void {
    this.done.add(start, end);
    if (performance.now() - this.savedAt >= saveInterval) this.save();
  }

  /**
   * Bytes turned out to be wrong. The state that says otherwise is gone when this returns.
   * @throws TransferError (kind store) where it can be neither saved nor removed
   */
  forget(range: Range): void {
    this.done.remove(range.start, range.end);
    this.save();
    if (this.unsaved !== undefined) remove(this.names.state);
  }

  /**
   * Has the bytes written to the disk, on another thread: this takes as long as the disk does, and the loop goes on. `commit` with
   * `fsync` then has little left to wait for; by itself it keeps the loop waiting. The part is not to be closed meanwhile.
   * @param loop that runs in this process, if one does
   * @throws TransferError (kind store)
   */
  sync(loop?: EventLoop): Promise<void> {
    loop?.onEvent();
    return new Promise((resolve, reject) => {
      fsyncByNode(this.fd, error => {
        if (error === null) resolve();
        else reject(storeFailure(-(error.errno ?? -EIO), 'fsync', this.path));
      });
    });
  }

  /**
   * All is there: cuts the file to its size and gives it its final name, in one step. Afterwards it is closed.
   *
   * With `fsync` it is on the disk first, and its name at the end. Without, both stay with the kernel; a name that is on the disk
   * before the bytes would be worse than none.
   * @param size bytes
   * @throws TransferError: refused where the name is taken by now, peer where bytes are missing, else store. The part is then still
   *   open, to be kept or discarded, unless the message says that the file has its name.
   */
  commit(size: number, options: { readonly fsync: boolean }): void {
    const { fd, names } = this;
    const missing = this.done.missing(size).reduce((sum, { start, end }) => sum + end - start, 0);
    if (missing > 0) {
      const reason = `${exactBytes(missing)} of its ${exactBytes(size)} bytes are missing`;
      throw new TransferError(`"${this.target}" is not whole: ${reason}`, 'peer');
    }
    this.must(() => ftruncate(fd, size), 'ftruncate');
    if (options.fsync) this.must(() => fsync(fd), 'fsync');
    this.flushToServer();
    const returned = giveFinalName(names.part, names.target, this.options.overwrite);
    if (returned === -EEXIST) throw existsAlready(this.target);
    if (returned < 0) throw storeFailure(-returned, 'renameat2', this.path);
    this.isClosed = true;
    unlink(names.state);
    close(fd);
    if (options.fsync) syncFolder(names);
  }

  /**
   * Closes it for a later transfer to go on with: what is there, and the state that says so. Where nothing is there, nothing stays.
   * After `commit`, `keep` or `discard` this does nothing.
   */
  keep(): void {
    if (this.done.bytes === 0) {
      this.discard();
      return;
    }
    if (this.isClosed) return;
    // gives back the room that was taken for what has not come
    ftruncate(this.fd, this.done.end);
    this.save();
    this.isClosed = true;
    close(this.fd);
  }

  /** Closes it, and removes all that there is of it. After `commit`, `keep` or `discard` this does nothing. */
  discard(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // the part last: it is what keeps others out
    unlink(this.names.state);
    unlink(this.names.part);
    close(this.fd);
  }

  /** The state goes first: at no moment does it speak of bytes that are not there. */
  private empty(): void {
    remove(this.names.state);
    const { size, blocks } = fstatSync(this.fd);
    // a file that was cut to nothing ext4 writes to the disk when it is closed (ext4(5), auto_da_alloc): a new one is let be
    if (size > 0 || blocks > 0) this.must(() => ftruncate(this.fd, 0), 'ftruncate');
  }

  private save(): void {
    if (this.isClosed) return;
    const state: PartState = { identity: this.options.identity, ranges: this.done.toArray() };
    const returned = writeState(this.names, state);
    this.unsaved = returned < 0 ? `"${this.names.state}" could not be written (${errnoText(-returned)})` : undefined;
    if (returned < 0) unlink(this.names.newState);
    this.savedAt = performance.now();
  }

  /** A server's file system (NFS, FUSE) reports what it could not write when a descriptor is closed (close(2)). */
  private flushToServer(): void {
    const copy = this.must(() => fcntl(this.fd, F_DUPFD_CLOEXEC), 'fcntl');
    // interrupted, it is closed all the same
    const returned = close(copy);
    if (returned < 0 && returned !== -EINTR) throw storeFailure(-returned, 'close', this.path);
  }

  private must(call: () => number, name: string): number {
    const returned = uninterrupted(call);
    if (returned < 0) throw storeFailure(-returned, name, this.path);
    return returned;
  }
}

interface Earlier {
  readonly ranges: readonly Range[];
  readonly restarted: string | undefined;
}

const nothing: Earlier = { ranges: [], restarted: undefined };

/** What an earlier transfer has left that can be gone on with. */
function earlierRanges(names: PartNames, fd: number, identity: SourceIdentity): Earlier {
  const { size } = fstatSync(fd);
  const state = readState(names.state);
  if (size === 0 && (state === undefined || state === null || state.ranges.length === 0)) return nothing;
  const anew = (restarted: string): Earlier => ({ ranges: [], restarted });
  if (state === undefined) return anew('nothing says which bytes of it had arrived');
  if (state === null) return anew('what was to say which bytes of it had arrived cannot be read');
  if (identity.version === '') return anew('its source does not say which version of the file it has');
  if (!isSame(state.identity, identity)) return anew('its source has another version of the file now');
  const { end } = new RangeSet(state.ranges);
  if (end > size || end > (identity.size ?? end)) return anew('less of it is there than had arrived');
  return { ranges: state.ranges, restarted: undefined };
}

/** A size that one of the two does not know says nothing. */
function isSame(one: SourceIdentity, other: SourceIdentity): boolean {
  return one.version === other.version && (one.size ?? other.size) === (other.size ?? one.size);
}

/** @throws TransferError (kind store) */
function syncFolder({ folder, target }: PartNames): void {
  const fd = openAt(folder, O_RDONLY);
  const returned = fd < 0 ? fd : uninterrupted(() => fsync(fd));
  if (fd >= 0) close(fd);
  // some file systems have no such thing as syncing a folder (fsync(2), EINVAL)
  if (returned >= 0 || returned === -EINVAL) return;
  throw new TransferError(
    `"${target}" is whole and has its name, but its folder could not be synced (${errnoText(-returned)})`,
    'store',
  );
}
