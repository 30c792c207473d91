/** `disable_symlinks`: whether files may be served by way of symbolic links. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import type { Module } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** What `disable_symlinks` says. */
export interface DisableSymlinks {
  readonly mode: 'on' | 'if_not_owner';
  /** The beginning of paths in which links are no matter; null for none. */
  readonly from: Complex | null;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** Null where it is off. */
    disableSymlinks: DisableSymlinks | null;
  }
}

const MODES = ['off', 'on', 'if_not_owner'];

function parse(args: readonly string[], cx: ParseContext): DisableSymlinks | null {
  let mode = '';
  let from: Complex | null = null;
  for (const word of args) {
    if (word.startsWith('from=')) from = word === 'from=' ? null : cx.complex(word.slice('from='.length));
    else if (!MODES.includes(word)) cx.fail(`invalid parameter "${word}"`);
    else if (mode !== '') cx.fail(`duplicate parameters "${mode} ${word}"`);
    else mode = word;
  }
  if (mode === '') cx.fail('"disable_symlinks" must have "off", "on" or "if_not_owner" parameter');
  if (mode === 'off') return from === null ? null : cx.fail('"from=" cannot be used with "off" parameter');
  return { mode: mode as DisableSymlinks['mode'], from };
}

export const disableSymlinks: Module = {
  name: 'disable_symlinks',
  directives: [
    row<'disableSymlinks'>({
      name: 'disable_symlinks',
      key: 'disableSymlinks',
      contexts: EVERYWHERE,
      args: [1, 2],
      initial: null,
      default: 'off',
      doc: 'off, on, or if_not_owner, and from=PART of the path in which links are no matter. Such files are opened for each request, past open_file_cache.',
      parse,
    }),
  ],
};
