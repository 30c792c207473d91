/** The file that answers for a folder. */

import { heldBack } from '../conf/climbs.js';
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR } from './errno.js';
import { type Handler, type Module, Outcome, pending, type Request } from './module.js';
import { constantText, EVERYWHERE, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    index: readonly Complex[];
  }
}

const FOLDER = 2;

/** Why an index file, or its folder, is not there: in the error log and as a status. */
function unreachable(request: Request, path: string, errno: number): Outcome {
  if (errno === EACCES) {
    request.logErrno('error', `"${path}" is forbidden`, errno);
    return 403;
  }
  if (request.settings.logNotFound) request.logErrno('error', `"${path}" is not found`, errno);
  return 404;
}

/** Whether the folder itself is there: Next, or the status that ends the search. `path` is the index file looked for. */
function checkFolder(request: Request, folder: string, path: string): Outcome {
  const kind = request.test(folder);
  if (kind === pending) return Outcome.Again;
  if (kind === FOLDER || kind === EACCES) return Outcome.Next;
  if (kind === ENOENT) return unreachable(request, path, ENOENT);
  if (kind < 0) request.logErrno('crit', `stat() "${folder}" failed`, kind);
  else request.log('alert', `"${folder}" is not a directory`);
  return 500;
}

/** An alias that a regular expression has made is the whole path of the folder. */
function pathOf(request: Request, name: string): string {
  const { alias, length } = request.settings.root;
  return alias && length < 0 ? request.mapPath() + heldBack(name) : request.mapPath(request.uri + name);
}

const findIndex: Handler = request => {
  const { uri } = request;
  const { method } = request.head;
  if (!uri.endsWith('/') || (method !== 'GET' && method !== 'HEAD' && method !== 'POST')) return Outcome.Next;
  let folderChecked = false;
  for (const index of request.settings.index) {
    const name = index.evaluate(request);
    if (name.startsWith('/')) {
      request.redirect(name, request.args);
      return Outcome.Restart;
    }
    const path = pathOf(request, name);
    const found = request.test(path);
    if (found === pending) return Outcome.Again;
    if (found > 0) {
      request.redirect(uri + name, request.args);
      return Outcome.Restart;
    }
    // by disable_symlinks, which nginx says nothing of here
    if (found === ELOOP) return 403;
    if (found === ENOTDIR || found === ENAMETOOLONG || found === EACCES) return unreachable(request, path, found);
    if (!folderChecked) {
      const outcome = checkFolder(request, request.mapPath(uri), path);
      if (outcome !== Outcome.Next) return outcome;
      folderChecked = true;
    }
    if (found !== ENOENT) {
      request.logErrno('crit', `stat() "${path}" failed`, found);
      return 500;
    }
  }
  return Outcome.Next;
};

function parseIndex(args: readonly string[], cx: ParseContext, before: readonly Complex[] | undefined): Complex[] {
  const names = [...(before ?? [])];
  for (const text of args) {
    if (text === '') cx.fail('index "" in "index" directive is invalid');
    names.push(cx.complex(text));
  }
  return names;
}

const PHASES = { content: findIndex };

export const index: Module = {
  name: 'index',
  directives: [
    row<'index'>({
      name: 'index',
      key: 'index',
      contexts: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [constantText('index.html')],
      default: 'index.html',
      doc: 'The files that answer for a folder, in the order they are looked for; an absolute one is another URI.',
      parse: parseIndex,
    }),
  ],
  phases: () => PHASES,
};
