import { availableParallelism } from 'node:os';
import { check } from '../../native/errno.js';
import { close } from '../../native/file.js';
import {
  getLimit,
  initgroups,
  lookupGroup,
  lookupUser,
  RLIMIT_NOFILE,
  setAffinity,
  setDumpable,
  setgid,
  setLimit,
  setThreadName,
  setuid,
} from '../../native/process.js';
import type { Settings } from '../conf/settings.js';
import type { Node } from '../conf/syntax.js';
import type { ListeningSocket } from './listener.js';
import { buildConfig } from './load.js';
import { Runtime } from './runtime.js';
import { Worker } from './worker.js';

/** What a master tells a new worker. */
export interface StartMessage {
  readonly type: 'start';
  readonly nodes: readonly Node[];
  readonly prefix: string;
  readonly errorLog: string | undefined;
  readonly sockets: readonly ListeningSocket[];
  /** From 0. */
  readonly number: number;
  readonly workers: number;
}

/** What a master tells a running worker: end at once, end when all is done, open the logs anew. */
export type Order = { readonly type: 'stop' | 'leave' | 'reopen' };

/** What a worker tells its master. */
export type Report = { readonly type: 'ready' } | { readonly type: 'failed'; readonly message: string };

/** The process that a master starts: waits for its orders, and serves. */
function main(): void {
  let worker: Worker | null = null;
  let sockets: readonly ListeningSocket[] = [];
  const stop = () => (worker === null ? process.exit(0) : worker.stop());
  const leave = () => (worker === null ? process.exit(0) : worker.leave(() => closeAll(sockets)));
  // Ctrl-C at a terminal reaches all of its processes: it is the master that decides
  process.on('SIGINT', () => {});
  process.on('SIGTERM', stop);
  process.on('SIGQUIT', leave);
  process.on('SIGUSR1', () => worker?.reopenLogs());
  process.on('disconnect', leave);
  process.on('message', (message: StartMessage | Order) => {
    if (message.type === 'start') {
      ({ sockets } = message);
      worker = begin(message);
    } else if (message.type === 'stop') stop();
    else if (message.type === 'leave') leave();
    else worker?.reopenLogs();
  });
}

function closeAll(sockets: readonly ListeningSocket[]): void {
  for (const { fd } of sockets) close(fd);
}

function begin(message: StartMessage): Worker | null {
  try {
    const runtime = new Runtime(buildConfig(message.nodes, message.prefix, message.errorLog));
    const { main } = runtime.config;
    const worker = new Worker(runtime, message.prefix, message.sockets, message.number, message.workers > 1, () =>
      process.exit(0),
    );
    worker.openLogs();
    settle(main, message.number);
    worker.start();
    process.send?.({ type: 'ready' } satisfies Report);
    return worker;
  } catch (error) {
    process.send?.(
      { type: 'failed', message: error instanceof Error ? error.message : String(error) } satisfies Report,
      () => process.exit(2),
    );
    return null;
  }
}

/** The worker's limits, processors and rights, as the configuration has them. */
function settle(main: Settings, number: number): void {
  process.title = 'zerocopy: worker process';
  setThreadName('zerocopy-worker');
  raiseFileLimit(main);
  const cpus = processorsOf(main, number);
  if (cpus.length > 0) check(setAffinity(cpus), 'sched_setaffinity()');
  if (main.user !== null && process.geteuid?.() === 0) dropRights(main.user.user, main.user.group);
}

/** Without `worker_rlimit_nofile`, as many files as the system allows without asking: 2,000 downloads take 4,000. */
function raiseFileLimit(main: Settings): void {
  const { hard } = getLimit(RLIMIT_NOFILE);
  const wanted = main.workerRlimitNofile;
  if (wanted < 0) setLimit(RLIMIT_NOFILE, hard, hard);
  else check(setLimit(RLIMIT_NOFILE, wanted, Math.max(wanted, hard)), 'setrlimit(RLIMIT_NOFILE)');
}

function processorsOf(main: Settings, number: number): readonly number[] {
  const { workerCpuAffinity } = main;
  if (workerCpuAffinity === null) return [];
  const { auto, masks } = workerCpuAffinity;
  if (!auto) return masks[Math.min(number, masks.length - 1)];
  const allowed = masks.length > 0 ? masks[0] : Array.from({ length: availableParallelism() }, (_, index) => index);
  return allowed.length === 0 ? [] : [allowed[number % allowed.length]];
}

/** @throws SystemError, or an Error that names the account */
function dropRights(user: string, group: string): void {
  const account = lookupUser(user);
  if (account === null) throw new Error(`getpwnam("${user}") failed: there is no such user`);
  const gid = lookupGroup(group);
  if (gid < 0) throw new Error(`getgrnam("${group}") failed: there is no such group`);
  check(setgid(gid), `setgid(${gid})`);
  check(initgroups(user, gid), `initgroups(${user}, ${gid})`);
  check(setuid(account.uid), `setuid(${account.uid})`);
  setDumpable();
}

main();
