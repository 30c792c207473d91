import { randomFillSync } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, mkdtempSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uris } from './configuration.js';

/** Bytes of the two files that are asked for. */
export const smallSize = 1024;
export const largeSize = 100_000_000;

/** The folder of one run. */
export interface Workplace {
  /** Prefix of both servers: configurations, logs. With its slash. */
  readonly prefix: string;
  /** Their document root. */
  readonly root: string;
}

/** Makes a temporary folder with the files that are served. They are written now, so they are in the page cache. */
export function makeWorkplace(): Workplace {
  const prefix = `${mkdtempSync(join(tmpdir(), 'zerocopy-bench-'))}/`;
  const root = `${prefix}files`;
  for (const folder of ['files', 'files/on', 'files/off', 'nginx-temp']) mkdirSync(prefix + folder);
  writeFileSync(root + uris.small, randomFillSync(Buffer.alloc(smallSize)));
  writeLarge(root + uris.sendfileOn);
  // one file under two names: both paths read the same pages
  linkSync(root + uris.sendfileOn, root + uris.sendfileOff);
  return { prefix, root };
}

function writeLarge(path: string): void {
  const block = randomFillSync(Buffer.alloc(largeSize / 100));
  const fd = openSync(path, 'wx');
  try {
    for (let written = 0; written < largeSize; written += block.length) writeSync(fd, block);
  } finally {
    closeSync(fd);
  }
}
