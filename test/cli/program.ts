/** Runs the built program in a folder of its own, and waits for what it does. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const startProgram = fileURLToPath(new URL('../../src/cli/start.js', import.meta.url));
const patience = 15_000;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the program. */
export class Run {
  stdout = '';
  stderr = '';
  readonly end: Promise<Finished>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (part: Buffer) => {
      this.stdout += part.toString('latin1');
    });
    child.stderr!.on('data', (part: Buffer) => {
      this.stderr += part.toString('latin1');
    });
    this.end = new Promise(resolve => {
      child.on('close', code => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }
}

export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `waited in vain: ${what}`);
    await sleep(10);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

export function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** A folder with conf, logs and html, and the programs that were started in it: all gone after `clean`. */
export class Bench {
  readonly folder = `${mkdtempSync(`${tmpdir()}/zerocopy-cli-`)}/`;
  readonly pidFile = `${this.folder}logs/zerocopy.pid`;
  private readonly runs: Run[] = [];

  constructor() {
    for (const name of ['conf', 'logs', 'html']) mkdirSync(this.folder + name);
    this.write('html/index.html', 'hello\n');
  }

  write(name: string, text: string): void {
    writeFileSync(this.folder + name, text);
  }

  read(name: string): string {
    return readFileSync(this.folder + name, 'latin1');
  }

  /** conf/nginx.conf: one server for html/ on a port, with `main` before it. */
  configure(port: number, main: string, inServer = ''): void {
    this.write(
      'conf/nginx.conf',
      `${main}\nevents {}\nhttp {\n  server { listen 127.0.0.1:${port}; root html; ${inServer} }\n}\n`,
    );
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Run {
    return this.keep(spawn(process.execPath, [program, ...args], { cwd: this.folder, env }));
  }

  /** The program of `npm start`. */
  startPackage(args: readonly string[]): Run {
    return this.keep(spawn(process.execPath, [startProgram, ...args], { cwd: this.folder }));
  }

  /** Has a shell script start the program, whose words are its "$@": for arguments that Node cannot hand over. */
  startBy(script: string): Run {
    return this.keep(spawn('sh', ['-c', script, 'sh', process.execPath, program], { cwd: this.folder }));
  }

  private keep(child: ChildProcess): Run {
    const run = new Run(child);
    this.runs.push(run);
    return run;
  }

  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
    return this.start(args, env).end;
  }

  /** As `run`, with this folder as the prefix. */
  here(...args: string[]): Promise<Finished> {
    return this.run(['-p', this.folder, ...args]);
  }

  /** The process number in the pid file, or -1. */
  get pid(): number {
    return existsSync(this.pidFile) ? Number(this.read('logs/zerocopy.pid')) : -1;
  }

  async clean(): Promise<void> {
    const { pid } = this;
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGTERM');
    for (const { child } of this.runs) if (child.exitCode === null) child.kill('SIGTERM');
    await Promise.all(this.runs.map(({ end }) => end));
    if (pid > 0) await until(() => !isAlive(pid), 'the server ends');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The program's name in the process list. */
export function titleOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
}
