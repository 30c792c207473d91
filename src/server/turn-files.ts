import { FileStatus, statPath } from '../../native/file.js';
import type { EventLoop, TurnEnd } from '../event/loop.js';
import { lastArrival } from './arrivals.js';
import type { ServedFile } from './files.js';

/** Files that stay open until the end of a turn, at most. */
const most = 32;

const status = new FileStatus();

/** A file that is open, and the last request that had come when its path was looked at. */
interface Kept {
  readonly file: ServedFile;
  seenAfter: number;
}

/**
 * Files that many want at once. One that a request has opened stays open while the present turn of the loop has more to do: the next
 * request for its path has the same, if it had come before the path was looked at; else it asks the kernel only whether that is still
 * the same file, in the place of opening, asking and closing. Nothing is believed that was true before a request came.
 */
export class TurnFiles implements TurnEnd {
  private readonly files = new Map<string, Kept>();

  constructor(private readonly loop: EventLoop) {}

  /** Keeps a file that was just opened, where others may ask for it before the turn ends. */
  keep(file: ServedFile): void {
    const { files, loop } = this;
    if (!file.isFile || files.size === most || !loop.hasMoreEvents) return;
    if (files.size === 0) loop.atTurnEnd(this);
    file.hold();
    files.set(file.path, { file, seenAfter: lastArrival() });
  }

  /**
   * The file of this path if it is open and is what the path names now, with one more user.
   * @param arrival of the request that it is for (arrivals.ts)
   */
  find(path: string, arrival: number): ServedFile | null {
    if (this.files.size === 0) return null;
    const kept = this.files.get(path);
    if (kept === undefined) return null;
    const { file } = kept;
    if (arrival <= kept.seenAfter || this.isStill(kept)) {
      file.hold();
      return file;
    }
    this.files.delete(path);
    file.release();
    return null;
  }

  private isStill(kept: Kept): boolean {
    if (statPath(kept.file.path, status) < 0 || !kept.file.isStill(status)) return false;
    kept.seenAfter = lastArrival();
    return true;
  }

  onTurnEnd(): void {
    for (const { file } of this.files.values()) file.release();
    this.files.clear();
  }
}
