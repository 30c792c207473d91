import { availableParallelism } from 'node:os';
import { check, errnoText } from '../../native/errno.js';
import {
  changeFolder,
  getLimit,
  initgroups,
  lookupGroup,
  lookupUser,
  RLIMIT_CORE,
  RLIMIT_NOFILE,
  setAffinity,
  setDumpable,
  setgid,
  setLimit,
  setPriority,
  setuid,
} from '../../native/process.js';
import type { Settings } from '../conf/settings.js';
import { ConfigError } from '../conf/syntax.js';

/**
 * Gives a process that serves the limits, processors and rights that the configuration has for it. Rights go last, and do
 * not come back: what only root may open is open by then.
 * @param number the worker's own, from 0
 * @param alert told of what it has to do without
 * @throws SystemError, or a ConfigError that names the account
 */
export function applyProcessSettings(main: Settings, number: number, alert: (message: string) => void): void {
  const attempt = (call: string, returned: number) => {
    if (returned < 0) alert(`${call} failed (${errnoText(-returned)})`);
  };
  const { workerPriority, workerRlimitNofile, workerRlimitCore, workingDirectory } = main;
  if (workerPriority !== 0) attempt(`setpriority(${workerPriority})`, setPriority(workerPriority));
  attempt(`setrlimit(RLIMIT_NOFILE, ${workerRlimitNofile})`, raiseFileLimit(workerRlimitNofile));
  if (workerRlimitCore >= 0) {
    const returned = setLimit(RLIMIT_CORE, workerRlimitCore, workerRlimitCore);
    attempt(`setrlimit(RLIMIT_CORE, ${workerRlimitCore})`, returned);
  }
  const cpus = processorsOf(main, number);
  if (cpus.length > 0) attempt('sched_setaffinity()', setAffinity(cpus));
  const user = workerUser(main);
  if (user !== null) dropRights(user);
  if (workingDirectory !== '') check(changeFolder(workingDirectory), `chdir("${workingDirectory}")`);
}

/**
 * The account that workers run as, or null where they stay who they are: only root can become somebody else.
 * @throws ConfigError where there is no such user or group
 */
export function workerUser({ user }: Settings): { name: string; uid: number; gid: number } | null {
  if (user === null || process.geteuid?.() !== 0) return null;
  const fail = (call: string, name: string) => new ConfigError(`${call}("${name}") failed`, user.file, user.line);
  const account = lookupUser(user.user);
  if (account === null) throw fail('getpwnam', user.user);
  const gid = lookupGroup(user.group);
  if (gid < 0) throw fail('getgrnam', user.group);
  return { name: user.user, uid: account.uid, gid };
}

/** Without `worker_rlimit_nofile`, as many files as the system gives without asking: each download takes two. */
function raiseFileLimit(wanted: number): number {
  const { hard } = getLimit(RLIMIT_NOFILE);
  return wanted < 0 ? setLimit(RLIMIT_NOFILE, hard, hard) : setLimit(RLIMIT_NOFILE, wanted, Math.max(wanted, hard));
}

function processorsOf({ workerCpuAffinity }: Settings, number: number): readonly number[] {
  if (workerCpuAffinity === null) return [];
  const { auto, masks } = workerCpuAffinity;
  if (!auto) return masks[Math.min(number, masks.length - 1)];
  const allowed = masks.length > 0 ? masks[0] : Array.from({ length: availableParallelism() }, (_, index) => index);
  return allowed.length === 0 ? [] : [allowed[number % allowed.length]];
}

function dropRights({ uid, name, gid }: { uid: number; name: string; gid: number }): void {
  check(setgid(gid), `setgid(${gid})`);
  check(initgroups(name, gid), `initgroups(${name}, ${gid})`);
  check(setuid(uid), `setuid(${uid})`);
  setDumpable();
}
