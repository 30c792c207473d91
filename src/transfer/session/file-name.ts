import { TransferError } from '../failure.js';
import { plain } from '../plain.js';

/**
 * Looks at a name that a sender gives. It becomes the name of a file in the receiver's folder, so it must be no way out of there,
 * and nothing that a terminal would take for a command. What else a name may not be, PartFile says.
 * @param name from JSON: any characters
 * @throws TransferError (kind refused)
 */
export function checkFileName(name: string): void {
  const problem = problemOf(name);
  if (problem !== '') throw new TransferError(`"${plain(name)}" is no name for a file here: ${problem}`, 'refused');
}

function problemOf(name: string): string {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it is a folder';
  if (name.includes('/')) return 'it has a slash in it';
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return 'it has a control character in it';
    if (code > 0xff) return 'it is no byte string';
  }
  return '';
}
