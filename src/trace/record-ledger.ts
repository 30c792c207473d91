import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Trace } from './event.js';
import { parseLedger } from './ledger-reader.js';

/** The ledger as a recorder: what comes to the file between two moments. */

/** Where the file ends now: what is read from here on is new. */
export function ledgerLength(file: string): number {
  return statSync(file).size;
}

/**
 * Reads what has come to a ledger.
 * @param from bytes, as ledgerLength gave them
 * @param pid the process whose calls are wanted
 */
export function readLedger(file: string, from: number, pid: number): Trace {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - from));
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = readSync(fd, bytes, length, bytes.length - length, from + length);
    }
    return parseLedger(bytes.latin1Slice(0, length), pid);
  } finally {
    closeSync(fd);
  }
}
