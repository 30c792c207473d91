/** What each descriptor stands for, by what the trace itself shows of it from its first call to its close. */
import type { Role, SystemCall, TraceEvent } from './event.js';

/** One descriptor from where it is made (or first seen) to where it is closed: numbers are used again, this is not. */
export interface Life {
  role: Role;
  /** How sure that is; a surer sign overrules. */
  strength: number;
  /** Whether the trace shows how it was made. */
  isWhole: boolean;
}

/** The descriptors of one call; those that it has not are absent. */
export interface CallDescriptors {
  readonly fd?: Life;
  readonly other?: Life;
  readonly gives?: Life;
  readonly events?: readonly (Life | null)[];
}

/** The signs of a role, from a guess to a certainty. */
const strength = { guess: 1, looks: 2, opened: 4, used: 5, said: 6, known: 8, certain: 9 } as const;

const readers = new Set(['read', 'readv', 'recv', 'recvfrom', 'recvmsg']);
const writers = new Set(['write', 'writev', 'send', 'sendto', 'sendmsg']);
const makers = new Set(['accept', 'accept4', 'open', 'openat', 'openat2', 'creat', 'socket', 'dup', 'dup2', 'dup3']);
const otherMakers = new Set(['eventfd2', 'timerfd_create', 'signalfd4', 'inotify_init1', 'memfd_create', 'pidfd_open']);
const socketCalls = new Set(['recv', 'recvfrom', 'recvmsg', 'send', 'sendto', 'sendmsg', 'shutdown']);
const fileCalls = new Set(['pread64', 'preadv', 'preadv2', 'fadvise64', 'readahead']);

const requestLine = /^[A-Z]{3,10} (?:\/|\*|http)/;
// a recorder shows the first bytes only: sixteen of them end behind the bracket
const accessLine = /^[0-9a-fA-F.:]{3,} - \S+ (?:\[|$)/;
const errorLine = /^\d{4}\/\d\d\/\d\d(?: |$)/;
const systemPath = /^\/(?:etc|proc|sys|dev|lib|lib64|usr\/lib|usr\/lib64|usr\/share\/zoneinfo)\//;

/** Whether bytes begin as a request does. */
export function isRequestLine(preview: string | undefined): boolean {
  return preview !== undefined && requestLine.test(preview);
}

/** What a path stands for when nothing else is known of it. */
export function roleOfPath(path: string, flags: readonly string[] = []): Role {
  if (/(?:^|\/)[^/]*error[^/]*(?:log)?$/.test(path) && /log/.test(path)) return 'error log';
  if (/(?:\.log|_log|\/access)$/.test(path)) return 'access log';
  // a file that is open, once more
  if (path.startsWith('/proc/self/fd/')) return 'file';
  if (systemPath.test(path) || flags.includes('O_DIRECTORY')) return 'other';
  return flags.includes('O_WRONLY') || flags.includes('O_RDWR') ? 'other' : 'file';
}

/** Follows the descriptors of a trace through all its calls. */
export function followDescriptors(events: readonly TraceEvent[]): CallDescriptors[] {
  const tables = tablesOf(events);
  const guesses = new Guesses();
  const perTable = new Map<number, Map<number, Life>>();
  const found = events.map((event): CallDescriptors => {
    if (event.kind !== 'call') return {};
    const id = tables.get(event.pid) ?? 0;
    let table = perTable.get(id);
    if (table === undefined) {
      table = new Map();
      perTable.set(id, table);
    }
    return follow(event, table, guesses);
  });
  nameEvents(events, found);
  return found;
}

/**
 * Where a trace does not show whose event a wait brought, what the thread turned to next tells; a wait on another epoll instance
 * says that it was that one.
 */
function nameEvents(events: readonly TraceEvent[], found: CallDescriptors[]): void {
  const waits = new Map<number, number>();
  for (const [at, event] of events.entries()) {
    const own = found[at];
    // what was taken for a descriptor and is named nowhere else is a small pointer
    if (own.events?.length === 1 && (own.events[0]?.strength ?? 0) === 0) {
      waits.set(event.pid, at);
      continue;
    }
    const wait = waits.get(event.pid);
    const role = own.fd?.role;
    if (wait === undefined || own.fd === undefined) continue;
    const isOther = role === 'epoll' && own.fd !== found[wait].fd;
    if (!isOther && role !== 'client' && role !== 'listener') continue;
    found[wait] = { ...found[wait], events: [own.fd] };
    waits.delete(event.pid);
  }
}

/**
 * Which table of descriptors each thread uses. Threads share one; of processes that were attached to, only this tells: one
 * of them is given a number that another has open.
 */
function tablesOf(events: readonly TraceEvent[]): Map<number, number> {
  const tables = new Map<number, number>();
  const makersOf = new Map<number, number>();
  let areProcesses = false;
  for (const event of events) {
    if (event.kind !== 'call') continue;
    if (event.name === 'close' && event.fd !== undefined) makersOf.delete(event.fd);
    if (!makers.has(event.name) || event.result < 0) continue;
    const before = makersOf.get(event.result);
    if (before !== undefined && before !== event.pid && !event.name.startsWith('dup')) areProcesses = true;
    makersOf.set(event.result, event.pid);
  }
  for (const event of events) tables.set(event.pid, areProcesses ? event.pid : 0);
  return tables;
}

/** What a thread did last, for descriptors of which nothing else is known. */
class Guesses {
  private readonly hasAnswered = new Map<number, boolean>();

  note(call: SystemCall, role: Role): void {
    if (role !== 'client') return;
    if (writers.has(call.name) || call.name.startsWith('sendfile')) this.hasAnswered.set(call.pid, true);
    else if (readers.has(call.name)) this.hasAnswered.set(call.pid, false);
  }

  /** A server writes its error before the answer, and its access line behind it; null outside of requests. */
  logOf(call: SystemCall): Role | null {
    const answered = this.hasAnswered.get(call.pid);
    if (answered === undefined) return null;
    return answered ? 'access log' : 'error log';
  }
}

function follow(call: SystemCall, table: Map<number, Life>, guesses: Guesses): CallDescriptors {
  const fd = lifeOf(table, call.fd, call.fdPath);
  const other = lifeOf(table, call.otherFd, call.otherFd === undefined ? undefined : call.otherFdPath);
  if (fd !== undefined) judge(call, fd, other, guesses);
  const gives = make(call, table, fd);
  const events = call.events?.map(event => lifeOf(table, event.fd, undefined) ?? null);
  if (call.name === 'close' && call.fd !== undefined) table.delete(call.fd);
  if (fd !== undefined) guesses.note(call, fd.role);
  return {
    ...(fd === undefined ? {} : { fd }),
    ...(other === undefined ? {} : { other }),
    ...(gives === undefined ? {} : { gives }),
    ...(events === undefined ? {} : { events }),
  };
}

function lifeOf(table: Map<number, Life>, fd: number | undefined, path: string | undefined): Life | undefined {
  if (fd === undefined || fd < 0) return undefined;
  let life = table.get(fd);
  if (life === undefined) {
    life = { role: 'other', strength: 0, isWhole: false };
    table.set(fd, life);
  }
  if (path !== undefined) judgePath(life, path);
  return life;
}

function note(life: Life, role: Role, how: number): void {
  if (how <= life.strength) return;
  life.role = role;
  life.strength = how;
}

/** What `strace -y` and -yy say of a descriptor. */
function judgePath(life: Life, path: string): void {
  if (path.includes('[eventpoll]')) note(life, 'epoll', strength.certain);
  else if (path.startsWith('anon_inode:') || path.startsWith('pipe:')) note(life, 'other', strength.known);
  else if (path.startsWith('UNIX')) note(life, 'other', strength.used);
  else if (path.startsWith('TCP')) note(life, path.includes('->') ? 'client' : 'listener', strength.looks);
  else if (path.startsWith('/')) {
    const role = roleOfPath(path);
    note(life, role, role === 'file' ? strength.opened : strength.known);
  }
}

/** What a call tells of the descriptors that it works on. */
function judge(call: SystemCall, fd: Life, other: Life | undefined, guesses: Guesses): void {
  const { name } = call;
  if (name.startsWith('epoll_')) note(fd, 'epoll', strength.certain);
  else if (name === 'listen' || name === 'accept' || name === 'accept4') note(fd, 'listener', strength.certain);
  else if (name === 'connect') note(fd, 'other', strength.certain);
  else if (fileCalls.has(name)) note(fd, 'file', strength.used);
  else if (name === 'copy_file_range') note(fd, 'file', strength.used);
  else if (name.startsWith('sendfile')) note(fd, 'client', strength.looks);
  else if (socketCalls.has(name)) note(fd, 'client', strength.opened);
  else if (name === 'setsockopt' && call.flags?.some(flag => flag.startsWith('TCP_'))) {
    note(fd, 'client', strength.looks);
  }
  if (other !== undefined && (name.startsWith('sendfile') || name === 'copy_file_range')) {
    note(other, 'file', strength.used);
  }
  if (readers.has(name) && isRequestLine(call.preview)) note(fd, 'client', strength.said);
  if (writers.has(name)) judgeWrite(call, fd, guesses);
}

function judgeWrite(call: SystemCall, fd: Life, guesses: Guesses): void {
  const { preview, name } = call;
  if (preview?.startsWith('HTTP/1.')) note(fd, 'client', strength.said);
  else if (preview !== undefined && accessLine.test(preview)) note(fd, 'access log', strength.said);
  else if (preview !== undefined && errorLine.test(preview)) note(fd, 'error log', strength.said);
  else if (call.errno === 'EAGAIN' || name === 'writev') note(fd, 'client', strength.looks);
  // eight bytes wake an eventfd
  else if (name === 'write' && call.size !== 8 && !fd.isWhole) {
    const log = guesses.logOf(call);
    if (log !== null) note(fd, log, strength.guess);
  }
}

/** The descriptor that a call gives. */
function make(call: SystemCall, table: Map<number, Life>, fd: Life | undefined): Life | undefined {
  if (call.result < 0 || call.errno !== '') return undefined;
  const { name } = call;
  const isKnown = makers.has(name) || otherMakers.has(name) || name === 'epoll_create' || name === 'epoll_create1';
  if (!isKnown) return undefined;
  const life: Life = { role: 'other', strength: 0, isWhole: true };
  table.set(call.result, life);
  if (name.startsWith('accept')) note(life, 'client', strength.certain);
  else if (name.startsWith('epoll')) note(life, 'epoll', strength.certain);
  else if (otherMakers.has(name)) note(life, 'other', strength.known);
  // a socket of the server's own making is one to listen, or to ask someone else
  else if (name === 'socket') note(life, 'other', strength.said);
  else if (name.startsWith('dup')) Object.assign(life, fd, { isWhole: true });
  else {
    const role = roleOfPath(call.path ?? '', call.flags);
    note(life, role, role === 'file' || systemPath.test(call.path ?? '') === false ? strength.opened : strength.known);
    if (call.path === undefined && call.fdPath !== undefined) judgePath(life, call.fdPath);
  }
  return life;
}
