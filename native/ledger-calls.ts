/**
 * What the ledger writes down of each kernel call that this folder binds: the kernel's name for it (which is not always
 * libc's), and which arguments mean something.
 */

/** One line of the ledger. Numbers are the kernel's own; what a call does not have is left out. */
export interface LedgerRecord {
  pid: number;
  /** Seconds since 1970, to the microsecond, when the call was begun. */
  time: number;
  /** Seconds in the call, to the microsecond. */
  took: number;
  /** As the kernel names it: `recvfrom` for libc's recv. */
  call: string;
  /** What came back; -1 where it failed. */
  result: number;
  /** Positive; left out where the call succeeded. */
  errno?: number;
  /** What a new descriptor (`result`) is, as /proc/self/fd shows it. */
  resultPath?: string;
  fd?: number;
  fdPath?: string;
  /** What epoll_ctl changes, what sendfile reads from. */
  otherFd?: number;
  otherFdPath?: string;
  path?: string;
  /** Bytes asked for; the count of places in epoll_pwait. */
  size?: number;
  /** Bytes of each part of an iovec. */
  parts?: number[];
  /** In the file. */
  offset?: number;
  /** Flags, or the one number that chooses what is done: the operation, the command, the level of an option. */
  flags?: number;
  /** The option within its level. */
  option?: number;
  /** An option's value, a timeout in ms, a mode, an id. */
  value?: number;
  /** Descriptor and mask (EPOLL…) of each event that is asked for or has come. */
  events?: [fd: number, mask: number][];
  /** The first bytes moved, one char a byte. */
  preview?: string;
}

/** Reads what lies behind an address that a call was given. */
export interface CallMemory {
  /** A C string. */
  text(address: number): string;
  /** The first bytes of a buffer. */
  preview(address: number, size: number): string;
  uint32(address: number): number;
  /** Up to 2^53. */
  uint64(address: number): number;
  /** Addresses and lengths of a `struct iovec[count]`. */
  iovec(address: number, count: number): { address: number; length: number }[];
  /** Descriptors and masks of a `struct epoll_event[count]`. */
  epollEvents(address: number, count: number): [fd: number, mask: number][];
}

type Note = (record: LedgerRecord, args: readonly number[], memory: CallMemory) => void;

/** How one function of libc is written down. */
export interface CallDescription {
  /** The kernel's name. */
  readonly kernel: string;
  /** The first argument is a descriptor. */
  readonly onFd?: true;
  /** The result is a descriptor. */
  readonly givesFd?: true;
  /** It gives its error number back, and errno stays as it was (posix_fadvise). */
  readonly returnsErrno?: true;
  /** What is to be read before the call. */
  readonly asked?: Note;
  /** What is to be read after a call that succeeded; `record.result` is set. */
  readonly got?: Note;
}

const AT_FDCWD = -100;
const EPOLL_CTL_DEL = 2;

/** The bytes that a call has put into its buffer (the second argument). */
const received: Note = (record, [, buffer], memory) => {
  record.preview = memory.preview(buffer, record.result);
};

/** The bytes of an iovec. */
const gathered: Note = (record, [, iov, count], memory) => {
  const parts = memory.iovec(iov, count);
  record.parts = parts.map(part => part.length);
  record.size = parts.reduce((sum, part) => sum + part.length, 0);
  if (parts.length > 0) record.preview = memory.preview(parts[0].address, parts[0].length);
};

/** `sizeof(struct mmsghdr)`, and where the address and the number of a message's parts stand in it. */
const messageSize = 64;
const partsAt = 16;
const partCountAt = 24;

/** How many messages there are, and their bytes: for receiving, the room for them. */
const messages: Note = (record, [, address, count, flags], memory) => {
  record.value = count;
  record.flags = flags;
  record.size = 0;
  for (let message = address; message < address + count * messageSize; message += messageSize) {
    const parts = memory.iovec(memory.uint64(message + partsAt), memory.uint32(message + partCountAt));
    record.size = parts.reduce((sum, part) => sum + part.length, record.size);
  }
};

const byPath = (kernel: string, ...fields: ('value' | 'option')[]): CallDescription => ({
  kernel,
  asked(record, [path, ...numbers], memory) {
    record.path = memory.text(path);
    for (const [index, field] of fields.entries()) record[field] = numbers[index];
  },
});

/** One number after the descriptor, or alone. */
const withValue = (kernel: string, at: number): CallDescription => ({
  kernel,
  ...(at > 0 ? { onFd: true } : {}),
  asked(record, args) {
    record.value = args[at];
  },
});

const limits: CallDescription = {
  kernel: 'prlimit64',
  asked(record, [resource]) {
    record.option = resource;
  },
};

const files: Record<string, CallDescription> = {
  openat: {
    kernel: 'openat',
    givesFd: true,
    asked(record, [, path, flags, mode], memory) {
      record.path = memory.text(path);
      record.flags = flags;
      record.value = mode;
    },
  },
  close: { kernel: 'close', onFd: true },
  statx: {
    kernel: 'statx',
    asked(record, [folder, path, flags], memory) {
      if (folder !== AT_FDCWD) record.fd = folder;
      record.path = memory.text(path);
      record.flags = flags;
    },
  },
  pread64: {
    kernel: 'pread64',
    onFd: true,
    asked(record, [, , size, offset]) {
      record.size = size;
      record.offset = offset;
    },
    got: received,
  },
  preadv2: {
    kernel: 'preadv2',
    onFd: true,
    asked(record, [, iov, count, offset, flags], memory) {
      record.size = memory.iovec(iov, count).reduce((sum, part) => sum + part.length, 0);
      record.offset = offset;
      record.flags = flags;
    },
    got(record, [, iov], memory) {
      record.preview = memory.preview(memory.iovec(iov, 1)[0].address, record.result);
    },
  },
  cachestat: {
    kernel: 'cachestat',
    onFd: true,
    asked(record, [, range], memory) {
      record.offset = memory.uint64(range);
      record.size = memory.uint64(range + 8);
    },
    got(record, [, , counts], memory) {
      record.value = memory.uint64(counts);
    },
  },
  openat2: {
    kernel: 'openat2',
    givesFd: true,
    asked(record, [, path, how], memory) {
      record.path = memory.text(path);
      record.flags = memory.uint64(how);
      record.value = memory.uint64(how + 8);
    },
  },
  getdents64: {
    kernel: 'getdents64',
    onFd: true,
    asked(record, [, , size]) {
      record.size = size;
    },
  },
  read: {
    kernel: 'read',
    onFd: true,
    asked(record, [, , size]) {
      record.size = size;
    },
    got: received,
  },
  write: {
    kernel: 'write',
    onFd: true,
    asked(record, [, buffer, size], memory) {
      record.preview = memory.preview(buffer, size);
      record.size = size;
    },
  },
  pwrite64: {
    kernel: 'pwrite64',
    onFd: true,
    asked(record, [, buffer, size, offset], memory) {
      record.preview = memory.preview(buffer, size);
      record.size = size;
      record.offset = offset;
    },
  },
  pwritev: {
    kernel: 'pwritev',
    onFd: true,
    asked(record, args, memory) {
      gathered(record, args, memory);
      record.offset = args[3];
    },
  },
  fsync: { kernel: 'fsync', onFd: true },
  fdatasync: { kernel: 'fdatasync', onFd: true },
  fallocate: {
    kernel: 'fallocate',
    onFd: true,
    asked(record, [, mode, offset, length]) {
      record.flags = mode;
      record.offset = offset;
      record.size = length;
    },
  },
  flock: {
    kernel: 'flock',
    onFd: true,
    asked(record, [, operation]) {
      record.flags = operation;
    },
  },
  renameat2: {
    kernel: 'renameat2',
    asked(record, [, from, , , flags], memory) {
      record.path = memory.text(from);
      record.flags = flags;
    },
  },
  fcntl: {
    kernel: 'fcntl',
    onFd: true,
    asked(record, [, command, argument]) {
      record.flags = command;
      record.value = argument;
    },
  },
  readahead: {
    kernel: 'readahead',
    onFd: true,
    asked(record, [, offset, size]) {
      record.offset = offset;
      record.size = size;
    },
  },
  posix_fadvise: {
    kernel: 'fadvise64',
    onFd: true,
    returnsErrno: true,
    asked(record, [, offset, length, advice]) {
      record.offset = offset;
      record.size = length;
      record.flags = advice;
    },
  },
  ftruncate: {
    kernel: 'ftruncate',
    onFd: true,
    asked(record, [, length]) {
      record.size = length;
    },
  },
  chown: byPath('chown', 'value', 'option'),
  chmod: byPath('chmod', 'value'),
  unlink: byPath('unlink'),
  mkdir: byPath('mkdir', 'value'),
  rmdir: byPath('rmdir'),
  utimensat: {
    kernel: 'utimensat',
    asked(record, [, path], memory) {
      record.path = memory.text(path);
    },
  },
  link: byPath('link'),
};

const address: Note = (record, [, , length]) => {
  record.size = length;
};

const sockets: Record<string, CallDescription> = {
  socket: {
    kernel: 'socket',
    givesFd: true,
    asked(record, [family, type, protocol]) {
      record.option = family;
      record.flags = type;
      record.value = protocol;
    },
  },
  bind: { kernel: 'bind', onFd: true, asked: address },
  listen: withValue('listen', 1),
  connect: { kernel: 'connect', onFd: true, asked: address },
  accept4: {
    kernel: 'accept4',
    onFd: true,
    givesFd: true,
    asked(record, [, , , flags]) {
      record.flags = flags;
    },
  },
  recv: {
    kernel: 'recvfrom',
    onFd: true,
    asked(record, [, , size, flags]) {
      record.size = size;
      record.flags = flags;
    },
    got: received,
  },
  send: {
    kernel: 'sendto',
    onFd: true,
    asked(record, [, buffer, size, flags], memory) {
      record.preview = memory.preview(buffer, size);
      record.size = size;
      record.flags = flags;
    },
  },
  writev: { kernel: 'writev', onFd: true, asked: gathered },
  sendmmsg: { kernel: 'sendmmsg', onFd: true, asked: messages },
  recvmmsg: { kernel: 'recvmmsg', onFd: true, asked: messages },
  shutdown: {
    kernel: 'shutdown',
    onFd: true,
    asked(record, [, how]) {
      record.flags = how;
    },
  },
  setsockopt: {
    kernel: 'setsockopt',
    onFd: true,
    asked(record, [, level, option, value, length], memory) {
      record.flags = level;
      record.option = option;
      record.value = memory.uint32(value) | 0;
      record.size = length;
    },
  },
  getsockopt: {
    kernel: 'getsockopt',
    onFd: true,
    asked(record, [, level, option]) {
      record.flags = level;
      record.option = option;
    },
    got(record, [, , , value], memory) {
      record.value = memory.uint32(value) | 0;
    },
  },
  getsockname: { kernel: 'getsockname', onFd: true },
  getpeername: { kernel: 'getpeername', onFd: true },
  sendfile: {
    kernel: 'sendfile',
    onFd: true,
    asked(record, [, file, offset, count], memory) {
      record.otherFd = file;
      record.offset = memory.uint64(offset);
      record.size = count;
    },
  },
};

const pipes: Record<string, CallDescription> = {
  pipe2: {
    kernel: 'pipe2',
    asked(record, [, flags]) {
      record.flags = flags;
    },
  },
  splice: {
    kernel: 'splice',
    onFd: true,
    asked(record, [, inOffset, output, outOffset, count, flags], memory) {
      record.otherFd = output;
      const offset = inOffset === 0 ? outOffset : inOffset;
      if (offset !== 0) record.offset = memory.uint64(offset);
      record.size = count;
      record.flags = flags;
    },
  },
};

const waiting: Record<string, CallDescription> = {
  epoll_create1: {
    kernel: 'epoll_create1',
    givesFd: true,
    asked(record, [flags]) {
      record.flags = flags;
    },
  },
  epoll_ctl: {
    kernel: 'epoll_ctl',
    onFd: true,
    asked(record, [, operation, fd, event], memory) {
      record.flags = operation;
      record.otherFd = fd;
      if (operation !== EPOLL_CTL_DEL) record.events = memory.epollEvents(event, 1);
    },
  },
  epoll_pwait: {
    kernel: 'epoll_pwait',
    onFd: true,
    asked(record, [, , most, timeout]) {
      record.size = most;
      record.value = timeout;
    },
    got(record, [, events], memory) {
      record.events = memory.epollEvents(events, record.result);
    },
  },
  timerfd_create: {
    kernel: 'timerfd_create',
    givesFd: true,
    asked(record, [, flags]) {
      record.flags = flags;
    },
  },
  timerfd_settime: { kernel: 'timerfd_settime', onFd: true },
  eventfd: {
    kernel: 'eventfd2',
    givesFd: true,
    asked(record, [initial, flags]) {
      record.value = initial;
      record.flags = flags;
    },
  },
};

const processes: Record<string, CallDescription> = {
  setuid: withValue('setuid', 0),
  setgid: withValue('setgid', 0),
  setrlimit: limits,
  getrlimit: limits,
  setpriority: {
    kernel: 'setpriority',
    asked(record, [, , priority]) {
      record.value = priority;
    },
  },
  chdir: byPath('chdir'),
  sched_setaffinity: {
    kernel: 'sched_setaffinity',
    asked(record, [, size]) {
      record.size = size;
    },
  },
  prctl: {
    kernel: 'prctl',
    asked(record, [option]) {
      record.option = option;
    },
  },
  umask: withValue('umask', 0),
  memfd_create: {
    kernel: 'memfd_create',
    givesFd: true,
    asked(record, [name, flags], memory) {
      record.path = memory.text(name);
      record.flags = flags;
    },
  },
  mmap: {
    kernel: 'mmap',
    asked(record, [, size, , , fd, offset]) {
      record.fd = fd;
      record.size = size;
      record.offset = offset;
    },
  },
};

/**
 * By libc's name. What is not listed makes a call of its own choice or none (glob, strlen), and is not recorded:
 * the ledger holds the calls that this program makes.
 */
export const describedCalls: Readonly<Record<string, CallDescription>> = {
  ...files,
  ...sockets,
  ...pipes,
  ...waiting,
  ...processes,
};
