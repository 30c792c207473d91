import { TransferError } from '../failure.js';

/** What the files are called that stand beside a target while it arrives. All are byte strings. */
export interface PartNames {
  /** The final name. */
  readonly target: string;
  /** Its folder: `.` where the target has none. */
  readonly folder: string;
  /** The bytes. */
  readonly part: string;
  /** Which of them are right (state.ts). */
  readonly state: string;
  /** The next state, until it is whole. */
  readonly newState: string;
}

/** NAME_MAX of limits.h, in bytes. */
const longestName = 255;
const endings = { part: '.zc-part', state: '.zc-state', newState: '.zc-new' };
const longestTarget = longestName - Math.max(...Object.values(endings).map(ending => ending.length + 1));

/** A path as Node's file functions take it. */
export function nodePath(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

/**
 * @throws TransferError (kind refused) for a path that names no file, or one that has no room for an ending
 */
export function partNames(target: string): PartNames {
  const at = target.lastIndexOf('/') + 1;
  const [prefix, name] = [target.slice(0, at), target.slice(at)];
  const problem = problemOf(name);
  if (problem !== '') throw new TransferError(`"${target}" ${problem}`, 'refused');
  const named = (ending: string) => `${prefix}.${name}${ending}`;
  return {
    target,
    folder: prefix.replace(/\/+$/, '') || (prefix === '' ? '.' : '/'),
    part: named(endings.part),
    state: named(endings.state),
    newState: named(endings.newState),
  };
}

function problemOf(name: string): string {
  if (name === '' || name === '.' || name === '..') return 'is the name of a folder: a file needs one of its own';
  if (name.includes('\0')) return 'has a NUL in it, which no name may have';
  if (name.length > longestTarget) {
    return `has a name of ${name.length} bytes: while a file arrives its name is longer by ${longestName - longestTarget}, so that ${longestTarget} are the most that fit; choose a shorter one`;
  }
  // else the part of one file could be another file
  if (name.startsWith('.') && Object.values(endings).some(ending => name.endsWith(ending))) {
    return 'is what a file is called while it arrives: choose another name';
  }
  return '';
}
