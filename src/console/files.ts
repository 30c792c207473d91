import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentType } from 'mime-types';

/** A file of the page, in memory. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The folder with package.json, from which public/ comes; the scripts are beside this file. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== '/') folder = dirname(folder);
  return folder;
}

/** All that the page consists of, by its path: public/console/ and the scripts of src/console/page/. Nothing else is ever served. */
export function loadPage(): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  addFolder(files, join(packageFolder(), 'public/console'), '/');
  addFolder(files, fileURLToPath(new URL('./page', import.meta.url)), '/page/');
  const index = files.get('/index.html');
  if (index !== undefined) files.set('/', index);
  return files;
}

function addFolder(files: Map<string, PageFile>, folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    const type = contentType(name);
    if (type !== false) files.set(prefix + name, { type, bytes: readFileSync(join(folder, name)) });
  }
}
