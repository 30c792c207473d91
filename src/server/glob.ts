import { readdirSync } from 'node:fs';

/**
 * The files that a pattern of the shell names (glob(7)): `*`, `?` and `[…]` in any part of the path; hidden files only
 * where the pattern says so.
 * @returns full paths, sorted; none when nothing matches
 */
export function glob(pattern: string): string[] {
  const parts = pattern.split('/').filter(part => part !== '');
  let found = [pattern.startsWith('/') ? '' : '.'];
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    found = found.flatMap(folder => entriesOf(folder, part, isLast));
  });
  return found.sort();
}

function entriesOf(folder: string, part: string, isLast: boolean): string[] {
  if (!/[*?[]/.test(part)) return [`${folder}/${part}`];
  const matches = toRegExp(part);
  try {
    return readdirSync(folder === '' ? '/' : folder, { withFileTypes: true })
      .filter(entry => matches.test(entry.name) && (isLast || entry.isDirectory() || entry.isSymbolicLink()))
      .filter(entry => part.startsWith('.') || !entry.name.startsWith('.'))
      .map(entry => `${folder}/${entry.name}`);
  } catch {
    return [];
  }
}

function toRegExp(part: string): RegExp {
  const source = part.replace(/\[!?[^\]]+\]|[\\^$.|?*+(){}[\]]/g, token => {
    if (token === '*') return '.*';
    if (token === '?') return '.';
    if (token.length > 1) return `[${token.slice(1, -1).replace(/^!/, '^').replace(/\\/g, '\\\\')}]`;
    return `\\${token}`;
  });
  return new RegExp(`^${source}$`, 's');
}
