import { errno, type LibraryHandle, load } from 'koffi';
import { counting } from './call-counts.js';

/**
 * The C library, and how its functions are called.
 *
 * A call through koffi costs 40 to 60 ns over the system call, if two rules are kept: addresses are passed as numbers
 * (`uintptr_t`), and 64-bit results as `int64_t` (koffi knows no `ssize_t`; values below 2^53 come back as numbers).
 */

/** A kernel call as this program sees it: numbers in, a number out. */
export type NativeCall = (...args: number[]) => number;

function loadFirst(names: readonly string[]): LibraryHandle {
  for (const name of names) {
    try {
      return load(name);
    } catch {
      // the next one
    }
  }
  throw new Error(`no C library found (tried ${names.join(', ')}): Zerocopy runs on Linux with glibc or musl`);
}

const libc = loadFirst(['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']);

const ledgerFile = process.env.ZEROCOPY_LEDGER ?? '';
/** Not even loaded where nobody wants one. */
const ledger = ledgerFile === '' ? null : new (await import('./ledger.js')).Ledger(ledgerFile, libc);

/**
 * Binds one function of libc from its C prototype, in which pointers are `uintptr_t`. A kernel call is counted (see
 * call-counts.ts), and recorded where the environment asks for a ledger (see ledger.ts): this is decided here, once.
 */
export function bind(prototype: string): NativeCall {
  const name = functionName(prototype);
  const call = counting(name, parameterCount(prototype), libc.func(prototype) as unknown as NativeCall);
  return ledger === null ? call : ledger.wrap(name, call);
}

/** `read` of `int64_t read(int fd, …)`. */
function functionName(prototype: string): string {
  return prototype.slice(0, prototype.indexOf('(')).split(' ').at(-1) ?? '';
}

/** 3 for `int64_t read(int fd, uintptr_t buffer, uint64_t size)`. */
function parameterCount(prototype: string): number {
  const inside = prototype.slice(prototype.indexOf('(') + 1, prototype.lastIndexOf(')'));
  return inside === '' ? 0 : inside.split(',').length;
}

/** Binds a function of libc that takes or gives strings, for start-up and tools only. */
export function bindWithStrings<F>(prototype: string): F {
  return libc.func(prototype) as unknown as F;
}

/** Calls of this kind fail with -1 and errno: give the result, or the negative errno, as the kernel itself does. */
export function result(returned: number): number {
  return returned < 0 ? -errno() : returned;
}

/** Whether the layouts that differ between the two are x86-64's (else arm64's and every other 64-bit Linux's). */
export const isX64 = process.arch === 'x64';
