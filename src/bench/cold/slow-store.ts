import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A slow disk: the kernel gives the processes of a cgroup so many bytes a second of the disk that the files are on, and no more
 * (io.max of cgroup v2, blkio.throttle of v1). It takes root. What is in the page cache is as fast as ever.
 */

const tree = '/sys/fs/cgroup';
/** How long processes that have ended may keep a cgroup busy (ms), and how often it is tried. */
const patience = 2000;
const pause = 20;

export class SlowStore {
  private readonly folder: string;

  /**
   * @param path a file or folder on the disk
   * @param rate bytes a second
   * @throws Error where no disk can be slowed down here, with the reason
   */
  constructor(path: string, rate: number) {
    const disk = diskOf(path);
    const isV1 = existsSync(`${tree}/blkio/cgroup.procs`);
    this.folder = `${tree}/${isV1 ? 'blkio/' : ''}zerocopy-cold-${process.pid}`;
    try {
      mkdirSync(this.folder);
      if (isV1) {
        writeFileSync(`${this.folder}/blkio.throttle.read_bps_device`, `${disk} ${rate}`);
      } else {
        writeFileSync(`${tree}/cgroup.subtree_control`, '+io');
        writeFileSync(`${this.folder}/io.max`, `${disk} rbps=${rate}`);
      }
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

/** `254:0`: the whole disk that a file is on. */
function diskOf(path: string): string {
  const { dev } = statSync(path);
  const own = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const device = `/sys/dev/block/${own}`;
  if (!existsSync(device)) throw new Error(`"${path}" is on no disk: give another folder in TMPDIR`);
  return existsSync(`${device}/partition`) ? readFileSync(`${device}/../dev`, 'latin1').trim() : own;
}
