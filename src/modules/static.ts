/** Files: the content handler that most requests end in. */
import { escapeUri } from '../http/escape.js';
import { etagOf } from '../http/etag.js';
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from './errno.js';
import { type Handler, type Module, type OpenFile, Outcome, pending, type Request, type Segment } from './module.js';
import { EVERYWHERE, flag } from './rows.js';
import { contentTypeOf } from './types.js';

declare module '../conf/settings.js' {
  interface Settings {
    etag: boolean;
  }
}

const SLASH = 47;
const NO_BODY: readonly Segment[] = [];

/** Notes in the error log why a file could not be opened, and says the status for it. */
function failed(request: Request, path: string, errno: number): Outcome {
  const what = `${request.failedCall}() "${path}" failed`;
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      if (request.settings.logNotFound) request.logErrno('error', what, errno);
      return 404;
    case EACCES:
    case ELOOP:
      request.logErrno('error', what, errno);
      return 403;
    default:
      request.logErrno('crit', what, errno);
      return 500;
  }
}

/** Sends the client to the same path with a slash, the query kept. */
function addSlash(request: Request): Outcome {
  const path = `${escapeUri(request.uri)}/`;
  request.response.location = request.args === '' ? path : `${path}?${request.args}`;
  return 301;
}

/** Makes the response that of a file. */
export function describeFile(request: Request, file: OpenFile): Outcome {
  const { response, settings } = request;
  response.status = 200;
  response.contentType = contentTypeOf(settings, request.uri);
  response.contentLength = file.size;
  response.lastModified = file.mtime;
  if (settings.etag) response.etag = etagOf(file.mtime, file.size);
  response.acceptRanges = true;
  response.body = file.size === 0 ? NO_BODY : file.whole;
  return Outcome.Respond;
}

const serveFile: Handler = request => {
  const { method } = request.head;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405;
  if (request.uri.charCodeAt(request.uri.length - 1) === SLASH) return Outcome.Next;
  const path = request.mapPath();
  const file = request.open(path);
  if (file === pending) return Outcome.Again;
  if (typeof file === 'number') return failed(request, path, file);
  if (file.isDirectory) return addSlash(request);
  if (!file.isFile) {
    request.log('crit', `"${path}" is not a regular file`);
    return 404;
  }
  return method === 'POST' ? 405 : describeFile(request, file);
};

const PHASES = { content: serveFile };

export const staticFiles: Module = {
  name: 'static',
  directives: [flag('etag', 'etag', EVERYWHERE, 'on', 'Whether files have an ETag of their time and size.')],
  phases: () => PHASES,
};
