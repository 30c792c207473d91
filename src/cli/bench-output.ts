import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { nodePath } from './bytes.js';
import { fullPath } from './place.js';

/** Before anything is measured: what cannot be written is to be told. @throws an error of Node's with path and reason */
export function checkPlaceOf(html: string | undefined): void {
  if (html !== undefined) accessSync(nodePath(dirname(fullPath(html))), constants.W_OK);
}
