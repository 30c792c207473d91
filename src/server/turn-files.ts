import { FileStatus, statPath } from '../../native/file.js';
import type { EventLoop, TurnEnd } from '../event/loop.js';
import type { ServedFile } from './files.js';

/** Files that stay open until the end of a turn, at most. */
const most = 32;

const status = new FileStatus();

/**
 * Files that many want at once. One that a request has opened stays open while the present turn of the loop has more events to tell of: the next
 * request for its path asks the kernel only whether that is still the same file, in the place of opening, asking and closing. Nothing
 * is believed that was true a moment ago.
 */
export class TurnFiles implements TurnEnd {
  private readonly files = new Map<string, ServedFile>();

  constructor(private readonly loop: EventLoop) {}

  /** Keeps a file that was just opened, where others may ask for it before the turn ends. */
  keep(file: ServedFile): void {
    const { files, loop } = this;
    if (!file.isFile || files.size === most || !loop.hasMoreEvents) return;
    if (files.size === 0) loop.atTurnEnd(this);
    file.hold();
    files.set(file.path, file);
  }

  /** The file of this path if it is open and is what the path names now, with one more user. */
  find(path: string): ServedFile | null {
    if (this.files.size === 0) return null;
    const file = this.files.get(path);
    if (file === undefined) return null;
    if (statPath(path, status) >= 0 && file.isStill(status)) {
      file.hold();
      return file;
    }
    this.files.delete(path);
    file.release();
    return null;
  }

  onTurnEnd(): void {
    for (const file of this.files.values()) file.release();
    this.files.clear();
  }
}
