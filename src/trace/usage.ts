import { readFileSync } from 'node:fs';
import { cpuNanoseconds } from '../tools/processes.js';

/** What the kernel has counted of a process so far (proc(5)). */
export interface Usage {
  /** Processor time of all threads, in ms. */
  readonly cpuMs: number;
  /** The same in user and in kernel mode, in steps of 10 ms. */
  readonly userMs: number;
  readonly systemMs: number;
  /** Context switches of the first thread, which serves. */
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /** Bytes that came from a disk because of it; those that were in the page cache did not. */
  readonly bytesFromDisk: number;
}

const tickMs = 10;

/** @throws Error when there is no such process */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // the second field is the program's name, which may hold anything; the third one follows its last ")"
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const count = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return {
    cpuMs: cpuNanoseconds(pid) / 1e6,
    userMs: Number(fields[11]) * tickMs,
    systemMs: Number(fields[12]) * tickMs,
    voluntarySwitches: count('voluntary_ctxt_switches'),
    involuntarySwitches: count('nonvoluntary_ctxt_switches'),
    bytesFromDisk: Number(/^read_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0),
  };
}

/** What has come since then. */
export function usageSince(pid: number, before: Usage): Usage {
  const now = usageOf(pid);
  return {
    cpuMs: now.cpuMs - before.cpuMs,
    userMs: now.userMs - before.userMs,
    systemMs: now.systemMs - before.systemMs,
    voluntarySwitches: now.voluntarySwitches - before.voluntarySwitches,
    involuntarySwitches: now.involuntarySwitches - before.involuntarySwitches,
    bytesFromDisk: now.bytesFromDisk - before.bytesFromDisk,
  };
}

/** Memory of a process that is in RAM and its own (`Anonymous` pages and the like), in bytes. */
export function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^RssAnon:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
