/** The first of several files that exists. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import { ENAMETOOLONG, ENOENT, ENOTDIR } from './errno.js';
import { type Handler, type Module, Outcome, pending, type Request } from './module.js';
import { row } from './rows.js';

/** One file that is looked for. */
interface Candidate {
  readonly name: Complex;
  /** Written with a slash at the end: only a folder counts. */
  readonly folder: boolean;
}

/** What `try_files` says. */
export interface TryFiles {
  readonly candidates: readonly Candidate[];
  /** The status when none exists; 0 where `uri` holds. */
  readonly status: number;
  /** The URI, or "@name", when none exists. */
  readonly uri: Complex;
}

declare module '../conf/settings.js' {
  interface Settings {
    tryFiles: TryFiles | null;
  }
}

const FOLDER = 2;
const LEAST_STATUS = 200;
const CLOSE_STATUS = 444;

/**
 * The URI of a name in this location. Under `alias`, a name is put behind the location's prefix, unless it has variables and begins with
 * that prefix itself, as $uri does.
 */
function uriOf(request: Request, name: Complex): string {
  const text = name.evaluate(request);
  const { length } = request.settings.root;
  if (length <= 0) return text;
  const prefix = request.uri.slice(0, length);
  return name.constant === undefined && text.startsWith(prefix) ? text : prefix + text;
}

/** Whether what is looked for is there. */
function find(request: Request, uri: string, folder: boolean): boolean | typeof pending {
  const path = request.mapPath(uri);
  const found = request.test(path);
  if (found === pending) return pending;
  if (found > 0) return (found === FOLDER) === folder;
  if (found !== ENOENT && found !== ENOTDIR && found !== ENAMETOOLONG) {
    request.logErrno('crit', `${request.failedCall}() "${path}" failed`, found);
  }
  return false;
}

function fallBack(request: Request, files: TryFiles): Outcome {
  if (files.status === CLOSE_STATUS) return Outcome.Close;
  if (files.status !== 0) return files.status;
  const uri = files.uri.evaluate(request);
  if (uri.startsWith('@')) {
    if (request.redirectNamed(uri)) return Outcome.Restart;
    request.log('error', `could not find named location "${uri}"`);
    return 500;
  }
  const question = uri.indexOf('?');
  if (question === -1) request.redirect(uri, '');
  else request.redirect(uri.slice(0, question), uri.slice(question + 1));
  return Outcome.Restart;
}

const tryFilesHandler: Handler = request => {
  const files = request.settings.tryFiles;
  if (files === null) return Outcome.Next;
  for (const { name, folder } of files.candidates) {
    const uri = uriOf(request, name);
    const found = find(request, uri, folder);
    if (found === pending) return Outcome.Again;
    if (found) {
      if (uri !== request.uri) request.setUri(uri);
      return Outcome.Next;
    }
  }
  return fallBack(request, files);
};

function parseStatus(text: string, cx: ParseContext): number {
  if (!text.startsWith('=')) return 0;
  const valid = /^=\d{1,3}$/.test(text) && Number(text.slice(1)) >= LEAST_STATUS;
  return valid ? Number(text.slice(1)) : cx.fail(`invalid code "${text}"`);
}

function parseCandidate(text: string, cx: ParseContext): Candidate {
  const folder = text.endsWith('/');
  return { name: cx.complex(folder ? text.slice(0, -1) : text), folder };
}

function parseTryFiles(args: readonly string[], cx: ParseContext): TryFiles {
  const last = args[args.length - 1]!;
  const candidates = args.slice(0, -1).map(text => parseCandidate(text, cx));
  return { candidates, status: parseStatus(last, cx), uri: cx.complex(last) };
}

const PHASES = { precontent: tryFilesHandler };
const NONE = {};

export const tryFiles: Module = {
  name: 'try_files',
  directives: [
    row<'tryFiles'>({
      name: 'try_files',
      key: 'tryFiles',
      contexts: ['server', 'location'],
      args: [2, Number.POSITIVE_INFINITY],
      initial: null,
      doc: 'Files to look for in turn; the last argument is a URI, @name or =status for when there is none.',
      parse: parseTryFiles,
      // A level speaks for itself alone: a server's try_files holds where no location matches.
      merge: own => own ?? null,
    }),
  ],
  phases: settings => (settings.tryFiles === null ? NONE : PHASES),
};
