/** The directives of the process and its event loop: nginx's core and event modules. */
import type { AnyDirective, Context, LogTarget, ParseContext } from '../conf/directive.js';
import { parseInteger } from '../conf/values.js';
import { coreProcess } from './core-process.js';
import type { LogLevel, Module } from './module.js';
import { count, EVERYWHERE, flag, invalidValue, row, time } from './rows.js';
import { isSyslog, parseSyslog } from './syslog.js';

/** The account that workers change to. */
export interface User {
  readonly user: string;
  /** Where only a user is given, the group of the same name. */
  readonly group: string;
  /** The place of the directive: whether there is such an account is known only later. */
  readonly file: string;
  readonly line: number;
}

/** Which processors each worker may run on. */
export interface CpuAffinity {
  /** One processor a worker, in turn; the mask, if there is one, says which may be used. */
  readonly auto: boolean;
  /** One mask a worker, the last one for all that remain: the numbers of its processors, from 0. */
  readonly masks: readonly (readonly number[])[];
}

/** One place that errors are written to. */
export interface ErrorLog {
  readonly target: LogTarget;
  /** The least severe level that is written. */
  readonly level: LogLevel;
}

declare module '../conf/settings.js' {
  interface Settings {
    user: User | null;
    workerProcesses: number | 'auto';
    workerCpuAffinity: CpuAffinity | null;
    /** The limit of open files (RLIMIT_NOFILE) of a worker; -1 leaves it as it is. */
    workerRlimitNofile: number;
    /** Milliseconds that a leaving worker waits for its requests; 0 waits for ever. */
    workerShutdownTimeout: number;
    daemon: boolean;
    masterProcess: boolean;
    /** Full path. */
    pid: string;
    /** Empty where none is configured: the server's own choice then. */
    errorLogs: readonly ErrorLog[];
    workerConnections: number;
    multiAccept: boolean;
    acceptMutex: boolean;
    use: 'epoll';
  }
}

const MAIN: readonly Context[] = ['main'];
const EVENTS: readonly Context[] = ['events'];
const MAX_CPUS = 1024;
/** From the most to the least severe. */
const LEVELS: readonly LogLevel[] = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];

function parseWorkers(args: readonly string[], cx: ParseContext): number | 'auto' {
  if (args[0] === 'auto') return 'auto';
  return parseInteger(args[0]!, 1) ?? cx.fail(invalidValue('worker_processes'));
}

/** The processors of a mask such as 0101, whose last digit is processor 0. */
function parseMask(mask: string, cx: ParseContext): number[] {
  if (mask.length > MAX_CPUS) cx.fail(`"worker_cpu_affinity" supports up to ${MAX_CPUS} CPUs only`);
  const cpus: number[] = [];
  for (let at = mask.length - 1; at >= 0; at--) {
    const digit = mask[at]!;
    if (digit === '1') cpus.push(mask.length - 1 - at);
    else if (digit !== '0') cx.fail(`invalid character "${digit}" in "worker_cpu_affinity"`);
  }
  return cpus;
}

function parseAffinity(args: readonly string[], cx: ParseContext): CpuAffinity {
  const auto = args[0] === 'auto';
  if (auto && args.length > 2) cx.fail('invalid number of arguments in "worker_cpu_affinity" directive');
  const masks = auto ? args.slice(1) : args;
  return { auto, masks: masks.map(mask => parseMask(mask, cx)) };
}

function parseErrorLog(args: readonly string[], cx: ParseContext): ErrorLog {
  const path = args[0]!;
  if (path.startsWith('memory:')) cx.fail('zerocopy was built without debug support, which "memory:" is for');
  let level: LogLevel | undefined;
  for (const word of args.slice(1)) {
    const named = LEVELS.find(each => each === word);
    if (named === undefined) return cx.fail(`invalid log level "${word}"`);
    if (level !== undefined) cx.fail(`duplicate log level "${word}"`);
    level = named;
  }
  const target = isSyslog(path)
    ? cx.syslog(path, parseSyslog(path, cx))
    : cx.log(path === 'stderr' ? '/dev/stderr' : path);
  return { target, level: level ?? 'error' };
}

const processRows: readonly AnyDirective[] = [
  row<'user'>({
    name: 'user',
    key: 'user',
    contexts: MAIN,
    args: [1, 2],
    initial: null,
    doc: 'The account, and the group, of the workers; counts only when started as root.',
    parse(args, cx) {
      if (process.geteuid?.() !== 0) {
        cx.warn('the "user" directive makes sense only if the master process runs with super-user privileges, ignored');
      }
      const { file, line } = cx.node;
      return { user: args[0]!, group: args[1] ?? args[0]!, file, line };
    },
  }),
  row<'workerProcesses'>({
    name: 'worker_processes',
    key: 'workerProcesses',
    contexts: MAIN,
    args: [1, 1],
    initial: 1,
    default: '1',
    doc: 'How many workers; auto is one a processor. Unlike nginx, 0 is refused: nobody would serve.',
    parse: parseWorkers,
  }),
  row<'workerCpuAffinity'>({
    name: 'worker_cpu_affinity',
    key: 'workerCpuAffinity',
    contexts: MAIN,
    args: [1, Number.POSITIVE_INFINITY],
    initial: null,
    doc: 'The processors of each worker as bit masks, or auto with a mask of those that may be used.',
    parse: parseAffinity,
  }),
  count('worker_rlimit_nofile', 'workerRlimitNofile', MAIN, 'as inherited', 'Open files a worker may have.', -1),
  time('worker_shutdown_timeout', 'workerShutdownTimeout', MAIN, '0', 'How long a leaving worker waits for requests.'),
  flag('daemon', 'daemon', MAIN, 'on', 'Whether to go into the background.'),
  flag('master_process', 'masterProcess', MAIN, 'on', 'Whether workers are processes of their own.'),
  row<'pid'>({
    name: 'pid',
    key: 'pid',
    contexts: MAIN,
    args: [1, 1],
    initial: '',
    preset: ['logs/zerocopy.pid'],
    default: 'logs/zerocopy.pid',
    doc: 'The file that holds the process number of the master.',
    parse: (args, cx) => cx.prefixPath(args[0]!),
  }),
  row<'errorLogs'>({
    name: 'error_log',
    key: 'errorLogs',
    contexts: ['main', ...EVERYWHERE],
    args: [1, Number.POSITIVE_INFINITY],
    repeatable: true,
    initial: [],
    preset: ['logs/error.log'],
    default: 'logs/error.log error',
    doc: 'A file, stderr or syslog:server=…, and the least severe level that is written to it (error). No memory.',
    parse: (args, cx, before) => [...(before ?? []), parseErrorLog(args, cx)],
  }),
];

const eventRows: readonly AnyDirective[] = [
  row<'workerConnections'>({
    name: 'worker_connections',
    key: 'workerConnections',
    contexts: EVENTS,
    args: [1, 1],
    initial: 512,
    default: '512',
    doc: 'The most connections of a worker, those that listen included.',
    parse: (args, cx) => parseInteger(args[0]!, 1) ?? cx.fail(`invalid number "${args[0]}"`),
  }),
  flag('multi_accept', 'multiAccept', EVENTS, 'off', 'Whether to accept all waiting connections at once.'),
  flag('accept_mutex', 'acceptMutex', EVENTS, 'off', 'Whether workers take turns to accept.'),
  row<'use'>({
    name: 'use',
    key: 'use',
    contexts: EVENTS,
    args: [1, 1],
    initial: 'epoll',
    default: 'epoll',
    doc: 'How events are waited for; epoll is the only way.',
    parse: (args, cx) => (args[0] === 'epoll' ? 'epoll' : cx.fail(`invalid event type "${args[0]}"`)),
  }),
];

export const coreMain: Module = { name: 'core_main', directives: [...processRows, ...coreProcess, ...eventRows] };
