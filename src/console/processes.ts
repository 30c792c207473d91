import { readFileSync } from 'node:fs';
import { parseStat } from '../tools/processes.js';

/** What the kernel tells of a worker in /proc (proc(5)). */
export interface ProcessFigures {
  /** Seconds of CPU so far, to 10 ms. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
  /** Bytes of memory (RSS); 0 where it cannot be read. */
  readonly memory: number;
  /** Bytes that it had read from disks so far; null where the kernel does not tell, or not us. */
  readonly disk: number | null;
}

/** Null where there is no such process any more. */
export function figuresOf(pid: number): ProcessFigures | null {
  const stat = read(pid, 'stat');
  if (stat === '') return null;
  const { user, system } = parseStat(stat);
  return {
    cpuUser: user / 1e9,
    cpuSystem: system / 1e9,
    memory: 1024 * (numberOf(read(pid, 'status'), 'VmRSS') ?? 0),
    disk: numberOf(read(pid, 'io'), 'read_bytes'),
  };
}

/** The number behind a name in such a text; null where there is none. */
export function numberOf(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
