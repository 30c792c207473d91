import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ended, gather, start } from '../tools/children.js';
import { servingProcess, tailOf } from '../tools/processes.js';
import { findProgram } from '../tools/programs.js';
import { freePort, until } from '../tools/waiting.js';
import { type TraceSettings, traceConfig } from './trace-config.js';

const zerocopy = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const stopLimit = 3000;
/** Asked for before the trace begins: a server's first response costs calls that later ones do not (the time zone). */
const warmUp = 'zerocopy-trace-is-up';

export interface TraceServerOptions extends TraceSettings {
  readonly program: 'zerocopy' | 'nginx';
  /** Of the document root, by name ('folder/name'): their bytes, or how many random ones. */
  readonly files: Readonly<Record<string, Buffer | string | number>>;
  /** Switches the ledger on (Zerocopy only). */
  readonly ledger?: boolean;
  /** Has strace start it, and write its calls to straceFile from the beginning. */
  readonly strace?: boolean;
  /** Has that strace watch all threads. */
  readonly hasThreads?: boolean;
}

/** `-I 2`: to end strace ends what it has started. */
const straceArgs = ['-I', '2', '-s', '64', '-ttt', '-T', '-y'];

/** A server to be traced, with its configuration, logs and files in a temporary folder. */
export class TraceServer {
  private constructor(
    readonly program: 'zerocopy' | 'nginx',
    readonly folder: string,
    readonly port: number,
    /** The process that serves. */
    readonly pid: number,
    /** Where the ledger is; '' where it is off. */
    readonly ledgerFile: string,
    /** Where strace writes to; '' where it has not started the server. */
    readonly straceFile: string,
    private readonly child: ChildProcess,
    private readonly remove: () => void,
  ) {
    // nginx's worker outlives a master that is killed
    if (pid !== child.pid) process.on('exit', this.killWorker);
  }

  /**
   * Writes files and configuration, starts the server on a free port of the loopback and waits until it answers. Server
   * and folder go when `stop` is called, and at the latest when this process exits (endOnSignals for Ctrl-C).
   * @throws Error with what the server said when it does not come up, or that nginx is not installed
   */
  static async start(options: TraceServerOptions): Promise<TraceServer> {
    const { program, ledger = false, strace = false, hasThreads = false } = options;
    const { folder, remove } = temporaryFolder();
    try {
      fillRoot(`${folder}/files`, options.files);
      const port = await freePort();
      writeFileSync(`${folder}/server.conf`, traceConfig(program, options, port), 'latin1');
      const ledgerFile = ledger && program === 'zerocopy' ? `${folder}/ledger.txt` : '';
      const straceFile = strace ? `${folder}/strace.txt` : '';
      const [command, args] = commandOf(program, straceFile, hasThreads);
      const child = start(command, [...args, '-p', `${folder}/`, '-c', `${folder}/server.conf`], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ZEROCOPY_LEDGER: ledgerFile },
      });
      try {
        await untilServes(program, child, port, folder);
        return new TraceServer(
          program,
          folder,
          port,
          servingProcess(child.pid as number),
          ledgerFile,
          straceFile,
          child,
          remove,
        );
      } catch (error) {
        await end(child);
        throw error;
      }
    } catch (error) {
      remove();
      throw error;
    }
  }

  get root(): string {
    return `${this.folder}/files`;
  }
  get accessLog(): string {
    return `${this.folder}/access.log`;
  }
  get errorLog(): string {
    return `${this.folder}/error.log`;
  }

  /** @param target path and query, with the slash */
  url(target: string): string {
    return `http://127.0.0.1:${this.port}${target}`;
  }

  /** Ends the server and removes its folder. */
  async stop(): Promise<void> {
    await end(this.child);
    this.killWorker();
    process.off('exit', this.killWorker);
    this.remove();
  }

  private readonly killWorker = () => {
    try {
      if (this.pid !== this.child.pid) process.kill(this.pid, 'SIGKILL');
    } catch {
      // it has ended with its master
    }
  };
}

function commandOf(
  program: 'zerocopy' | 'nginx',
  straceFile: string,
  hasThreads = false,
): [command: string, args: string[]] {
  if (straceFile !== '') {
    const [command, args] = commandOf(program, '');
    return ['strace', [...(hasThreads ? ['-f'] : []), ...straceArgs, '-o', straceFile, command, ...args]];
  }
  if (program === 'zerocopy') return [process.execPath, [zerocopy]];
  const nginx = findProgram('nginx');
  if (nginx === undefined) throw new Error('nginx is not installed (Debian: sudo apt-get install nginx-light)');
  // before it has read its configuration, it would log in a place of root's
  return [nginx, ['-e', 'error.log']];
}

function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-trace-'));
  const removeNow = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on('exit', removeNow);
  const remove = () => {
    process.off('exit', removeNow);
    removeNow();
  };
  // a worker that was given another user must be able to pass
  chmodSync(folder, 0o755);
  mkdirSync(`${folder}/temp`);
  return { folder, remove };
}

function fillRoot(root: string, files: TraceServerOptions['files']): void {
  mkdirSync(root);
  writeFileSync(`${root}/${warmUp}`, '');
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === 'number') writeRandom(path, content);
    else writeFileSync(path, content);
  }
}

function writeRandom(path: string, size: number): void {
  const block = randomFillSync(Buffer.alloc(Math.min(size, 1024 * 1024)));
  const file = openSync(path, 'wx');
  try {
    for (let left = size; left > 0; ) left -= writeSync(file, block, 0, Math.min(left, block.length));
  } finally {
    closeSync(file);
  }
}

async function untilServes(program: string, child: ChildProcess, port: number, folder: string): Promise<void> {
  const errors = gather(child.stderr);
  let hasEnded = false;
  void ended(child).then(() => {
    hasEnded = true;
  });
  await until(
    () => answers(`http://127.0.0.1:${port}/${warmUp}`),
    () => !hasEnded,
    () => `${program} does not serve: ${errors.text.trim() || tailOf(`${folder}/error.log`)}`,
  );
}

/** A master accepts connections before its worker serves: only an answer shows that all is up. */
function answers(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = get(url, { agent: false, timeout: 1000 }, response => {
      response.resume();
      response.on('close', () => resolve(response.statusCode === 200));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/** Asks a server to end, and after a while does not ask. */
async function end(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  child.kill('SIGTERM');
  await ended(child);
  clearTimeout(timer);
}
