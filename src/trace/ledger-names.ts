/** The names that the kernel's headers give to the numbers in the ledger, as far as the calls of native/ use them. */

import { O_DIRECT } from '../../native/file.js';

/** In the order in which strace prints them. */
type Flags = readonly (readonly [name: string, bit: number])[];

const open: Flags = [
  ['O_CREAT', 0o100],
  ['O_EXCL', 0o200],
  ['O_TRUNC', 0o1000],
  ['O_APPEND', 0o2000],
  ['O_NONBLOCK', 0o4000],
  ['O_DIRECT', O_DIRECT],
  ['O_CLOEXEC', 0o2000000],
];
const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'];

const message: Flags = [
  ['MSG_PEEK', 0x2],
  ['MSG_TRUNC', 0x20],
  ['MSG_DONTWAIT', 0x40],
  ['MSG_NOSIGNAL', 0x4000],
  ['MSG_MORE', 0x8000],
];
const socketType: Flags = [
  ['SOCK_CLOEXEC', 0o2000000],
  ['SOCK_NONBLOCK', 0o4000],
];
const eventfd: Flags = [
  ['EFD_CLOEXEC', 0o2000000],
  ['EFD_NONBLOCK', 0o4000],
];
const epoll: Flags = [
  ['EPOLLIN', 0x1],
  ['EPOLLPRI', 0x2],
  ['EPOLLOUT', 0x4],
  ['EPOLLERR', 0x8],
  ['EPOLLHUP', 0x10],
  ['EPOLLRDHUP', 0x2000],
  ['EPOLLEXCLUSIVE', 2 ** 28],
  ['EPOLLONESHOT', 2 ** 30],
  ['EPOLLET', 2 ** 31],
];

function names(mask: number, flags: Flags): string[] {
  const found: string[] = [];
  let rest = mask >>> 0;
  for (const [name, bit] of flags) {
    if ((rest & bit) === 0) continue;
    found.push(name);
    rest = (rest & ~bit) >>> 0;
  }
  if (rest !== 0) found.push(`0x${rest.toString(16)}`);
  return found;
}

const one = (number: number, list: Readonly<Record<number, string>>) => list[number] ?? `${number}`;

const families: Record<number, string> = { 1: 'AF_UNIX', 2: 'AF_INET', 10: 'AF_INET6' };
const types: Record<number, string> = { 1: 'SOCK_STREAM', 2: 'SOCK_DGRAM' };
const operations: Record<number, string> = { 1: 'EPOLL_CTL_ADD', 2: 'EPOLL_CTL_DEL', 3: 'EPOLL_CTL_MOD' };
const ways: Record<number, string> = { 0: 'SHUT_RD', 1: 'SHUT_WR', 2: 'SHUT_RDWR' };
const commands: Record<number, string> = { 1: 'F_GETFD', 2: 'F_SETFD', 3: 'F_GETFL', 4: 'F_SETFL' };
const advices: Record<number, string> = {
  0: 'POSIX_FADV_NORMAL',
  1: 'POSIX_FADV_RANDOM',
  2: 'POSIX_FADV_SEQUENTIAL',
  3: 'POSIX_FADV_WILLNEED',
  4: 'POSIX_FADV_DONTNEED',
  5: 'POSIX_FADV_NOREUSE',
};
const resources: Record<number, string> = { 4: 'RLIMIT_CORE', 7: 'RLIMIT_NOFILE' };
const processOptions: Record<number, string> = { 4: 'PR_SET_DUMPABLE', 15: 'PR_SET_NAME' };
const levels: Record<number, string> = { 1: 'SOL_SOCKET', 6: 'SOL_TCP', 41: 'SOL_IPV6' };
const options: Record<number, Record<number, string>> = {
  1: {
    2: 'SO_REUSEADDR',
    3: 'SO_TYPE',
    4: 'SO_ERROR',
    7: 'SO_SNDBUF',
    8: 'SO_RCVBUF',
    9: 'SO_KEEPALIVE',
    13: 'SO_LINGER',
    15: 'SO_REUSEPORT',
  },
  6: {
    1: 'TCP_NODELAY',
    3: 'TCP_CORK',
    4: 'TCP_KEEPIDLE',
    5: 'TCP_KEEPINTVL',
    6: 'TCP_KEEPCNT',
    9: 'TCP_DEFER_ACCEPT',
    23: 'TCP_FASTOPEN',
  },
  41: { 26: 'IPV6_V6ONLY' },
};

/** The name of an option's level (setsockopt). */
export const levelName = (level: number): string => one(level, levels);

/** The names of an epoll mask. */
export const epollNames = (mask: number): string[] => names(mask, epoll);

/**
 * The names of what a call's `flags` and `option` say.
 * @param option within `flags`, where the call has one (setsockopt's option, socket's family)
 * @returns none where the number is 0 and has no name; undefined for a call that takes no such argument
 */
export function flagNames(call: string, flags: number, option: number): string[] | undefined {
  switch (call) {
    case 'openat':
      return [access[flags & 3] ?? `${flags & 3}`, ...names(flags & ~3, open)];
    case 'statx':
      return ['AT_STATX_SYNC_AS_STAT', ...names(flags, [['AT_EMPTY_PATH', 0x1000]])];
    case 'socket':
      return [one(option, families), one(flags & 0xf, types), ...names(flags & ~0xf, socketType)];
    case 'accept4':
      return names(flags, socketType);
    case 'recvfrom':
    case 'sendto':
      return names(flags, message);
    case 'setsockopt':
    case 'getsockopt':
      return [one(option, options[flags] ?? {})];
    case 'shutdown':
      return [one(flags, ways)];
    case 'fcntl':
      return [one(flags, commands)];
    case 'fadvise64':
      return [one(flags, advices)];
    case 'epoll_create1':
      return names(flags, [['EPOLL_CLOEXEC', 0o2000000]]);
    case 'epoll_ctl':
      return [one(flags, operations)];
    case 'eventfd2':
      return names(flags, eventfd);
    case 'memfd_create':
      return names(flags, [['MFD_CLOEXEC', 1]]);
    case 'prlimit64':
      return [one(option, resources)];
    case 'prctl':
      return [one(option, processOptions)];
    default:
      return undefined;
  }
}
