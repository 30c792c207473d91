/** Files that lie compressed beside their originals: `FILE.gz` is sent for `FILE`. */
import { mayCompress, sayVary } from './gzip-rules.js';
import { type Handler, type Module, Outcome, pending } from './module.js';
import { choice, EVERYWHERE } from './rows.js';
import { describeFile } from './static.js';

declare module '../conf/settings.js' {
  interface Settings {
    gzipStatic: 'off' | 'on' | 'always';
  }
}

const SLASH = 47;

const serveCompressed: Handler = request => {
  const { head, response, settings, uri } = request;
  if (head.method !== 'GET' && head.method !== 'HEAD') return Outcome.Next;
  if (uri.charCodeAt(uri.length - 1) === SLASH) return Outcome.Next;
  const always = settings.gzipStatic === 'always';
  const takes = always || mayCompress(request);
  if (!takes && !settings.gzipVary) return Outcome.Next;
  const file = request.open(`${request.mapPath()}.gz`);
  if (file === pending) return Outcome.Again;
  // whatever is wrong with it, the original is asked for next
  if (typeof file === 'number' || !file.isFile) return Outcome.Next;
  if (!always) sayVary(request);
  if (!takes) return Outcome.Next;
  describeFile(request, file);
  response.acceptRanges = false;
  response.headers.push('Content-Encoding', 'gzip');
  return Outcome.Respond;
};

const PHASES = { content: serveCompressed };
const NONE = {};

export const gzipStatic: Module = {
  name: 'gzip_static',
  directives: [
    choice(
      'gzip_static',
      'gzipStatic',
      EVERYWHERE,
      ['off', 'on', 'always'],
      'off',
      'Whether FILE.gz is sent for FILE: on, to clients that take it; always, to all.',
    ),
  ],
  phases: settings => (settings.gzipStatic === 'off' ? NONE : PHASES),
};
