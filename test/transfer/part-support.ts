import { readdirSync, readFileSync } from 'node:fs';
import { check } from '../../native/errno.js';
import { pwrite } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { TransferError } from '../../src/transfer/failure.js';
import { PartFile, type PartOptions } from '../../src/transfer/part-file.js';

export const identity = { size: 10, version: 'v1' };
export const anew: PartOptions = { resume: false, overwrite: false, identity };
export const resuming: PartOptions = { ...anew, resume: true };

const block = new MemoryBlock(1024 * 1024);

/** Writes a text at an offset, and says so. */
export function put(part: PartFile, offset: number, text: string): void {
  block.bytes.latin1Write(text, 0);
  check(pwrite(part.fd, block.address, text.length, offset), 'pwrite64()');
  part.note(offset, offset + text.length);
}

/** A part that was broken off, with bytes 0 to 4 and 6 to 8. */
export function breakOff(target: string, options: PartOptions = anew): void {
  const part = PartFile.open(target, options);
  put(part, 0, 'abcd');
  put(part, 6, 'gh');
  part.keep();
}

/** What is in a folder, by name. */
export function contents(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map(name => [name, readFileSync(`${folder}/${name}`, 'latin1')]));
}

/** For assert.throws: a TransferError of this kind whose message has the text in it. */
export function failure(kind: TransferError['kind'], text: string): (error: unknown) => boolean {
  return error => {
    if (!(error instanceof TransferError)) throw error;
    if (error.kind === kind && error.message.includes(text)) return true;
    throw new Error(`expected ${kind}, "… ${text} …", and not ${error.kind}, "${error.message}"`);
  };
}

/** Of the files that part-writer.ts makes. */
export function streamIdentity(size: number): PartOptions['identity'] {
  return { size, version: `stream of ${size}` };
}

/** Does something with no more rights than an ordinary user has: root may do anyway what a file's mode forbids. */
export function asOrdinaryUser(act: () => void): void {
  const nobody = 65534;
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(nobody);
  try {
    act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
