/** `dav_methods`: PUT, DELETE, MKCOL, COPY and MOVE, as nginx's module of this name has them. */
import type { ParseContext } from '../conf/directive.js';
import { parseHttpDate } from '../http/dates.js';
import { escapeUri } from '../http/escape.js';
import { answer, concluded, davError, leadsThroughLink } from './dav-answer.js';
import { copyOrMove } from './dav-copy.js';
import { depthOf, INFINITE } from './dav-headers.js';
import { folderAccess, moveMakingFolders, removeAll } from './dav-tree.js';
import { ENOTDIR } from './errno.js';
import { type Handler, type Module, Outcome, type ReceivedBody, type Request, type Turns } from './module.js';
import { count, EVERYWHERE, flag, row } from './rows.js';

const METHODS = ['PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE'] as const;
type Method = (typeof METHODS)[number];

declare module '../conf/settings.js' {
  interface Settings {
    davMethods: readonly Method[];
    /** Permissions of files; folders may be searched by whoever may read them. */
    davAccess: number;
    createFullPutPath: boolean;
    minDeleteDepth: number;
  }
}

const USERS = { user: 6, group: 3, all: 0 } as const;
const RIGHTS = { rw: 6, r: 4 } as const;
const OWN_RIGHTS = 0o600;

function created(request: Request): Outcome {
  request.response.location = escapeUri(request.uri);
  return answer(request, 201);
}

// PUT

function put(request: Request): Outcome {
  if (request.uri.endsWith('/')) {
    request.log('error', 'cannot PUT to a collection');
    return 409;
  }
  if (request.head.get('content-range') !== undefined) {
    request.log('error', 'PUT with range is unsupported');
    return 501;
  }
  if (request.head.contentLength < 0 && !request.head.chunked) {
    request.log('error', 'PUT request body must be in a file');
    return 500;
  }
  return request.receiveBody(body => request.inTurns(store(request, body)));
}

/** Gives a body its place. */
function* store(request: Request, body: ReceivedBody): Turns<Outcome> {
  const path = request.mapPath();
  const known = request.changes.facts(path, true);
  if (typeof known === 'object' && known.kind === 'folder') {
    request.log('error', `"${path}" could not be created (21: Is a directory)`);
    return 409;
  }
  const status = yield* moveIntoPlace(request, body, path);
  if (status !== 0) return status;
  body.taken();
  return typeof known === 'number' ? created(request) : answer(request, 204);
}

function failed(request: Request, what: string, errno: number): number {
  request.logErrno('crit', `${what} failed`, errno);
  return 500;
}

/** @returns 0, or a status */
function* moveIntoPlace(request: Request, body: ReceivedBody, path: string): Turns<number> {
  const { changes, settings, head } = request;
  const access = changes.setMode(body.path, settings.davAccess);
  if (access < 0) return failed(request, `chmod() "${body.path}"`, access);
  const date = parseHttpDate(head.first('date') ?? '');
  const time = date === -1 ? 0 : changes.setModified(body.path, date);
  if (time < 0) return failed(request, `utimes() "${body.path}"`, time);
  const modified = date === -1 ? undefined : date;
  const result = yield* settings.createFullPutPath
    ? moveMakingFolders(request, body.path, path, modified)
    : changes.move(body.path, path, modified);
  return result < 0 ? failed(request, `rename() "${body.path}" to "${path}"`, result) : 0;
}

// DELETE and MKCOL

function remove(request: Request): Outcome {
  if (request.head.contentLength > 0 || request.head.chunked) {
    request.log('error', 'DELETE with body is unsupported');
    return 415;
  }
  if (isRoot(request)) {
    request.log('error', `"${request.mapPath()}" is the root of "${request.uri}", which stays`);
    return 403;
  }
  const depth = depthOfUri(request.uri, request.settings.minDeleteDepth);
  if (depth >= 0) {
    request.log('error', `insufficient URI depth:${depth} to DELETE`);
    return 409;
  }
  const path = request.mapPath();
  const facts = request.changes.facts(path);
  if (typeof facts === 'number') return davError(request, 'lstat', path, facts, facts === ENOTDIR ? 409 : 404);
  const isFolder = facts.kind === 'folder';
  if (isFolder && !request.uri.endsWith('/')) {
    request.log('error', `DELETE "${path}" failed (21: Is a directory)`);
    return 409;
  }
  const wanted = depthOf(request, isFolder ? INFINITE : 0);
  if (wanted !== INFINITE && (isFolder || wanted !== 0)) {
    request.log('error', `"Depth" header must be ${isFolder ? 'infinity' : '0 or infinity'}`);
    return 400;
  }
  return request.inTurns(removal(request, isFolder ? path.slice(0, -1) : path, isFolder));
}

function* removal(request: Request, path: string, isFolder: boolean): Turns<Outcome> {
  const status = yield* removeAll(request, path, isFolder);
  return concluded(request, status === 0 ? 204 : status);
}

/** Whether a URI is that of the folder which the configuration names itself: it is not in what clients may change. */
function isRoot({ uri, settings }: Request): boolean {
  const { alias, length } = settings.root;
  return alias && length >= 0 ? uri.length <= length : uri === '/';
}

/** -1 where a URI is deep enough, else how deep it is. */
function depthOfUri(uri: string, least: number): number {
  if (least === 0) return -1;
  let depth = 0;
  for (let i = 0; i < uri.length; i++) {
    if (uri[i] === '/' && ++depth >= least && i + 1 < uri.length) return -1;
  }
  return depth;
}

function makeCollection(request: Request): Outcome {
  if (request.head.contentLength > 0 || request.head.chunked) {
    request.log('error', 'MKCOL with body is unsupported');
    return 415;
  }
  if (!request.uri.endsWith('/')) {
    request.log('error', 'MKCOL can create a collection only');
    return 409;
  }
  const path = request.mapPath().slice(0, -1);
  const made = request.changes.makeFolder(path, folderAccess(request.settings.davAccess));
  return made < 0 ? davError(request, 'mkdir', path, made, 409) : created(request);
}

const HANDLERS: Readonly<Record<Method, Handler>> = {
  PUT: put,
  DELETE: remove,
  MKCOL: makeCollection,
  COPY: copyOrMove,
  MOVE: copyOrMove,
};

const handle: Handler = request => {
  const method = request.settings.davMethods.find(each => each === request.head.method);
  if (method === undefined || request.uri.includes('\0')) return Outcome.Next;
  if (leadsThroughLink(request, request.mapPath())) return 403;
  return concluded(request, HANDLERS[method](request));
};

function parseMethods(args: readonly string[], cx: ParseContext): Method[] {
  if (args.length === 1 && args[0]!.toLowerCase() === 'off') return [];
  return args.map(
    word => METHODS.find(method => method.toLowerCase() === word.toLowerCase()) ?? cx.fail(`invalid value "${word}"`),
  );
}

function parseAccess(args: readonly string[], cx: ParseContext): number {
  let own = OWN_RIGHTS;
  let access = 0;
  for (const word of args) {
    const [who, what, more] = word.split(':');
    const right = RIGHTS[what as keyof typeof RIGHTS];
    const shift = USERS[who as keyof typeof USERS];
    if (shift === undefined || right === undefined || more !== undefined) return cx.fail(`invalid value "${word}"`);
    if (who === 'user') own = 0;
    access |= right << shift;
  }
  return access | own;
}

const PHASES = { content: handle };
const NONE = {};

export const dav: Module = {
  name: 'dav',
  directives: [
    row<'davMethods'>({
      name: 'dav_methods',
      key: 'davMethods',
      contexts: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      initial: [],
      default: 'off',
      doc: 'PUT, DELETE, MKCOL, COPY and MOVE, or off. An existing file is replaced in one step.',
      parse: parseMethods,
    }),
    row<'davAccess'>({
      name: 'dav_access',
      key: 'davAccess',
      contexts: EVERYWHERE,
      args: [1, 3],
      initial: OWN_RIGHTS,
      default: 'user:rw',
      doc: 'Permissions of new files and folders: user:, group: and all:, each with rw or r.',
      parse: parseAccess,
    }),
    flag(
      'create_full_put_path',
      'createFullPutPath',
      EVERYWHERE,
      'off',
      'Whether PUT makes the folders that are missing.',
    ),
    count('min_delete_depth', 'minDeleteDepth', EVERYWHERE, '0', 'How many elements a URI must have to be removed.'),
  ],
  phases: settings => (settings.davMethods.length === 0 ? NONE : PHASES),
};
