/** What the arguments of each system call mean: positions as in section 2 of the manual. */
import type { SystemCall } from './event.js';
import { descriptorOf, fieldsOf, namesOf, numberOf, unquote } from './strace-args.js';

/** Positions of a call's arguments. */
interface Shape {
  readonly fd?: number;
  readonly otherFd?: number;
  readonly path?: number;
  /** A buffer whose first bytes strace shows. */
  readonly buffer?: number;
  /** An iovec, or a msghdr with one in it. */
  readonly vector?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly flags?: readonly number[];
  readonly value?: number;
  /** epoll_event or pollfd: one, or an array of them. */
  readonly events?: number;
  /** The descriptor that it returns is of interest. */
  readonly gives?: boolean;
}

const buffered: Shape = { fd: 0, buffer: 1, size: 2 };
const vectored: Shape = { fd: 0, vector: 1 };
const onPath: Shape = { path: 0 };
const atPath: Shape = { fd: 0, path: 1 };
const onDescriptor: Shape = { fd: 0 };

const shapes: ReadonlyMap<string, Shape> = new Map(
  Object.entries<Shape>({
    read: buffered,
    write: buffered,
    pread64: { ...buffered, offset: 3 },
    pwrite64: { ...buffered, offset: 3 },
    recvfrom: { ...buffered, flags: [3] },
    recv: { ...buffered, flags: [3] },
    sendto: { ...buffered, flags: [3] },
    send: { ...buffered, flags: [3] },
    readv: vectored,
    writev: vectored,
    preadv: { ...vectored, offset: 3 },
    preadv2: { ...vectored, offset: 3 },
    pwritev: { ...vectored, offset: 3 },
    recvmsg: { ...vectored, flags: [2] },
    sendmsg: { ...vectored, flags: [2] },
    sendfile: { fd: 0, otherFd: 1, offset: 2, size: 3 },
    sendfile64: { fd: 0, otherFd: 1, offset: 2, size: 3 },
    // as with sendfile, `fd` is where the bytes go and `otherFd` where they come from
    splice: { fd: 2, otherFd: 0, offset: 1, size: 4, flags: [5] },
    tee: { fd: 1, otherFd: 0, size: 2, flags: [3] },
    copy_file_range: { fd: 2, otherFd: 0, offset: 1, size: 4 },
    cachestat: onDescriptor,
    mmap: { fd: 4, size: 1, offset: 5, flags: [2, 3] },
    openat: { path: 1, flags: [2], gives: true },
    openat2: { path: 1, gives: true },
    open: { ...onPath, flags: [1], gives: true },
    creat: { ...onPath, gives: true },
    stat: onPath,
    lstat: onPath,
    access: onPath,
    execve: onPath,
    unlink: onPath,
    mkdir: onPath,
    rmdir: onPath,
    utimensat: atPath,
    readlink: onPath,
    fstat: onDescriptor,
    newfstatat: { ...atPath, flags: [3] },
    fstatat64: { ...atPath, flags: [3] },
    statx: { ...atPath, flags: [2] },
    faccessat: atPath,
    faccessat2: atPath,
    readlinkat: atPath,
    unlinkat: atPath,
    close: onDescriptor,
    accept: { ...onDescriptor, gives: true },
    accept4: { ...onDescriptor, flags: [3], gives: true },
    bind: onDescriptor,
    listen: onDescriptor,
    connect: onDescriptor,
    socket: { flags: [0, 1], gives: true },
    getsockname: onDescriptor,
    getpeername: onDescriptor,
    shutdown: { fd: 0, flags: [1] },
    setsockopt: { fd: 0, flags: [2], value: 3 },
    getsockopt: { fd: 0, flags: [2], value: 3 },
    fcntl: { fd: 0, flags: [1, 2], value: 2 },
    ioctl: { fd: 0, flags: [1] },
    lseek: { fd: 0, offset: 1, flags: [2] },
    fsync: onDescriptor,
    fdatasync: onDescriptor,
    ftruncate: { fd: 0, size: 1 },
    fadvise64: { fd: 0, offset: 1, size: 2, flags: [3] },
    readahead: { fd: 0, offset: 1, size: 2 },
    getdents64: { fd: 0, size: 2 },
    dup: { ...onDescriptor, gives: true },
    dup2: { ...onDescriptor, gives: true },
    dup3: { ...onDescriptor, flags: [2], gives: true },
    epoll_create: { gives: true },
    epoll_create1: { flags: [0], gives: true },
    eventfd2: { flags: [1], gives: true },
    clone: { flags: [1] },
    epoll_ctl: { fd: 0, otherFd: 2, flags: [1], events: 3 },
    epoll_wait: { fd: 0, events: 1, value: 3 },
    epoll_pwait: { fd: 0, events: 1, value: 3 },
    epoll_pwait2: { fd: 0, events: 1 },
    poll: { events: 0, value: 2 },
    ppoll: { events: 0 },
  }),
);

/** The fields of a call that its arguments tell; those that it has not are absent. */
export type CallFields = Partial<{
  -readonly [Key in keyof SystemCall]: SystemCall[Key];
}>;

/** One event of an epoll instance, with the data that the program gave it, which alone tells whose it is. */
export interface RawEvent {
  readonly names: readonly string[];
  readonly fd?: number;
  readonly data?: string;
}

/**
 * Reads the arguments of one call.
 * @param name the call's name
 * @param args its arguments, as strace writes them
 * @param result what is behind `=`, as strace writes it
 * @returns nothing for a call that has no entry here; for a call that gives a descriptor, what `-y` says of that one is
 *   `fdPath` (openat) or `otherFdPath` (accept4, where `fdPath` is the listener's)
 */
export function readArguments(name: string, args: readonly string[], result: string): CallFields {
  const shape = shapes.get(name);
  if (shape === undefined) return {};
  const fields: CallFields = {};
  readDescriptors(shape, args, result, fields);
  readSizes(shape, args, fields);
  const path = shape.path === undefined ? undefined : unquote(args[shape.path]);
  if (path !== undefined) fields.path = path;
  if (shape.flags !== undefined) {
    const flags = shape.flags.flatMap(at => namesOf(args[at]));
    // newer kernels' clone is written with names
    fields.flags = name === 'clone' ? namesOf(fieldsOf(args.join(','), 'flags')[0]) : flags;
  }
  const value = shape.value === undefined ? undefined : numberOf(args[shape.value]);
  if (value !== undefined) fields.value = value;
  return fields;
}

function readDescriptors(shape: Shape, args: readonly string[], result: string, fields: CallFields): void {
  if (shape.fd !== undefined) {
    const { fd, path } = descriptorOf(args[shape.fd]);
    if (fd !== undefined) fields.fd = fd;
    if (path !== undefined && fd !== undefined) fields.fdPath = path;
  }
  const other =
    shape.otherFd === undefined ? (shape.gives ? descriptorOf(result) : {}) : descriptorOf(args[shape.otherFd]);
  if (shape.otherFd !== undefined && other.fd !== undefined) fields.otherFd = other.fd;
  if (other.path === undefined) return;
  if (shape.fd === undefined) fields.fdPath = other.path;
  else fields.otherFdPath = other.path;
}

function readSizes(shape: Shape, args: readonly string[], fields: CallFields): void {
  const size = shape.size === undefined ? undefined : numberOf(args[shape.size]);
  if (size !== undefined) fields.size = size;
  const offset = shape.offset === undefined ? undefined : numberOf(args[shape.offset]);
  if (offset !== undefined) fields.offset = offset;
  if (shape.buffer !== undefined) setPreview(fields, args[shape.buffer]);
  if (shape.vector === undefined) return;
  const vector = args[shape.vector] ?? '';
  const parts = fieldsOf(vector, 'iov_len').map(length => Number(length));
  if (parts.length > 0 && parts.every(part => part >= 0)) {
    fields.parts = parts;
    fields.size = parts.reduce((sum, part) => sum + part, 0);
  }
  setPreview(fields, fieldsOf(vector, 'iov_base')[0]);
}

function setPreview(fields: CallFields, quoted: string | undefined): void {
  const preview = unquote(quoted);
  if (preview !== undefined) fields.preview = preview;
}

/**
 * The events that a call asks for (epoll_ctl) or gets (epoll_wait, poll).
 * @param result with poll, strace writes them behind the result
 */
export function readEvents(name: string, args: readonly string[], result: string): RawEvent[] | undefined {
  const at = shapes.get(name)?.events;
  if (at === undefined || args[at] === undefined) return undefined;
  if (name === 'poll' || name === 'ppoll') return readPoll(args[at], result);
  // each event is `{events=…, data=…}`
  const masks = fieldsOf(args[at], 'events');
  const data = fieldsOf(args[at], 'data');
  return masks.map((mask, index) => {
    const own = data[index] === undefined ? undefined : (fieldsOf(data[index], 'u64')[0] ?? data[index]);
    return { names: namesOf(mask), ...(own === undefined ? {} : { data: own }) };
  });
}

function readPoll(asked: string, result: string): RawEvent[] {
  const source = result.includes('revents=') ? result : asked;
  const masks = fieldsOf(source, source === result ? 'revents' : 'events');
  const fds = fieldsOf(source, 'fd');
  return masks.map((mask, index) => {
    const { fd } = descriptorOf(fds[index]);
    return { names: namesOf(mask), ...(fd === undefined ? {} : { fd }) };
  });
}
