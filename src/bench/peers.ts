import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childrenOf, servingProcess, tailOf } from '../tools/processes.js';
import { freePort } from '../tools/waiting.js';
import { configurationFor, type ServerName, uris } from './configuration.js';
import { smallSize, type Workplace } from './files.js';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** How long a server may take until it answers, and to end (ms). */
const startLimit = 10_000;
const stopLimit = 3000;
const askAgainAfter = 20;

/** A server that runs. */
export class Peer {
  private constructor(
    readonly name: ServerName,
    /** "http://127.0.0.1:PORT" */
    readonly origin: string,
    readonly port: number,
    /** The process that serves, whose CPU time counts. */
    readonly worker: number,
    private readonly master: ChildProcess,
    private readonly accessLog: string,
  ) {}

  /**
   * Starts a server on a free port of the loopback, and waits until it answers.
   * @param nginx the program, where nginx is to be started
   * @throws Error with what the server said when it does not come up; the signal's reason when that is aborted
   */
  static async start(name: ServerName, nginx: string, place: Workplace, signal: AbortSignal): Promise<Peer> {
    const port = await freePort();
    const { prefix, root } = place;
    const file = `${prefix}${name}.conf`;
    writeFileSync(file, configurationFor(name, port, root));
    const errorLog = `${prefix}${name}-error.log`;
    const [command, args] =
      name === 'nginx'
        ? [nginx, ['-e', errorLog, '-c', file, '-p', prefix]]
        : [process.execPath, [program, '-c', file, '-p', prefix]];
    const master = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const origin = `http://127.0.0.1:${port}`;
    try {
      await untilAnswers(name, master, origin + uris.small, errorLog, signal);
      const worker = servingProcess(master.pid as number);
      return new Peer(name, origin, port, worker, master, `${prefix}${name}-access.log`);
    } catch (error) {
      await end(master);
      throw error;
    }
  }

  /** Empties the access log, so that writing it back to the disk does not disturb the next measurement. */
  emptyLog(): void {
    truncateSync(this.accessLog);
  }

  async stop(): Promise<void> {
    await end(this.master);
  }
}

/** A master accepts connections before its worker serves: only an answer shows that all is up. */
async function untilAnswers(
  name: string,
  master: ChildProcess,
  url: string,
  errorLog: string,
  signal: AbortSignal,
): Promise<void> {
  let said = '';
  let failure = '';
  master.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  master.on('error', error => {
    failure = error.message;
  });
  const deadline = performance.now() + startLimit;
  while (performance.now() < deadline) {
    if (failure !== '') throw new Error(`${name} cannot be started: ${failure}`);
    if (hasEnded(master)) throw new Error(`${name} ended at its start: ${said.trim() || tailOf(errorLog)}`);
    const size = await sizeOfAnswer(url, signal);
    if (size === smallSize) return;
    await sleep(askAgainAfter, undefined, { signal });
  }
  throw new Error(`${name} does not serve ${url} after ${startLimit / 1000} s: ${said.trim() || tailOf(errorLog)}`);
}

/** Bytes of a 200's body, or -1 for anything else. */
function sizeOfAnswer(url: string, signal: AbortSignal): Promise<number> {
  return new Promise(resolve => {
    const request = get(url, { agent: false, signal, timeout: 1000 }, response => {
      let size = 0;
      response.on('data', (data: Buffer) => {
        size += data.length;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? size : -1));
      response.on('error', () => resolve(-1));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(-1));
  });
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Asks a server to end, and after a while does not ask: nor its worker, which would outlive it. */
async function end(master: ChildProcess): Promise<void> {
  const { pid } = master;
  if (pid === undefined || hasEnded(master)) return;
  const exit = once(master, 'exit');
  master.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const each of [pid, ...childrenOf(pid)]) killIfThere(each);
  }, stopLimit);
  await exit;
  clearTimeout(timer);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
