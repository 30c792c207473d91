import { EACCES, EAGAIN, ELOOP, ENOENT } from '../../native/errno.js';
import { close, FileStatus, O_RDONLY, openAt, openCached } from '../../native/file.js';
import {
  DT_DIR,
  DT_LNK,
  DT_REG,
  DT_UNKNOWN,
  FolderBlock,
  type FolderName,
  O_DIRECTORY,
  statIn,
} from '../../native/folder.js';
import { readFolderInThread } from '../../native/thread-calls.js';
import { type FolderEntry, type FolderFailure, nextTurn, type Turns } from '../modules/module.js';
import type { Job } from '../threads/pool.js';
import { isKnown } from './files.js';
import { PathLookup } from './path-lookup.js';
import type { Wait } from './turns.js';

/** Files that are looked at in one turn: about a tenth of a millisecond. */
const filesPerTurn = 64;
const HIDDEN = '.';

/** Those of the loop; a thread gets one of its own. */
const sharedBlock = new FolderBlock();
const status = new FileStatus();

/** What is asked of a folder. */
export interface FolderQuestion {
  readonly path: string;
  /** Sizes and times are of no interest. */
  readonly kindsOnly: boolean;
  /** What would wait for a disk is done by threads. */
  readonly byThreads: boolean;
  /** Returns false when it has heard enough. */
  take(entry: FolderEntry): boolean;
  /** Is told of a file that is left out because it may not be looked at. */
  leftOut(failure: FolderFailure): void;
}

/** A thread reads on in a folder. */
class FolderRead implements Job {
  length = 0;

  constructor(
    private readonly fd: number,
    private readonly block: FolderBlock,
    private readonly wake: () => void,
  ) {}

  start(done: (result: number) => void): void {
    readFolderInThread(this.fd, this.block.address, this.block.size, done);
  }

  ended(result: number): void {
    this.length = result;
    this.wake();
  }
}

/** Reads a folder in turns. Its descriptor is closed when the work is over, or given up. */
export function* readFolder(question: FolderQuestion): Turns<FolderFailure | null> {
  const fd = yield* open(question);
  if (fd < 0) return { call: 'opendir', path: question.path, errno: fd };
  try {
    return yield* readOpen(fd, question);
  } finally {
    close(fd);
  }
}

function* open({ path, byThreads }: FolderQuestion): Turns<number> {
  if (byThreads && openingWaits(path)) yield lookUp(path);
  return openAt(path, O_RDONLY | O_DIRECTORY);
}

function openingWaits(path: string): boolean {
  const fd = openCached(path, O_RDONLY | O_DIRECTORY);
  if (fd >= 0) close(fd);
  return fd === -EAGAIN;
}

function lookUp(path: string): Wait {
  return wake => new PathLookup(path, wake);
}

function* readOpen(fd: number, question: FolderQuestion): Turns<FolderFailure | null> {
  const block = question.byThreads ? new FolderBlock() : sharedBlock;
  for (;;) {
    const length = question.byThreads ? yield* readByThread(fd, block) : block.read(fd);
    if (length < 0) return { call: 'readdir', path: question.path, errno: length };
    if (length === 0) return null;
    const names = block.names(length).filter(({ name }) => !name.startsWith(HIDDEN));
    const failure = yield* takeNames(fd, names, question);
    if (failure !== 'more') return failure;
  }
}

function* readByThread(fd: number, block: FolderBlock): Turns<number> {
  let job: FolderRead | undefined;
  yield (wake: () => void) => {
    job = new FolderRead(fd, block, wake);
    return job;
  };
  return job?.length ?? 0;
}

/** Hands out the names of a block. @returns a failure, null when enough was heard, or 'more' */
function* takeNames(
  fd: number,
  names: readonly FolderName[],
  question: FolderQuestion,
): Turns<FolderFailure | null | 'more'> {
  for (const [i, name] of names.entries()) {
    if (i % filesPerTurn === 0 && i > 0) yield nextTurn;
    const path = `${question.path}/${name.name}`;
    if (question.byThreads && needsLook(name, question) && !isKnown(path)) yield lookUp(path);
    const entry = look(fd, name, path, question);
    if (entry === null) continue;
    if ('call' in entry) return entry;
    if (!question.take(entry)) return null;
  }
  // the next block is read in a turn of its own
  yield nextTurn;
  return 'more';
}

function needsLook({ type }: FolderName, { kindsOnly }: FolderQuestion): boolean {
  return !kindsOnly || type === DT_UNKNOWN || type === DT_LNK;
}

/** What a name is; null where it is left out. As nginx, a link that leads nowhere is shown as what it is itself. */
function look(
  fd: number,
  { name, type }: FolderName,
  path: string,
  question: FolderQuestion,
): FolderEntry | FolderFailure | null {
  if (!needsLook({ name, type }, question)) {
    return { name, kind: type === DT_REG ? 'file' : type === DT_DIR ? 'folder' : 'other', size: 0, mtime: 0 };
  }
  let returned = statIn(fd, name, true, status);
  if (returned === -EACCES) {
    question.leftOut({ call: 'stat', path, errno: returned });
    return null;
  }
  if (returned < 0 && returned !== -ENOENT && returned !== -ELOOP) return { call: 'stat', path, errno: returned };
  if (returned < 0) returned = statIn(fd, name, false, status);
  if (returned < 0) return { call: 'lstat', path, errno: returned };
  const kind = status.isFile ? 'file' : status.isDirectory ? 'folder' : 'other';
  return { name, kind, size: status.size, mtime: status.mtime };
}
