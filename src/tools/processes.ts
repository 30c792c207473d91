import { readdirSync, readFileSync } from 'node:fs';

/** What other processes are and cost, from /proc (proc(5)), and what they have said. */

/** The unit of times in /proc/PID/stat: 100 to the second for every program, whatever the kernel's own tick. */
const nanosecondsPerTick = 10_000_000;

/** What is read of /proc/PID/stat. */
export interface ProcessStat {
  readonly parent: number;
  /** Nanoseconds in user and in kernel mode, in steps of 10 ms, and both together; threads that have ended are in it. */
  readonly user: number;
  readonly system: number;
  readonly cpu: number;
}

/**
 * Reads the text of /proc/PID/stat. The name of the program stands in parentheses and may hold blanks and parentheses, so
 * the fields are counted from the last one on.
 */
export function parseStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // field 3, the state, is the first one here: ppid is field 4, utime 14, stime 15
  const user = Number(fields[11]) * nanosecondsPerTick;
  const system = Number(fields[12]) * nanosecondsPerTick;
  return { parent: Number(fields[1]), user, system, cpu: user + system };
}

/** The nanoseconds on a processor, which are the first number of /proc/PID/task/TID/schedstat. */
export function parseSchedstat(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}

/**
 * Processor time of a process so far, user and system, of all its threads that live: in nanoseconds from schedstat, or in
 * steps of 10 ms where the kernel was built without it.
 * @throws Error when there is no such process
 */
export function cpuNanoseconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  try {
    return threads.reduce((sum, thread) => {
      return sum + parseSchedstat(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'));
    }, 0);
  } catch {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')).cpu;
  }
}

/** The most bytes that a process has had in memory so far (VmHWM); 0 where it has ended. */
export function peakMemory(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

/** The bytes that a process has in memory now (VmRSS); 0 where it has ended. */
export function residentMemory(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: string): number {
  try {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The processes that a process has started and that live. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(each => parentOf(each) === pid);
}

/** -1 where the process has ended in the meantime. */
function parentOf(pid: number): number {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1')).parent;
  } catch {
    return -1;
  }
}

/**
 * The process that serves: the one worker of a master, or the process itself where it has no master.
 * @throws Error when there are several
 */
export function servingProcess(pid: number): number {
  const children = childrenOf(pid);
  if (children.length > 1)
    throw new Error(`process ${pid} has ${children.length} children: which of them is the worker?`);
  return children[0] ?? pid;
}

/** Reads the last lines of a log for an error message; '' where there is none. */
export function tailOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
}
