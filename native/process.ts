import { decode, struct } from 'koffi';
import { ENAMETOOLONG } from './errno.js';
import { bind, bindWithStrings, result } from './libc.js';
import { cString, MemoryBlock } from './memory.js';

/** Rights, limits and placement of this process (setuid(2), setrlimit(2), setpriority(2), sched_setaffinity(2), chdir(2), prctl(2)). */

export const RLIMIT_CORE = 4;
export const RLIMIT_NOFILE = 7;

const PR_SET_DUMPABLE = 4;
const PR_SET_NAME = 15;

const callSetuid = bind('int setuid(uint32_t uid)');
const callSetgid = bind('int setgid(uint32_t gid)');
const callInitgroups = bindWithStrings<(user: string, gid: number) => number>(
  'int initgroups(const char *user, uint32_t gid)',
);
const callSetrlimit = bind('int setrlimit(int resource, uintptr_t limits)');
const callGetrlimit = bind('int getrlimit(int resource, uintptr_t limits)');
const callSetpriority = bind('int setpriority(int which, uint32_t who, int priority)');
const callChdir = bind('int chdir(uintptr_t path)');
const callSetaffinity = bind('int sched_setaffinity(int pid, uint64_t size, uintptr_t mask)');
const callPrctl = bind('int prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d)');
const callUmask = bind('uint32_t umask(uint32_t mask)');

/** glibc sets the ids of all threads of the process, libuv's and V8's with them (nptl(7)). */
export function setuid(uid: number): number {
  return result(callSetuid(uid));
}

export function setgid(gid: number): number {
  return result(callSetgid(gid));
}

/** Takes the groups of /etc/group that name the user, and `gid`. */
export function initgroups(user: string, gid: number): number {
  return result(callInitgroups(user, gid));
}

/** `struct rlimit`: two 64-bit numbers, soft and hard. */
const limits = new MemoryBlock(128);

const unlimited = 0xffff_ffff_ffff_ffffn;

/** A limit of 2^64 and more, which is what getLimit gives for none, is RLIM_INFINITY. Returns 0 or the negative errno. */
export function setLimit(resource: number, soft: number, hard: number): number {
  limits.bytes.writeBigUInt64LE(limitWord(soft), 0);
  limits.bytes.writeBigUInt64LE(limitWord(hard), 8);
  return result(callSetrlimit(resource, limits.address));
}

function limitWord(limit: number): bigint {
  return limit >= 2 ** 64 ? unlimited : BigInt(limit);
}

/** Soft and hard limit; "no limit" comes out as about 1.8e19. */
export function getLimit(resource: number): { soft: number; hard: number } {
  result(callGetrlimit(resource, limits.address));
  return { soft: Number(limits.bytes.readBigUInt64LE(0)), hard: Number(limits.bytes.readBigUInt64LE(8)) };
}

const PRIO_PROCESS = 0;

/** Of the calling thread, which is the one that serves, and of those that it starts later (nptl(7)). @param priority -20, the first, to 19 */
export function setPriority(priority: number): number {
  return result(callSetpriority(PRIO_PROCESS, 0, priority));
}

/** Goes to a folder. Node's own process.cwd() may go on to name the one before. */
export function changeFolder(path: string): number {
  const address = cString(path);
  return address < 0 ? -ENAMETOOLONG : result(callChdir(address));
}

/** The kernel's cpu_set_t: one bit a processor, 1024 of them. */
const cpuSet = new MemoryBlock(128);

/** Binds the calling thread, which is the one that serves, to processors, given by their numbers (below 1024). */
export function setAffinity(cpus: readonly number[]): number {
  cpuSet.bytes.fill(0);
  for (const cpu of cpus) cpuSet.bytes[cpu >> 3] |= 1 << (cpu & 7);
  return result(callSetaffinity(0, cpuSet.size, cpuSet.address));
}

/** Allows core dumps and debuggers again after setuid, which takes that right away. */
export function setDumpable(): number {
  return result(callPrctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

const threadName = new MemoryBlock(128);

/** The name of the calling thread in ps and top: 15 bytes at most. */
export function setThreadName(name: string): number {
  threadName.bytes.fill(0);
  threadName.bytes.latin1Write(name.slice(0, 15), 0);
  return result(callPrctl(PR_SET_NAME, threadName.address, 0, 0, 0));
}

/** Sets the mask of rights taken from new files; gives the one before. */
export function umask(mask: number): number {
  return callUmask(mask);
}

/** The head of `struct passwd` and of `struct group` (getpwnam(3), getgrnam(3)), which is the same on every 64-bit Linux. */
const accountHead = struct('account_head', {
  name: 'const char *',
  password: 'const char *',
  id: 'uint32_t',
  group: 'uint32_t',
});
const callGetpwnam = bindWithStrings<(name: string) => unknown>('account_head *getpwnam(const char *name)');
const callGetgrnam = bindWithStrings<(name: string) => unknown>('account_head *getgrnam(const char *name)');

/** The ids of a user by name, or null where there is none. For start-up only: it may read files and ask the network. */
export function lookupUser(name: string): { uid: number; gid: number } | null {
  const found = callGetpwnam(name);
  if (found === null) return null;
  const { id, group } = decode(found, accountHead) as { id: number; group: number };
  return { uid: id, gid: group };
}

/** The id of a group by name, or -1 where there is none. */
export function lookupGroup(name: string): number {
  const found = callGetgrnam(name);
  return found === null ? -1 : (decode(found, accountHead) as { id: number }).id;
}
