import { readFileSync } from 'node:fs';
import { SystemError } from '../../native/errno.js';
import { takeErrors } from '../../native/openssl.js';

/** What OpenSSL has to say of a call, as nginx words it: `SSL_CTX_new() failed (SSL: error:…)`. */
export function failure(call: string): Error {
  const errors = takeErrors();
  return new Error(errors.length === 0 ? `${call} failed` : `${call} failed (SSL: ${errors.join(' ')})`);
}

/** The bytes of a file as text (latin1). @throws SystemError */
export function readText(path: string): string {
  try {
    return readFileSync(Buffer.from(path, 'latin1'), 'latin1');
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw errno === undefined ? error : new SystemError(`open() "${path}"`, -errno);
  }
}
