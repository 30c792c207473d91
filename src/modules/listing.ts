/** What is in a folder, in the order of listings, read and sorted in turns of the loop. */
import { EACCES, ENAMETOOLONG, ENOENT, ENOTDIR } from './errno.js';
import { type FolderEntry, type FolderFailure, nextTurn, type Outcome, type Request, type Turns } from './module.js';

/** Of folders that cannot be opened, by the errno; of all others it is 500. */
const STATUSES: ReadonlyMap<number, Outcome> = new Map([
  [ENOENT, 404],
  [ENOTDIR, 404],
  [ENAMETOOLONG, 404],
  [EACCES, 403],
]);

/** Entries that are sorted at once: a small part of a millisecond. */
const RUN = 512;
/** About what an entry takes, without its name. */
const ENTRY_BYTES = 100;

/** What an entry takes of the memory for large answers. */
function sizeOf({ name }: FolderEntry): number {
  return ENTRY_BYTES + name.length;
}

/** Folders first, then by the bytes of the names. */
function compare(a: FolderEntry, b: FolderEntry): number {
  if (a.kind !== b.kind && (a.kind === 'folder' || b.kind === 'folder')) return a.kind === 'folder' ? -1 : 1;
  return a.name < b.name ? -1 : a.name === b.name ? 0 : 1;
}

function* merge(a: readonly FolderEntry[], b: readonly FolderEntry[]): Turns<FolderEntry[]> {
  const merged: FolderEntry[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    merged.push(compare(a[i]!, b[j]!) <= 0 ? a[i++]! : b[j++]!);
    if (merged.length % RUN === 0) yield nextTurn;
  }
  for (; i < a.length; i++) merged.push(a[i]!);
  for (; j < b.length; j++) merged.push(b[j]!);
  return merged;
}

/** Sorts in runs, and then merges them two by two. */
class Sorter {
  private run: FolderEntry[] = [];
  private readonly runs: FolderEntry[][] = [];

  add(entry: FolderEntry): void {
    this.run.push(entry);
    if (this.run.length === RUN) this.endRun();
  }

  *finish(): Turns<FolderEntry[]> {
    this.endRun();
    let { runs } = this;
    while (runs.length > 1) {
      const next: FolderEntry[][] = [];
      for (let i = 0; i < runs.length; i += 2) {
        const other = runs[i + 1];
        next.push(other === undefined ? runs[i]! : yield* merge(runs[i]!, other));
      }
      runs = next;
    }
    return runs[0] ?? [];
  }

  private endRun(): void {
    this.runs.push(this.run.sort(compare));
    this.run = [];
  }
}

/** The path in the file system of the folder that a request asks for, without its last slash. */
export function folderPath(request: Request): string {
  const path = request.mapPath();
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Notes in the error log why a folder could not be read, and says the status for it. */
export function folderFailed(request: Request, { call, path, errno }: FolderFailure): Outcome {
  const what = `${call}() "${path}" failed`;
  if (call === 'opendir') {
    const status = STATUSES.get(errno);
    request.logErrno(status === undefined ? 'crit' : 'error', what, errno);
    return status ?? 500;
  }
  request.logErrno('crit', what, errno);
  return 500;
}

/** All that is in a folder, sorted; or a status, where it cannot be had. */
export function* listFolder(request: Request, path: string): Turns<readonly FolderEntry[] | Outcome> {
  const sorter = new Sorter();
  let fits = true;
  const failure = yield* request.readFolder(path, false, entry => {
    fits = request.claim(sizeOf(entry));
    if (fits) sorter.add(entry);
    return fits;
  });
  if (failure !== null) return folderFailed(request, failure);
  return fits ? yield* sorter.finish() : tooLarge(request, path);
}

/** The memory for large answers is used up, by this one or by others that are sent just now. */
export function tooLarge(request: Request, path: string): Outcome {
  request.log('error', `no memory is left for a listing of "${path}"`);
  return 503;
}
