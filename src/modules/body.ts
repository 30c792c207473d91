/** Where bodies of requests are kept while they come: `client_body_temp_path` and its companions. */
import type { ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import type { Subject } from '../conf/variables.js';
import { accepted, isFlag, isOneOf, isSize } from './accepted.js';
import type { BodyFolder, Module, Request } from './module.js';
import { EVERYWHERE, invalidValue, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    clientBodyTempPath: BodyFolder;
  }
}

const IN_FILE =
  'only PUT keeps bodies, each in a file that takes its place (dav), or goes; in nginx too it has no say in that.';
const DEFAULT_FOLDER = 'client_body_temp';
/** Digits of the numbers that name the files. */
const DIGITS = 10;

function parseFolder([path, ...words]: readonly string[], cx: ParseContext): BodyFolder {
  const bad = () => cx.fail(invalidValue('client_body_temp_path'));
  const levels = words.map(word => parseInteger(word, 1) ?? bad());
  if (levels.reduce((sum, level) => sum + level, 0) > DIGITS) bad();
  return { path: cx.prefixPath(path!), levels };
}

export const body: Module = {
  name: 'body',
  directives: [
    row<'clientBodyTempPath'>({
      name: 'client_body_temp_path',
      key: 'clientBodyTempPath',
      contexts: EVERYWHERE,
      args: [1, 4],
      initial: { path: DEFAULT_FOLDER, levels: [] },
      default: DEFAULT_FOLDER,
      doc: 'The folder of bodies that are on their way (dav), and the digits of up to three levels of folders in it. Made when it is needed.',
      parse: parseFolder,
    }),
    accepted(
      'client_body_buffer_size',
      EVERYWHERE,
      isSize,
      'bodies are written as they come, from a block that all share.',
    ),
    accepted('client_body_in_file_only', EVERYWHERE, isOneOf('off', 'on', 'clean'), IN_FILE),
    accepted('client_body_in_single_buffer', EVERYWHERE, isFlag, 'no body is kept in memory.'),
  ],
  variables: [
    { name: 'request_body', doc: 'Empty: no body is kept in memory.', get: () => undefined },
    {
      name: 'request_body_file',
      doc: 'Where the body of the request was kept (PUT).',
      get: (subject: Subject) => (subject as Request).bodyFile || undefined,
    },
  ],
};
