import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { onSignal } from './signals.js';

/** Programs that the tools start: servers, clients, strace. */

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that does not outlive this one (see endOnSignals for Ctrl-C). */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  child.on('exit', () => running.delete(child));
  child.on('error', () => running.delete(child));
  return child;
}

/** Waits until a program has ended; gives its exit code, or -1 where it could not be started or a signal ended it. */
export function ended(child: ChildProcess): Promise<number> {
  return new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? -1);
    child.on('close', code => resolve(code ?? -1));
    child.on('error', () => resolve(-1));
  });
}

/** Gathers what a program writes to a pipe, as a byte string. */
export function gather(stream: NodeJS.ReadableStream | null): { text: string } {
  const gathered = { text: '' };
  stream?.on('data', (part: Buffer) => {
    gathered.text += part.toString('latin1');
  });
  return gathered;
}

/**
 * Has Ctrl-C, SIGTERM and SIGHUP end this process in the way that 'exit' listeners hear of: they end the children and remove the folders. For a
 * command to call once.
 */
export function endOnSignals(): void {
  onSignal((_, code) => process.exit(code));
}
