import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A slow disk: the kernel gives the processes of a cgroup so many bytes a second of the disk that the files are on, and no more
 * (io.max of cgroup v2, blkio.throttle of v1). It takes root. What is in the page cache is as fast as ever.
 */

/** How long processes that have ended may keep a cgroup busy (ms), and how often it is tried. */
const patience = 2000;
const pause = 20;

/** The cgroups that disks can be given shares by. */
export interface Tree {
  readonly folder: string;
  readonly version: 1 | 2;
}

export class SlowStore {
  private readonly folder: string;

  /**
   * @param path a file or folder on the disk
   * @param rate bytes a second
   * @param mounts those of this process
   * @throws Error where no disk can be slowed down here, with the reason
   */
  constructor(path: string, rate: number, mounts = readFileSync('/proc/self/mounts', 'latin1')) {
    const disk = diskOf(path);
    const tree = treeOf(mounts);
    this.folder = `${tree.folder}/zerocopy-cold-${process.pid}`;
    try {
      if (tree.version === 2) writeFileSync(`${tree.folder}/cgroup.subtree_control`, '+io');
      mkdirSync(this.folder);
      if (tree.version === 2) writeFileSync(`${this.folder}/io.max`, `${disk} rbps=${rate}`);
      else writeFileSync(`${this.folder}/blkio.throttle.read_bps_device`, `${disk} ${rate}`);
    } catch (error) {
      this.remove();
      throw new Error(`no disk can be slowed down here (cgroups, as root): ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  /** Has a process read slowly from now on. */
  add(pid: number): void {
    writeFileSync(`${this.folder}/cgroup.procs`, `${pid}`);
  }

  /** Waits until its processes have ended, and removes the cgroup. */
  async close(): Promise<void> {
    for (let left = patience; left > 0 && !this.remove(); left -= pause) await sleep(pause);
  }

  /** False where processes are in it. For the end of this process, too, which cannot wait. */
  remove(): boolean {
    try {
      if (existsSync(this.folder)) rmdirSync(this.folder);
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * Version 2 where it has the disks (`io`), else version 1's `blkio`: a kernel may have both trees, and each kind of share is in one.
 * @param mounts lines of proc(5), mounts
 * @throws Error where there is none
 */
export function treeOf(mounts: string): Tree {
  const trees = mounts.split('\n').map(line => {
    const [, folder = '', type, options = ''] = line.split(' ');
    if (type === 'cgroup2' && controllersOf(folder).includes('io')) return { folder, version: 2 } as const;
    return type === 'cgroup' && options.split(',').includes('blkio') ? ({ folder, version: 1 } as const) : null;
  });
  const found = trees.find(tree => tree?.version === 2) ?? trees.find(tree => tree !== null);
  if (found) return found;
  throw new Error('no disk can be slowed down here: there are no cgroups for it (io, or blkio)');
}

function controllersOf(folder: string): string[] {
  const path = `${folder}/cgroup.controllers`;
  return existsSync(path) ? readFileSync(path, 'latin1').trim().split(' ') : [];
}

/** `254:0`: the whole disk that a file is on. */
function diskOf(path: string): string {
  const { dev } = statSync(path);
  const own = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const device = `/sys/dev/block/${own}`;
  if (!existsSync(device)) throw new Error(`"${path}" is on no disk: give another folder in TMPDIR`);
  return existsSync(`${device}/partition`) ? readFileSync(`${device}/../dev`, 'latin1').trim() : own;
}
