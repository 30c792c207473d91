import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { describeMachine } from '../tools/machine.js';
import type { MachineReport } from './result.js';

/** What the figures depend on, read from /proc and /sys (proc(5), tcp(7)). */

export function machineReport(): MachineReport {
  const { processor, cores, kernel, node, congestionControl } = describeMachine();
  return { cpu: processor, cores, memory: totalmem(), kernel, node, congestionControl };
}

/** The socket buffers of a connection for which none are asked: least, default and most, in bytes. */
export function bufferLimits(): { readonly send: string; readonly receive: string } {
  const read = (name: string) => firstLine(`/proc/sys/net/ipv4/${name}`).split(/\s+/).join(' ') || 'unknown';
  return { send: read('tcp_wmem'), receive: read('tcp_rmem') };
}

/** Bytes of the first processor's data caches by their level; nothing where the kernel does not tell (in some guests). */
export function cacheSizes(): readonly { readonly level: number; readonly bytes: number }[] {
  const caches: { level: number; bytes: number }[] = [];
  for (let index = 0; ; index++) {
    const folder = `/sys/devices/system/cpu/cpu0/cache/index${index}`;
    const [, count, unit] = /^(\d+)([KM])$/.exec(firstLine(`${folder}/size`)) ?? [];
    if (count === undefined) return caches;
    if (firstLine(`${folder}/type`) === 'Instruction') continue;
    const bytes = Number(count) * (unit === 'M' ? 2 ** 20 : 2 ** 10);
    caches.push({ level: Number(firstLine(`${folder}/level`)), bytes });
  }
}

/** One number of /proc/meminfo, in bytes; 0 where it is not there. */
export function memoryOf(name: 'MemAvailable' | 'Dirty' | 'Writeback'): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(read('/proc/meminfo'));
  return Number(found?.[1] ?? 0) * 1024;
}

/** Bytes that a process has had read from disks so far (read_bytes in /proc/PID/io); 0 where the kernel does not tell. */
export function diskReadsOf(pid: number): number {
  const found = /^read_bytes: (\d+)$/m.exec(read(`/proc/${pid}/io`));
  return Number(found?.[1] ?? 0);
}

/** A file system as /proc/self/mountinfo names it. */
export interface FileSystem {
  /** ext4, xfs, tmpfs … */
  readonly type: string;
  /** What is mounted: /dev/vda1. A byte string. */
  readonly source: string;
}

/**
 * The file system that a folder is on.
 * @param folder a full path without symbolic links, a byte string
 * @param mounts the text of /proc/self/mountinfo
 */
export function fileSystemOf(folder: string, mounts = read('/proc/self/mountinfo')): FileSystem {
  let found: FileSystem = { type: 'unknown', source: 'unknown' };
  let longest = -1;
  for (const line of mounts.split('\n')) {
    const [place, rest] = line.split(' - ');
    if (rest === undefined) continue;
    const point = unescaped(place.split(' ')[4]);
    const isOn = point === '/' || folder === point || folder.startsWith(`${point}/`);
    // a later mount on the same point hides the one before
    if (!isOn || point.length < longest) continue;
    const [type, source] = rest.split(' ');
    found = { type, source: unescaped(source) };
    longest = point.length;
  }
  return found;
}

/** Blanks and backslashes stand as three octal digits there. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function firstLine(path: string): string {
  return read(path).split('\n', 1)[0].trim();
}
