import { check, EEXIST } from '../../native/errno.js';
import { chown } from '../../native/file.js';
import type { Settings } from '../conf/settings.js';
import type { Config, LocationConfig } from '../conf/tree.js';
import { ownerOnly } from './body-file.js';
import { makeFolders } from './file-changes.js';

/** No group: it stays what it is. */
const sameGroup = 0xffff_ffff;

function settingsIn(locations: readonly LocationConfig[]): Settings[] {
  return locations.flatMap(({ settings, locations: inner }) => [settings, ...settingsIn(inner)]);
}

/**
 * Makes the folders that bodies are kept in, where some location keeps any, while there are the rights for it.
 * @param prefix what relative paths are relative to, with its slash
 * @param user who is to own them; -1 where that stays who makes them
 * @throws SystemError
 */
export function prepareBodyFolders({ servers }: Config, prefix: string, user: number): void {
  const all = servers.flatMap(({ settings, locations }) => [settings, ...settingsIn(locations)]);
  const keeping = all.filter(({ davMethods }) => davMethods.includes('PUT'));
  for (const path of new Set(keeping.map(({ clientBodyTempPath }) => clientBodyTempPath.path))) {
    const full = path.startsWith('/') ? path : prefix + path;
    const made = makeFolders(full, ownerOnly);
    if (made !== -EEXIST) check(made, `mkdir() "${full}"`);
    if (user >= 0) check(chown(full, user, sameGroup), `chown("${full}", ${user})`);
  }
}
