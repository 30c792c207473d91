import type { NativeCall } from './libc.js';

/**
 * How often each kernel call was made through this folder: one number a name. They are always counted, for it costs a few
 * nanoseconds; where the numbers lie is decided later (`countCallsIn`), so that a master can look at those of its workers.
 */

/** The kernel's names of the calls that are counted. The place of a name in this list is the place of its number. */
export const countedCalls = [
  'accept4',
  'bind',
  'cachestat',
  'chdir',
  'chmod',
  'chown',
  'close',
  'connect',
  'epoll_create1',
  'epoll_ctl',
  'epoll_pwait',
  'eventfd2',
  'fadvise64',
  'fallocate',
  'fcntl',
  'fdatasync',
  'flock',
  'fsync',
  'ftruncate',
  'getdents64',
  'getpeername',
  'getsockname',
  'getsockopt',
  'link',
  'listen',
  'memfd_create',
  'mkdir',
  'mmap',
  'openat',
  'openat2',
  'pipe2',
  'prctl',
  'pread64',
  'preadv2',
  'prlimit64',
  'pwrite64',
  'pwritev',
  'read',
  'readahead',
  'recvfrom',
  'recvmmsg',
  'renameat2',
  'rmdir',
  'sched_setaffinity',
  'sendfile',
  'sendmmsg',
  'sendto',
  'setgid',
  'setpriority',
  'setsockopt',
  'setuid',
  'shutdown',
  'socket',
  'splice',
  'statx',
  'timerfd_create',
  'timerfd_settime',
  'umask',
  'unlink',
  'utimensat',
  'write',
  'writev',
] as const;

/** Where libc's name is another one. */
const kernelNames: Readonly<Record<string, (typeof countedCalls)[number]>> = {
  eventfd: 'eventfd2',
  getrlimit: 'prlimit64',
  posix_fadvise: 'fadvise64',
  recv: 'recvfrom',
  send: 'sendto',
  setrlimit: 'prlimit64',
};

let counts: Float64Array = new Float64Array(countedCalls.length);

/**
 * Has the calls counted in another place from now on, and adds to it what was counted so far.
 * @param place one number for each of `countedCalls`, in their order
 */
export function countCallsIn(place: Float64Array): void {
  for (let index = 0; index < countedCalls.length; index++) place[index] += counts[index];
  counts = place;
}

/**
 * The function that counts a call and makes it. Each has its own number of parameters, for a rest parameter would cost more
 * than the counting.
 * @param name libc's
 * @param parameters how many it takes: 6 at most
 * @returns the function itself where it is no kernel call
 */
export function counting(name: string, parameters: number, call: NativeCall): NativeCall {
  const kernelName = kernelNames[name] ?? name;
  const at = countedCalls.indexOf(kernelName as (typeof countedCalls)[number]);
  return at < 0 ? call : withParameters(parameters, at, call);
}

function withParameters(parameters: number, at: number, call: NativeCall): NativeCall {
  switch (parameters) {
    case 0:
      return () => {
        counts[at] += 1;
        return call();
      };
    case 1:
      return a => {
        counts[at] += 1;
        return call(a);
      };
    case 2:
      return (a, b) => {
        counts[at] += 1;
        return call(a, b);
      };
    case 3:
      return (a, b, c) => {
        counts[at] += 1;
        return call(a, b, c);
      };
    case 4:
      return (a, b, c, d) => {
        counts[at] += 1;
        return call(a, b, c, d);
      };
    case 5:
      return (a, b, c, d, e) => {
        counts[at] += 1;
        return call(a, b, c, d, e);
      };
    case 6:
      return (a, b, c, d, e, f) => {
        counts[at] += 1;
        return call(a, b, c, d, e, f);
      };
    default:
      throw new Error(`a kernel call takes 6 parameters at most, and not ${parameters}`);
  }
}
