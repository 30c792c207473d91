import { type BigIntStats, lstatSync } from 'node:fs';
import { TransferError } from '../failure.js';
import { nodePath } from './names.js';

/** Of the name itself, where it is a symbolic link; undefined where there is nothing, or nobody may look. */
export function statusOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(nodePath(path), { bigint: true });
  } catch {
    return undefined;
  }
}

/**
 * Looks at what bears the final name, before anything is received for it.
 * @throws TransferError (kind refused)
 */
export function checkTarget(target: string, overwrite: boolean): void {
  const found = statusOf(target);
  if (found === undefined) return;
  const refuse = (reason: string) => {
    throw new TransferError(`"${target}" ${reason}`, 'refused');
  };
  if (found.isSymbolicLink()) refuse('is a symbolic link: name the file itself, or remove the link');
  if (found.isDirectory()) refuse('is a folder: name a file in it');
  if (!found.isFile()) refuse('is no ordinary file: choose another name');
  if (!overwrite) throw existsAlready(target);
}

export function existsAlready(target: string): TransferError {
  return new TransferError(`"${target}" exists already: --overwrite replaces it`, 'refused');
}
