import { constants } from 'node:os';
import { errno, type LibraryHandle, load } from 'koffi';
import { counting } from './call-counts.js';
import { Ledger } from './ledger.js';

/**
 * The C library, and how its functions are called.
 *
 * A call through koffi costs 40 to 60 ns over the system call, if two rules are kept: addresses are passed as numbers
 * (`uintptr_t`), and 64-bit results as `int64_t` (koffi knows no `ssize_t`; values below 2^53 come back as numbers).
 */

/** A kernel call as this program sees it: numbers in, a number out. */
export type NativeCall = (...args: number[]) => number;

/** The first of these libraries that there is; null where there is none. */
export function loadWhereKnown(names: readonly string[]): LibraryHandle | null {
  for (const name of names) {
    try {
      return load(name);
    } catch {
      // the next one
    }
  }
  return null;
}

function loadFirst(names: readonly string[]): LibraryHandle {
  const library = loadWhereKnown(names);
  if (library !== null) return library;
  throw new Error(`no C library found (tried ${names.join(', ')}): Zerocopy runs on Linux with glibc or musl`);
}

const libc = loadFirst(['libc.so.6', 'libc.musl-x86_64.so.1', 'libc.musl-aarch64.so.1']);

const ledgerFile = process.env.ZEROCOPY_LEDGER ?? '';
const ledger = ledgerFile === '' ? null : new Ledger(ledgerFile, libc);

/**
 * Binds one function of libc from its C prototype, in which pointers are `uintptr_t`. A kernel call is counted (see
 * call-counts.ts), and recorded where the environment asks for a ledger (see ledger.ts): this is decided here, once.
 */
export function bind(prototype: string): NativeCall {
  const name = functionName(prototype);
  const call = counting(name, parameterCount(prototype), libc.func(prototype) as unknown as NativeCall);
  return ledger === null ? call : ledger.wrap(name, call);
}

/**
 * Binds a kernel call that libc has no function for, by its number. It takes four arguments; the kernel looks at no more
 * than it knows.
 */
export function bindNumbered(name: string, number: number): NativeCall {
  const prototype = 'int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d)';
  const call = libc.func(prototype) as unknown as NativeCall;
  const counted = counting(name, 4, (a, b, c, d) => call(number, a, b, c, d));
  return ledger === null ? counted : ledger.wrap(name, counted);
}

/** As `bind`, for what not every C library has: null there. */
export function bindWhereKnown(prototype: string): NativeCall | null {
  try {
    return bind(prototype);
  } catch {
    return null;
  }
}

/**
 * A kernel call that a thread makes. `done` is told what came back, the result or the negative errno: on this thread, and from
 * Node's loop. What the arguments point to has to stay until then.
 */
export type ThreadCall = (done: (result: number) => void, ...args: number[]) => void;

/**
 * As `bind`, for a call that may wait for a disk: one of libuv's threads makes it (there are UV_THREADPOOL_SIZE of them, and
 * calls beyond that number wait for a free one). It is counted when it is asked for.
 */
export function bindForThreads(prototype: string): ThreadCall {
  return bindForThreadsIn(libc, prototype);
}

/** The same for a function of another library. */
export function bindForThreadsIn(library: LibraryHandle, prototype: string): ThreadCall {
  return forThreads(functionName(prototype), library.func(prototype).async as (...args: unknown[]) => void);
}

/** As `bindNumbered`, for a call that may wait for a disk. */
export function bindNumberedForThreads(name: string, number: number): ThreadCall {
  const prototype = 'int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c)';
  const call = libc.func(prototype).async as (...args: unknown[]) => void;
  return forThreads(name, (...args) => call(number, ...args));
}

function forThreads(name: string, call: (...args: unknown[]) => void): ThreadCall {
  const count = counting(name, 0, () => 0);
  return (done, ...args) => {
    count();
    const note = ledger?.begun(name, args);
    call(...args, (failure: Error | null, returned: number) => {
      const outcome = failure === null ? result(returned) : -constants.errno.ECANCELED;
      note?.(outcome);
      done(outcome);
    });
  };
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
