import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { errnoText } from '../../native/errno.js';
import type { LogLevel } from '../modules/module.js';
import { ErrorLogWriter } from './error-log.js';
import { type ListeningSocket, ListeningSockets } from './listener.js';
import { buildConfig, type ConfigOptions, readConfig } from './load.js';
import { Logs } from './logs.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { workerUser } from './process-settings.js';
import { Runtime } from './runtime.js';
import type { Order, Report, StartMessage } from './worker-process.js';

const workerProgram = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** How long workers get for a fast shutdown before they are killed (ms). */
const killAfter = 2000;
/** A worker that dies younger than this (ms) is started again only after as long. */
const restartDelay = 1000;
/** As nginx: a worker that cannot start is not started again. */
const fatalExit = 2;

interface WorkerHandle {
  readonly child: ChildProcess;
  readonly number: number;
  readonly bornAt: number;
  /** It was told to end. */
  isLeaving: boolean;
}

/** One configuration in force. */
interface Generation {
  readonly nodes: StartMessage['nodes'];
  readonly runtime: Runtime;
  readonly logs: Logs;
  readonly sockets: readonly ListeningSocket[];
  readonly workers: number;
}

/** What the master does with a worker that has gone. */
type Purpose = 'serve' | 'leave' | 'stop';

/**
 * The process that holds the listening sockets, starts the workers, and hears the signals. It serves nothing itself, so it
 * runs on Node's own loop.
 */
export class Master {
  private readonly sockets = new ListeningSockets();
  private readonly errorLog = new ErrorLogWriter();
  private workers: WorkerHandle[] = [];
  /** Null until the first configuration is read and its sockets are open. */
  private current: Generation | null = null;
  private purpose: Purpose = 'serve';
  private reloading = false;
  /** Asked for while another reload was under way: the configuration may have changed since that one has read it. */
  private reloadAgain = false;

  /** @param onEnd called with the exit code when all workers have gone */
  constructor(
    private readonly options: ConfigOptions,
    private readonly onEnd: (code: number) => void,
  ) {}

  /**
   * Opens the sockets and the logs, writes the pid file, and starts the workers.
   * @returns when all of them serve
   * @throws ConfigError, SystemError, or an Error with a worker's own message
   */
  async start(): Promise<void> {
    const { nodes } = readConfig(this.options);
    // before anybody can connect, and think that we serve
    this.listenToSignals();
    const first = this.prepare(nodes);
    this.current = first;
    const { main } = first.runtime.config;
    writePidFile(main.pid);
    this.log('notice', 'using the "epoll" event method');
    try {
      this.adopt(await this.startWorkers(first));
    } catch (error) {
      removePidFile(main.pid);
      this.sockets.closeOthers([]);
      throw error;
    }
  }

  /** The process numbers of the workers that serve. */
  get workerPids(): number[] {
    return this.workers.filter(each => !each.isLeaving).map(each => each.child.pid as number);
  }

  private prepare(nodes: StartMessage['nodes']): Generation {
    const runtime = new Runtime(buildConfig(nodes, this.options.prefix, this.options.errorLog));
    const { workerProcesses } = runtime.config.main;
    const workers = workerProcesses === 'auto' ? availableParallelism() : workerProcesses;
    const logs = new Logs(runtime.config, null);
    try {
      logs.open();
      logs.giveTo(workerUser(runtime.config.main)?.uid ?? -1);
      return { nodes, runtime, logs, workers, sockets: this.sockets.prepare(runtime.listens, workers) };
    } catch (error) {
      logs.close();
      throw error;
    }
  }

  private listenToSignals(): void {
    process.on('SIGTERM', () => this.stop('SIGTERM'));
    process.on('SIGINT', () => this.stop('SIGINT'));
    process.on('SIGQUIT', () => this.leave());
    process.on('SIGHUP', () => void this.reload());
    process.on('SIGUSR1', () => this.reopenLogs());
  }

  /** Fast: workers end at once. */
  private stop(signal: string): void {
    this.log('notice', `signal ${signal} received, exiting`);
    this.purpose = 'stop';
    for (const worker of this.workers) this.order(worker, 'stop');
    setTimeout(() => {
      for (const { child } of this.workers) child.kill('SIGKILL');
    }, killAfter).unref();
    this.endIfAlone();
  }

  /** Graceful: workers end when what they have in progress is done. */
  private leave(): void {
    if (this.purpose !== 'serve') return;
    this.log('notice', 'signal SIGQUIT received, gracefully shutting down');
    this.purpose = 'leave';
    for (const worker of this.workers) this.order(worker, 'leave');
    this.sockets.closeOthers([]);
    this.endIfAlone();
  }

  /** New workers with the new configuration; when they serve, the old ones finish what they have. A failure changes nothing. */
  private async reload(): Promise<void> {
    if (this.purpose !== 'serve' || this.current === null) return;
    if (this.reloading) {
      this.reloadAgain = true;
      return;
    }
    this.reloading = true;
    this.log('notice', 'signal SIGHUP received, reconfiguring');
    try {
      await this.change(this.prepare(readConfig(this.options).nodes));
    } catch (error) {
      this.log('emerg', `${(error as Error).message}: the configuration in force stays`);
      this.sockets.closeOthers(this.current?.sockets ?? []);
    }
    this.reloading = false;
    if (this.reloadAgain) {
      this.reloadAgain = false;
      await this.reload();
    }
  }

  /** @throws Error with a new worker's own message: then the generation in force goes on */
  private async change(next: Generation): Promise<void> {
    let fresh: WorkerHandle[];
    try {
      fresh = await this.startWorkers(next);
    } catch (error) {
      next.logs.close();
      throw error;
    }
    for (const worker of this.workers) this.order(worker, 'leave');
    this.sockets.closeOthers(next.sockets);
    this.current?.logs.close();
    this.current = next;
    this.adopt(fresh);
  }

  /** Workers that serve are the master's from now on, if they have not ended in the meantime. */
  private adopt(fresh: readonly WorkerHandle[]): void {
    this.workers = [...this.workers, ...fresh];
    for (const worker of fresh) {
      const { exitCode, signalCode } = worker.child;
      if (exitCode !== null || signalCode !== null) this.workerEnded(worker, exitCode, signalCode);
    }
  }

  private reopenLogs(): void {
    if (this.current === null) return;
    this.log('notice', 'signal SIGUSR1 received, reopening logs');
    const { logs, runtime } = this.current;
    logs.reopen((path, errno) => this.log('emerg', `open() "${path}" failed (${errnoText(errno)})`));
    logs.giveTo(workerUser(runtime.config.main)?.uid ?? -1);
    for (const worker of this.workers) this.order(worker, 'reopen');
  }

  private async startWorkers(generation: Generation): Promise<WorkerHandle[]> {
    const starts = Array.from({ length: generation.workers }, (_, number) => this.startWorker(generation, number));
    const results = await Promise.allSettled(starts.map(each => each.ready));
    const failed = results.find(each => each.status === 'rejected');
    if (failed === undefined) return starts.map(each => each.worker);
    for (const { worker } of starts) worker.child.kill('SIGKILL');
    throw failed.reason;
  }

  private startWorker(generation: Generation, number: number): { worker: WorkerHandle; ready: Promise<void> } {
    const { nodes, sockets, workers } = generation;
    const firstFd = 4;
    const child = spawn(process.execPath, [workerProgram], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...sockets.map(each => each.fd)],
      serialization: 'advanced',
    });
    const worker: WorkerHandle = { child, number, bornAt: performance.now(), isLeaving: false };
    const start: StartMessage = {
      type: 'start',
      nodes,
      prefix: this.options.prefix,
      errorLog: this.options.errorLog,
      sockets: sockets.map(({ key }, index) => ({ key, fd: firstFd + index })),
      number,
      workers,
    };
    const ready = new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('message', (report: Report) => {
        if (report.type === 'ready') resolve();
        else reject(new Error(report.message));
      });
      child.on('exit', (code, signal) => {
        reject(new Error(`worker process ${child.pid} exited with ${signal ?? `code ${code}`} before it served`));
        this.workerEnded(worker, code, signal);
      });
    });
    child.send(start, () => {});
    this.log('notice', `start worker process ${child.pid}`);
    return { worker, ready };
  }

  private workerEnded(worker: WorkerHandle, code: number | null, signal: string | null): void {
    if (!this.workers.includes(worker)) return;
    this.workers = this.workers.filter(each => each !== worker);
    const how = signal === null ? `exited with code ${code}` : `exited on signal ${signal}`;
    const isExpected = worker.isLeaving || this.purpose !== 'serve';
    this.log(isExpected ? 'notice' : 'alert', `worker process ${worker.child.pid} ${how}`);
    if (this.purpose !== 'serve') this.endIfAlone();
    else if (!worker.isLeaving) this.replace(worker, code);
  }

  private replace(worker: WorkerHandle, code: number | null): void {
    if (code === fatalExit) {
      this.log('alert', `worker process ${worker.child.pid} exited with fatal code 2 and cannot be respawned`);
      return;
    }
    const age = performance.now() - worker.bornAt;
    setTimeout(() => this.startAgain(worker.number), age < restartDelay ? restartDelay : 0);
  }

  private startAgain(number: number): void {
    if (this.purpose !== 'serve' || this.current === null) return;
    const { worker, ready } = this.startWorker(this.current, number);
    this.workers.push(worker);
    ready.catch((error: Error) => this.log('alert', error.message));
  }

  private order(worker: WorkerHandle, type: Order['type']): void {
    if (type !== 'reopen') worker.isLeaving = true;
    if (worker.child.connected) worker.child.send({ type } satisfies Order, () => {});
  }

  private endIfAlone(): void {
    if (this.workers.length > 0) return;
    this.sockets.closeOthers([]);
    if (this.current !== null) removePidFile(this.current.runtime.config.main.pid);
    this.log('notice', 'exit');
    this.current?.logs.close();
    this.onEnd(0);
  }

  private log(level: LogLevel, message: string): void {
    if (this.current !== null) this.errorLog.write(this.current.runtime.config.main, level, message);
  }
}
