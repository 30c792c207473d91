import type { LedgerRecord } from '../../native/ledger-calls.js';
import { epollNames, flagNames, levelName } from './ledger-names.js';

/** A call of the ledger in the words of strace. What the ledger does not keep (addresses, struct stat) is `…`. */

const escapes: Record<string, string> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\f': '\\f',
  '"': '\\"',
  '\\': '\\\\',
};

/** A byte string as strace quotes it: in octal what cannot be printed, with all three digits only where one follows. */
export function quoted(bytes: string): string {
  const text = bytes.replace(/["\\]|[^ -~]/g, (byte, at: number) => {
    const octal = byte.charCodeAt(0).toString(8);
    return escapes[byte] ?? `\\${/\d/.test(bytes[at + 1] ?? '') ? octal.padStart(3, '0') : octal}`;
  });
  return `"${text}"`;
}

/** Dots behind what is shown of a longer buffer. */
function shown(preview: string | undefined, size: number): string {
  if (preview === undefined) return '…';
  return `${quoted(preview)}${size > preview.length ? '...' : ''}`;
}

const withPath = (fd: number | undefined, path: string | undefined) => (path ? `${fd}<${path}>` : `${fd}`);

function eventList(record: LedgerRecord): string {
  const list = (record.events ?? []).map(
    ([fd, mask]) => `{events=${epollNames(mask).join('|') || '0'}, data={u32=${fd}}}`,
  );
  return list.join(', ');
}

function partList({ parts = [], preview }: LedgerRecord): string {
  const list = parts.map((length, index) => {
    return `{iov_base=${shown(index === 0 ? preview : undefined, length)}, iov_len=${length}}`;
  });
  return `[${list.join(', ')}]`;
}

type Arguments = (record: LedgerRecord, flags: string) => (string | number | undefined)[];

const octal = (mode: number | undefined) => `0${(mode ?? 0).toString(8)}`;
const other = (record: LedgerRecord) => withPath(record.otherFd, record.otherFdPath);
const got = (record: LedgerRecord) => shown(record.preview, record.result);

/** What follows the descriptor, by the call's name; calls that are not here have no more than it. */
const byName: Record<string, Arguments> = {
  openat: (r, flags) => [
    'AT_FDCWD',
    quoted(r.path ?? ''),
    flags,
    ...(flags.includes('O_CREAT') ? [octal(r.value)] : []),
  ],
  statx: (r, flags) => [
    ...(r.fd === undefined ? ['AT_FDCWD'] : []),
    quoted(r.path ?? ''),
    flags,
    'STATX_BASIC_STATS',
    '…',
  ],
  pread64: r => [got(r), r.size, r.offset],
  read: r => [got(r), r.size],
  write: r => [shown(r.preview, r.size ?? 0), r.size],
  fcntl: (r, flags) => [flags, r.value],
  readahead: r => [r.offset, r.size],
  fadvise64: (r, flags) => [r.offset, r.size, flags],
  ftruncate: r => [r.size],
  chown: r => [quoted(r.path ?? ''), r.value, r.option],
  chmod: r => [quoted(r.path ?? ''), octal(r.value)],
  unlink: r => [quoted(r.path ?? '')],
  socket: (r, flags) => [...flags.split('|').slice(0, 1), flags.split('|').slice(1).join('|'), r.value],
  bind: r => ['…', r.size],
  listen: r => [r.value],
  connect: r => ['…', r.size],
  accept4: (_, flags) => ['…', '…', flags],
  recvfrom: (r, flags) => [got(r), r.size, flags, 'NULL', 'NULL'],
  sendto: (r, flags) => [shown(r.preview, r.size ?? 0), r.size, flags, 'NULL', 0],
  writev: r => [partList(r), r.parts?.length],
  shutdown: (_, flags) => [flags],
  setsockopt: (r, flags) => [levelName(r.flags ?? 0), flags, `[${r.value}]`, r.size],
  getsockopt: (r, flags) => [levelName(r.flags ?? 0), flags, `[${r.value ?? '…'}]`, '…'],
  getsockname: () => ['…', '…'],
  getpeername: () => ['…', '…'],
  sendfile: r => [other(r), `[${r.offset}]${r.result > 0 ? ` => [${(r.offset ?? 0) + r.result}]` : ''}`, r.size],
  epoll_create1: (_, flags) => [flags],
  epoll_ctl: (r, flags) => [flags, other(r), eventList(r) || '…'],
  epoll_pwait: r => [`[${eventList(r)}]`, r.size, r.value, 'NULL', 8],
  eventfd2: (r, flags) => [r.value, flags],
  setuid: r => [r.value],
  setgid: r => [r.value],
  setpriority: r => ['PRIO_PROCESS', 0, r.value],
  chdir: r => [quoted(r.path ?? '')],
  prlimit64: (_, flags) => [0, flags, '…', '…'],
  sched_setaffinity: r => [0, r.size, '…'],
  prctl: (_, flags) => [flags, '…'],
  umask: r => [octal(r.value)],
  memfd_create: (r, flags) => [quoted(r.path ?? ''), flags],
  mmap: r => [r.size, r.offset],
};

/** @param errno the name, '' where the call succeeded */
export function callText(record: LedgerRecord, errno: string): string {
  const flags = flagNames(record.call, record.flags ?? 0, record.option ?? 0)?.join('|') || '0';
  const first = record.fd === undefined ? [] : [withPath(record.fd, record.fdPath)];
  const words = [...first, ...(byName[record.call]?.(record, flags) ?? [])];
  const result = errno === '' ? withPath(record.result, record.resultPath) : `${record.result} ${errno}`;
  return `${record.call}(${words.join(', ')}) = ${result}`;
}
