/** `random_index`: any file of a folder answers for it. */
import { folderFailed, folderPath } from './listing.js';
import { type Handler, type Module, Outcome, type Request, type Turns } from './module.js';
import { flag } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    randomIndex: boolean;
  }
}

const SLASH = 47;

/** Each file takes the place of the one chosen so far with a chance that makes all of them equal in the end: one name is kept. */
function* choose(request: Request): Turns<Outcome> {
  let files = 0;
  let chosen = '';
  const failure = yield* request.readFolder(folderPath(request), true, ({ kind, name }) => {
    if (kind !== 'file') return true;
    files += 1;
    if (Math.random() * files < 1) chosen = name;
    return true;
  });
  if (failure !== null) return folderFailed(request, failure);
  if (files === 0) return Outcome.Next;
  request.redirect(request.uri + chosen, request.args);
  return Outcome.Restart;
}

const chooseIndex: Handler = request => {
  const { method } = request.head;
  const { uri } = request;
  if (uri.charCodeAt(uri.length - 1) !== SLASH) return Outcome.Next;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return Outcome.Next;
  return request.inTurns(choose(request));
};

const PHASES = { content: chooseIndex };
const NONE = {};

export const randomIndex: Module = {
  name: 'random_index',
  directives: [
    flag(
      'random_index',
      'randomIndex',
      ['location'],
      'off',
      'Whether any file of a folder, by chance, answers for it.',
    ),
  ],
  phases: settings => (settings.randomIndex ? PHASES : NONE),
};
