/** How `dav` answers, and what the error log has of what failed. */
import { EACCES, EEXIST, ELOOP, ENAMETOOLONG, ENOENT, ENOSPC, ENOTDIR, EPERM } from './errno.js';
import { Outcome, type Request } from './module.js';

/** An answer without a body. */
export function answer(request: Request, status: 201 | 204): Outcome {
  const { response } = request;
  response.status = status;
  response.contentType = '';
  response.contentLength = status === 201 ? 0 : -1;
  response.body = [];
  return Outcome.Respond;
}

/** 201 and 204 are answers; all else is a status with its page. */
export function concluded(request: Request, status: Outcome): Outcome {
  return status === 201 || status === 204 ? answer(request, status) : status;
}

/** Notes a failed call in the error log, and says the status for it. @param missing the status where something is not there */
export function davError(request: Request, call: string, path: string, errno: number, missing: number): Outcome {
  const [level, status] = verdictOf(errno, missing);
  request.logErrno(level, `${call}() "${path}" failed`, errno);
  return status;
}

/** Whether `disable_symlinks` forbids the folder that a path is in, which the error log knows then. What the path itself is, is not looked at. */
export function leadsThroughLink(request: Request, path: string): boolean {
  return isForbiddenLink(request, path.slice(0, path.lastIndexOf('/', path.length - 2) + 1));
}

/** Whether `disable_symlinks` forbids a path, likewise. A folder that is a link is no folder by that. */
export function isForbiddenLink(request: Request, path: string): boolean {
  if (request.settings.disableSymlinks === null) return false;
  const found = request.testNow(path);
  if (found !== ELOOP && found !== ENOTDIR) return false;
  request.logErrno('error', `"${path}" is forbidden by disable_symlinks`, found);
  return true;
}

function verdictOf(errno: number, missing: number): ['error' | 'crit', number] {
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return ['error', missing];
    case EACCES:
    case EPERM:
      return ['error', 403];
    case EEXIST:
      return ['error', 405];
    case ENOSPC:
      return ['crit', 507];
    default:
      return ['crit', 500];
  }
}
