import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoText } from '../../native/errno.js';
import { parseInteger } from '../conf/values.js';
import { buildConfig, type ConfigOptions, readConfig } from '../server/load.js';
import { nodePath } from './bytes.js';
import { reasonOf, report } from './failure.js';
import { type SignalName, signals } from './nginx-flags.js';

/** That fits into a pid_t. */
const mostPid = 0x7fffffff;

/**
 * `-s`: sends a signal to the server whose pid file the configuration names. The messages are nginx's.
 * @throws ConfigError
 */
export function sendSignal(options: ConfigOptions, name: SignalName): void {
  const { pid: path } = buildConfig(readConfig(options).nodes, options).main;
  const pid = readPid(path);
  if (pid !== undefined && send(pid, signals[name])) return;
  process.exitCode = 1;
}

function readPid(path: string): number | undefined {
  try {
    const text = readFileSync(nodePath(path), 'latin1').replace(/[\r\n]+$/, '');
    const pid = parseInteger(text, 1);
    // kill(2) takes 0 and what has no room in its number for a whole group of processes
    if (pid !== undefined && pid <= mostPid) return pid;
    report('error', `invalid PID number "${text}" in "${path}"`);
    return undefined;
  } catch (error) {
    const { syscall } = error as NodeJS.ErrnoException;
    report('error', `${syscall === 'read' ? 'pread' : 'open'}() "${path}" failed (${failureOf(error)})`);
    return undefined;
  }
}

function send(pid: number, signal: (typeof signals)[SignalName]): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    report('alert', `kill(${pid}, ${constants.signals[signal]}) failed (${failureOf(error)})`);
    return false;
  }
}

function failureOf(error: unknown): string {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? reasonOf(error) : errnoText(-errno);
}
