import type { ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ended, gather, start } from '../../tools/children.js';
import { childrenOf, cpuNanoseconds, peakMemory, tailOf } from '../../tools/processes.js';
import { freePort, until } from '../../tools/waiting.js';
import { pinned } from '../pinning.js';
import type { PairPaths } from '../secured.js';
import { probe } from '../url/probe.js';
import type { Launch, PeerKind } from './peer.js';

/** How long a server may take to end before it is not asked any more (ms). */
const stopLimit = 3000;
/** How long it may take to answer for the first time, on an emulated processor too, and how long one answer may take (ms). */
const startLimit = 40_000;
const answerLimit = 8000;

/** How long after its connections have broken a server may still seem to be there (ms). */
const endGrace = 1000;

const running = new Set<RunningPeer>();

// before the one of src/tools/children.ts: workers that have lost their master cannot be found any more
process.prependListener('exit', () => {
  for (const peer of running) peer.kill();
});

/** What a server needs to be started. */
export interface StartPlace {
  /** A folder that the server's own one is made in; with its slash. */
  readonly folder: string;
  readonly root: string;
  /** A file of the root, and its size: when it is answered with so many bytes, the server serves. */
  readonly sign: { readonly name: string; readonly size: number };
  /** For HTTPS. */
  readonly pair?: PairPaths;
}

/** A server that runs, on the core of the servers. */
export class RunningPeer {
  private constructor(
    readonly kind: PeerKind,
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly launch: Launch,
    private readonly folder: string,
    private readonly said: { readonly text: string },
    private readonly scheme: 'http' | 'https',
  ) {}

  /**
   * Starts a server on a free port of the loopback, and waits until it answers.
   * @param folderName of its folder, new
   * @throws Error with what the server said when it does not come up
   */
  static async start(kind: PeerKind, program: string, folderName: string, place: StartPlace): Promise<RunningPeer> {
    const folder = `${place.folder}${folderName}/`;
    mkdirSync(folder);
    const port = await freePort();
    const { root, pair } = place;
    const launch = kind.configure({ folder, root, port, ...(pair !== undefined && { pair }) }, program);
    const { command, args, env, files } = launch;
    for (const [name, text] of Object.entries(files)) {
      if (name.endsWith('/')) mkdirSync(folder + name);
      else writeFileSync(folder + name, text);
    }
    const output = openSync(`${folder}output`, 'a');
    const child = start(...pinned('server', command, args), {
      cwd: folder,
      stdio: ['ignore', output, 'pipe'],
      env: { ...process.env, ...env },
    });
    const peer = new RunningPeer(
      kind,
      port,
      child,
      launch,
      folder,
      gather(child.stderr),
      pair === undefined ? 'http' : 'https',
    );
    running.add(peer);
    try {
      await peer.serves(place.sign);
    } catch (error) {
      await peer.stop();
      throw error;
    }
    return peer;
  }

  get origin(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it has ended or is about to: its connections break before its parent hears of it. */
  async endsSoon(): Promise<boolean> {
    if (this.isAlive) await Promise.race([ended(this.child), sleep(endGrace, undefined, { ref: false })]);
    return !this.isAlive;
  }

  /** Its processes: master and workers. */
  processes(): number[] {
    const { pid } = this.child;
    if (pid === undefined || !this.isAlive) return [];
    const found = [pid];
    for (const each of found) found.push(...childrenOf(each));
    return found;
  }

  /** Nanoseconds of CPU of all its processes, since they were started. */
  cpu(): number {
    return this.processes().reduce((sum, pid) => sum + cpuNanoseconds(pid), 0);
  }

  /** Bytes: the most that each of its processes has had in memory, together. */
  memory(): number {
    return this.processes().reduce((sum, pid) => sum + peakMemory(pid), 0);
  }

  /** Its last words, for a message; '' where there are none. */
  lastWords(): string {
    return this.said.text.trim() || tailOf(this.folder + this.launch.errorLog);
  }

  /** Asks it to end; after a while it and its processes are not asked any more. */
  async stop(): Promise<void> {
    running.delete(this);
    const processes = this.processes();
    if (processes.length === 0) return;
    this.child.kill(this.launch.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => processes.forEach(kill), stopLimit);
    await ended(this.child);
    clearTimeout(timer);
    // a worker that has lost its master
    processes.slice(1).forEach(kill);
  }

  /** For the end of this process, which cannot wait. */
  kill(): void {
    this.processes().forEach(kill);
  }

  private async serves({ name, size }: StartPlace['sign']): Promise<void> {
    const url = `${this.origin}/${name}`;
    const answers = () =>
      probe(url, { headers: {}, insecure: true, timeout: answerLimit / 1000 }, AbortSignal.timeout(answerLimit)).then(
        ({ status, length }) => status === 200 && length === size,
        () => false,
      );
    await until(
      answers,
      () => this.isAlive,
      () => `${this.kind.name} does not serve: ${this.lastWords() || 'it says nothing'}`,
      startLimit,
    );
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
