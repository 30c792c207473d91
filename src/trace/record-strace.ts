import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, gather, start } from '../tools/children.js';
import { findProgram } from '../tools/programs.js';
import { until } from '../tools/waiting.js';

/** strace (1) on a process that runs already, and whether it may. */

/** Whether the calls of another process can be seen; if not, why, and what to do about it. */
export type CanTrace = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly how: string };

/** A strace that watches. */
export interface Attached {
  /** Lets go of the process, and gives all that was written. */
  detach(): Promise<string>;
}

/** `-f` is not among these: of a process, the thread that serves is watched, and it alone is disturbed, unless threads are asked for. */
const straceArgs = ['-s', '64', '-ttt', '-T', '-y'];

/**
 * Attaches strace to the first thread of a process, or to all. What was waiting in the kernel comes back once with EINTR.
 * @throws Error with strace's words when it is not there or not allowed (canTrace says what to do)
 */
export async function attachStrace(pid: number, hasThreads = false): Promise<Attached> {
  const folder = await mkdtemp(join(tmpdir(), 'zerocopy-strace-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const letGo = () => {
    process.off('exit', remove);
    remove();
  };
  const file = `${folder}/strace.txt`;
  try {
    const stop = await startStrace([...(hasThreads ? ['-f'] : []), '-p', `${pid}`, '-o', file, ...straceArgs]);
    return {
      async detach() {
        await stop();
        const text = readFileSync(file, 'latin1');
        letGo();
        return text;
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

/** Starts strace, waits until it is attached, and gives what ends it. */
async function startStrace(args: readonly string[]): Promise<() => Promise<void>> {
  const child = start('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const messages = gather(child.stderr);
  let failure = '';
  child.on('error', error => {
    failure = error.message;
  });
  let hasEnded = false;
  const end = ended(child).then(() => {
    hasEnded = true;
  });
  const stop = async () => {
    child.kill('SIGINT');
    await end;
  };
  try {
    await until(
      () => messages.text.includes('attached'),
      () => !hasEnded,
      () => failure || messages.text.trim() || 'strace does not attach',
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/**
 * Tries whether strace can be attached to another process, on one that does nothing: what forbids it is in so many places
 * (Yama, capabilities, seccomp, strace already at work) that only trying is sure.
 */
export async function canTrace(): Promise<CanTrace> {
  if (findProgram('strace') === undefined) {
    return { ok: false, why: 'strace is not installed', how: howToInstall(textOf('/etc/os-release')) };
  }
  const sleeper = start('sleep', ['60'], { stdio: 'ignore' });
  try {
    const stop = await startStrace(['-p', `${sleeper.pid}`, '-o', '/dev/null']);
    await stop();
    return { ok: true };
  } catch (error) {
    const circumstances = {
      isRoot: process.geteuid?.() === 0,
      ptraceScope: Number(textOf('/proc/sys/kernel/yama/ptrace_scope') || '0'),
      mayTrace: mayTrace(textOf('/proc/self/status')),
    };
    return { ok: false, why: (error as Error).message, how: howToAllow(circumstances) };
  } finally {
    sleeper.kill('SIGKILL');
    await ended(sleeper);
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

/** Bit 19 of the capabilities in effect (capabilities(7)). */
const CAP_SYS_PTRACE = 1n << 19n;

/** @param status the text of /proc/self/status */
export function mayTrace(status: string): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0';
  return (BigInt(`0x${capabilities}`) & CAP_SYS_PTRACE) !== 0n;
}

/** @param osRelease the text of /etc/os-release (os-release(5)) */
export function howToInstall(osRelease: string): string {
  const words = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, list]) => list.split(' '));
  if (words.some(word => word === 'debian' || word === 'ubuntu')) return 'sudo apt-get install strace';
  if (words.some(word => word === 'fedora' || word === 'rhel')) return 'sudo dnf install strace';
  if (words.includes('alpine')) return 'sudo apk add strace';
  return "install the package strace (Debian: 'apt-get install strace', Fedora: 'dnf install strace', Alpine: 'apk add strace')";
}

/** What to do where strace is there and may not attach. */
export function howToAllow(at: { isRoot: boolean; ptraceScope: number; mayTrace: boolean }): string {
  if (at.ptraceScope === 3) {
    return 'kernel.yama.ptrace_scope is 3: no process may be traced until the machine is started anew with a lower value';
  }
  if (at.isRoot && !at.mayTrace) {
    return 'this container may not trace: start it with --cap-add=SYS_PTRACE (docker, podman)';
  }
  if (at.isRoot) return 'a seccomp profile or another tracer forbids it: try outside of the container or sandbox';
  if (at.ptraceScope > 0) {
    return `kernel.yama.ptrace_scope is ${at.ptraceScope}: run this with sudo${at.ptraceScope === 1 ? ", or allow it until the next start with 'sudo sysctl kernel.yama.ptrace_scope=0'" : ''}`;
  }
  return 'run this with sudo; in a container, start that with --cap-add=SYS_PTRACE (docker, podman)';
}
