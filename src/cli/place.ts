import { existsSync, mkdirSync, readlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConfigOptions } from '../server/load.js';
import { nodePath, toBytes } from './bytes.js';
import type { Flags } from './nginx-flags.js';

/** The folder of this package: where its package.json is. A byte string with its slash. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(`${folder}/package.json`) && folder !== '/') folder = dirname(folder);
  return toBytes(folder === '/' ? folder : `${folder}/`);
}

/** A path of the command line: relative to the working directory. */
export function fullPath(path: string): string {
  return resolve(readlinkSync('/proc/self/cwd', 'latin1'), path);
}

/** The configuration that the flags name: -c and -e are relative to the prefix, as in nginx. */
export function configOptions(flags: Flags): ConfigOptions {
  const prefix = flags.prefix === undefined ? packageFolder() : `${fullPath(flags.prefix)}/`.replace('//', '/');
  const file = below(prefix, flags.file ?? 'conf/nginx.conf');
  const asked = flags.console === undefined ? {} : { console: flags.console };
  const options = { file, prefix, globals: flags.globals ?? '', ...asked };
  if (flags.errorLog === undefined) return options;
  return { ...options, errorLog: flags.errorLog === 'stderr' ? 'stderr' : below(prefix, flags.errorLog) };
}

/** As it is written: messages name a file as the user does. */
function below(prefix: string, path: string): string {
  return path.startsWith('/') ? path : prefix + path;
}

/**
 * Makes the folder of the logs and the pid file, where the prefix is the package's own: the configurations that the package
 * brings name it, and a fresh copy of the package has none. In a prefix of the user's, a missing folder is a mistake to tell.
 */
export function makeOwnLogFolder(prefix: string): void {
  if (prefix !== packageFolder()) return;
  try {
    mkdirSync(nodePath(`${prefix}logs`), { recursive: true });
  } catch {
    // the logs say so when they are opened
  }
}
