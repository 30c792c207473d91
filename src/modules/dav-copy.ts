/** COPY and MOVE of `dav`. */
import { concluded, davError, isForbiddenLink, leadsThroughLink } from './dav-answer.js';
import { depthOf, destinationOf, INFINITE, mayOverwrite } from './dav-headers.js';
import { copyInto, moveMakingFolders, removeAll } from './dav-tree.js';
import { ENOENT } from './errno.js';
import type { FileFacts, Outcome, Request, Turns } from './module.js';

/** What is to be copied where. Paths are without a slash at the end. */
interface Copy {
  readonly from: string;
  readonly to: string;
  readonly source: FileFacts;
  /** What stands at the destination and is to go before; null where nothing does. */
  readonly replaced: FileFacts | null;
}

function trimmed(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Whether the headers that say how are in order: 0, or a status. */
function checkDepth(request: Request): number {
  const depth = depthOf(request, INFINITE);
  if (depth === INFINITE || (request.head.method === 'COPY' && depth === 0)) return 0;
  const allowed = request.head.method === 'COPY' ? '0 or infinity' : 'infinity';
  request.log('error', `"Depth" header must be ${allowed}`);
  return 400;
}

/** The path of the destination; null where an alias does not say where that would be. */
function destinationPath(request: Request, uri: string): string | null {
  const { alias, length } = request.settings.root;
  // the path would be cut out of the middle of the destination
  if (alias && (length < 0 || !uri.startsWith(request.uri.slice(0, length)))) return null;
  return request.mapPath(uri);
}

/** Whether one path is the other, or in it. */
function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}

/** What stands at the destination: null for nothing, or the status that ends the request. */
function lookAtDestination(request: Request, path: string, uri: string, overwrite: boolean): FileFacts | null | number {
  const facts = request.changes.facts(path);
  if (facts === ENOENT) return null;
  if (typeof facts === 'number') return davError(request, 'lstat', path, facts, 404);
  if (facts.kind === 'folder' && !uri.endsWith('/')) {
    const { head } = request;
    request.log('error', `"${request.uri}" could not be ${head.method}ed to collection "${head.first('destination')}"`);
    return 409;
  }
  if (overwrite) return facts;
  request.log('error', `"${path}" could not be created (17: File exists)`);
  return 412;
}

/** Reads what the request wants, and looks at both ends. A number is the status that ends the request. */
function prepare(request: Request): Copy | number {
  const uri = destinationOf(request);
  if (uri === null) return 400;
  if (request.uri.endsWith('/') !== uri.endsWith('/')) {
    request.log(
      'error',
      `both URI "${request.uri}" and "Destination" URI "${request.head.first('destination')}" should be either collections or non-collections`,
    );
    return 409;
  }
  const wrong = checkDepth(request);
  if (wrong !== 0) return wrong;
  const overwrite = mayOverwrite(request);
  if (overwrite === undefined) return 400;
  const [from, to] = [request.mapPath(), destinationPath(request, uri)];
  if (to === null) {
    request.log('error', `client sent invalid "Destination" header: "${request.head.first('destination')}"`);
    return 400;
  }
  if (isForbiddenLink(request, trimmed(from)) || leadsThroughLink(request, to)) return 403;
  return lookAtBoth(request, from, to, uri, overwrite);
}

function lookAtBoth(request: Request, from: string, to: string, uri: string, overwrite: boolean): Copy | number {
  const replaced = lookAtDestination(request, trimmed(to), uri, overwrite);
  if (typeof replaced === 'number') return replaced;
  const source = request.changes.facts(from);
  if (typeof source === 'number') return davError(request, 'lstat', from, source, 404);
  if (source.kind === 'folder' && !request.uri.endsWith('/')) {
    request.log('error', `"${request.uri}" is collection`);
    return 400;
  }
  const copy = { from: trimmed(from), to: trimmed(to), source, replaced };
  // the one would be removed to make room for the other, or would never come to its end
  if (!isWithin(copy.from, copy.to) && !isWithin(copy.to, copy.from)) return copy;
  request.log('error', `"${copy.from}" cannot be copied or moved to "${copy.to}": one is in the other`);
  return 403;
}

function* copyFolder(request: Request, { from, to, source, replaced }: Copy): Turns<number> {
  const { changes, head, settings } = request;
  if (replaced !== null) {
    const removed = yield* removeAll(request, to, replaced.kind === 'folder');
    if (removed !== 0) return removed;
  }
  if (head.method === 'MOVE' && changes.rename(from, to) >= 0) return 201;
  const made = changes.makeFolder(to, source.mode);
  if (made < 0) return davError(request, 'mkdir', to, made, 404);
  if (depthOf(request, INFINITE) !== 0) {
    const copied = yield* copyInto(request, from, to, settings.davAccess);
    if (copied !== 0) return copied;
  }
  changes.setModified(to, source.mtime);
  if (head.method === 'COPY') return 201;
  const removed = yield* removeAll(request, from, true);
  return removed === 0 ? 201 : removed;
}

function* copyFile(request: Request, { from, to, source }: Copy): Turns<number> {
  const { changes, head, settings } = request;
  const isMove = head.method === 'MOVE';
  const result = yield* isMove
    ? moveMakingFolders(request, from, to)
    : changes.copy(from, to, settings.davAccess, source.mtime);
  if (result >= 0) return 204;
  const call = isMove ? `rename() "${from}" to "${to}" failed` : `copy() "${from}" to "${to}" failed`;
  request.logErrno('crit', call, result);
  return 500;
}

function* work(request: Request, copy: Copy): Turns<Outcome> {
  const status = yield* copy.source.kind === 'folder' ? copyFolder(request, copy) : copyFile(request, copy);
  return concluded(request, status);
}

export function copyOrMove(request: Request): Outcome {
  if (request.head.contentLength > 0 || request.head.chunked) {
    request.log('error', 'COPY and MOVE with body are unsupported');
    return 415;
  }
  const copy = prepare(request);
  return typeof copy === 'number' ? copy : request.inTurns(work(request, copy));
}
