/** Whole folders, as `dav` removes and copies them: in turns of the loop, and as far as it gets where something fails. */
import { davError } from './dav-answer.js';
import { ENOENT } from './errno.js';
import { nextTurn, type Request, type Turns } from './module.js';

/** Changes that are made in one turn. */
const changesPerTurn = 32;

/** Removes what is in a folder. What cannot be removed stays, and the error log says so. @returns whether the folder could be read */
function* empty(request: Request, path: string): Turns<boolean> {
  const { changes } = request;
  const entries = yield* changes.names(path);
  if (typeof entries === 'number') {
    request.logErrno('crit', `opendir() "${path}" failed`, entries);
    return false;
  }
  for (const [i, { name, kind }] of entries.entries()) {
    const inner = `${path}/${name}`;
    if (kind === 'folder' && !(yield* empty(request, inner))) return false;
    const result = kind === 'folder' ? changes.removeFolder(inner) : changes.remove(inner);
    if (result < 0) davError(request, kind === 'folder' ? 'rmdir' : 'unlink', inner, result, 0);
    if (i % changesPerTurn === 0) yield nextTurn;
  }
  return true;
}

/** Removes a file, or a folder with all that is in it. @returns 0, or a status */
export function* removeAll(request: Request, path: string, isFolder: boolean): Turns<number> {
  if (isFolder && !(yield* empty(request, path))) return 500;
  const result = isFolder ? request.changes.removeFolder(path) : request.changes.remove(path);
  return result < 0 ? davError(request, isFolder ? 'rmdir' : 'unlink', path, result, 404) : 0;
}

/** Copies what is in a folder to another one, which is there. Links are left out. @returns 0, or a status */
export function* copyInto(request: Request, from: string, to: string, access: number): Turns<number> {
  const { changes } = request;
  const entries = yield* changes.names(from);
  if (typeof entries === 'number') {
    request.logErrno('crit', `opendir() "${from}" failed`, entries);
    return 500;
  }
  for (const [i, { name, kind }] of entries.entries()) {
    if (kind !== 'other') yield* copyEntry(request, `${from}/${name}`, `${to}/${name}`, access);
    if (i % changesPerTurn === 0) yield nextTurn;
  }
  return 0;
}

function* copyEntry(request: Request, from: string, to: string, access: number): Turns<void> {
  const { changes } = request;
  const facts = changes.facts(from);
  if (typeof facts === 'number') {
    davError(request, 'lstat', from, facts, 0);
    return;
  }
  if (facts.kind === 'file') {
    const copied = yield* changes.copy(from, to, access, facts.mtime);
    if (copied < 0) davError(request, 'copy', to, copied, 0);
    return;
  }
  const made = changes.makeFolder(to, facts.mode);
  if (made < 0) {
    davError(request, 'mkdir', to, made, 0);
    return;
  }
  yield* copyInto(request, from, to, access);
  changes.setModified(to, facts.mtime);
}

/** Permissions of folders: who may read a file may search them. */
export function folderAccess(access: number): number {
  return access | ((access & 0o444) >> 2);
}

/** Makes the folders of a path that are missing. @returns 0, or the negative errno */
function makeFolders(request: Request, path: string, access: number): number {
  const made = request.changes.makeFolder(path, access);
  if (made !== ENOENT) return made;
  const parent = makeFolders(request, path.slice(0, path.lastIndexOf('/')), access);
  return parent < 0 ? parent : request.changes.makeFolder(path, access);
}

/** Moves a file, and makes the folders that are missing on its way. @returns 0 or more, or the negative errno */
export function* moveMakingFolders(request: Request, from: string, to: string, mtime?: number): Turns<number> {
  const { changes, settings } = request;
  const moved = yield* changes.move(from, to, mtime);
  if (moved !== ENOENT) return moved;
  const made = makeFolders(request, to.slice(0, to.lastIndexOf('/')), folderAccess(settings.davAccess));
  return made < 0 ? made : yield* changes.move(from, to, mtime);
}
