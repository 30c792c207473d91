import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { directiveReference } from '../conf/reference.js';
import { modules } from '../modules/all.js';
import { differencesText } from './nginx-differences.js';

/** Writes the pages of docs/ that are made from the program itself (`npm run docs`). */

export const referencePath = fileURLToPath(new URL('../../../docs/directives.md', import.meta.url));
export const differencesPath = fileURLToPath(new URL('../../../docs/nginx-differences.md', import.meta.url));

/** docs/directives.md as it should be. */
export function referenceText(): string {
  const owners = new Map(modules.flatMap(module => (module.directives ?? []).map(one => [one, module.name] as const)));
  return directiveReference([...owners.keys()], one => owners.get(one) as string);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(referencePath, referenceText());
  writeFileSync(differencesPath, differencesText());
}
