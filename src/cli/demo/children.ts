import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that does not outlive this one. */
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
    if (child.exitCode !== null) resolve(child.exitCode);
    child.on('close', code => resolve(code ?? -1));
    child.on('error', () => resolve(-1));
  });
}

/** Gathers what a program writes to a pipe. */
export function gather(stream: NodeJS.ReadableStream | null): { text: string } {
  const gathered = { text: '' };
  stream?.on('data', (part: Buffer) => {
    gathered.text += part.toString('latin1');
  });
  return gathered;
}
