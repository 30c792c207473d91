import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoText } from '../../native/errno.js';
import { type Changes, type Place, placesOf, withChanges } from '../conf/places.js';
import type { Settings } from '../conf/settings.js';
import { ConfigError } from '../conf/syntax.js';
import { type ConsoleHost, Refusal, type Watcher } from '../console/host.js';
import type { LogLevel } from '../modules/module.js';
import { Scoreboard } from '../scoreboard/board.js';
import { recordIn } from '../scoreboard/records.js';
import { prepareBodyFolders } from './body-folders.js';
import { workerEnvironment } from './environment.js';
import { ErrorLogWriter } from './error-log.js';
import { type ListeningSocket, ListeningSockets } from './listener.js';
import { buildConfig, type ConfigOptions, readConfig } from './load.js';
import { Logs } from './logs.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { workerUser } from './process-settings.js';
import { Runtime } from './runtime.js';
import { type SharedZone, SharedZones } from './shared-zones.js';
import { checkTls, describeTls } from './tls-setup.js';
import type { Order, StartMessage } from './worker-process.js';
import { startWorker, type WorkerHandle } from './worker-start.js';

/** How long a reload waits for workers that leave to take no new connections (ms): a disk may hold one of them. */
const longestLeave = 1000;
/** How long workers get for a fast shutdown before they are killed (ms). */
const killAfter = 2000;
/** A worker that dies younger than this (ms) is started again only after as long. */
const restartDelay = 1000;
/** As nginx: a worker that cannot start is not started again. */
const fatalExit = 2;

/** One configuration in force. */
interface Generation {
  /** What the file says, and what the console has changed since it was read. */
  readonly fileNodes: StartMessage['nodes'];
  readonly changes: Changes;
  readonly nodes: StartMessage['nodes'];
  readonly runtime: Runtime;
  readonly logs: Logs;
  readonly sockets: readonly ListeningSocket[];
  readonly zones: readonly SharedZone[];
  readonly workers: number;
}

/** What the master does with a worker that has gone. */
type Purpose = 'serve' | 'leave' | 'stop';

/**
 * The process that holds the listening sockets, starts the workers, and hears the signals. It serves nothing itself, so it
 * runs on Node's own loop.
 */
export class Master implements ConsoleHost {
  readonly board = Scoreboard.create();
  readonly startedAt = Date.now();
  readonly hasMaster = true;
  reloads = 0;
  /** Told of what changes. */
  watcher: Watcher | null = null;
  /** Good at all workers, those of later configurations included: a reload ends no session. */
  private readonly ticketKey = randomBytes(80);
  private readonly sockets = new ListeningSockets();
  private readonly zones = new SharedZones();
  private readonly errorLog = new ErrorLogWriter();
  private all: WorkerHandle[] = [];
  /** Those of a configuration that is not in force yet: if one of them ends, whoever starts them hears of it. */
  private fresh: readonly WorkerHandle[] = [];
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
    recordIn(this.board.slot(0));
    const { nodes } = readConfig(this.options);
    // before anybody can connect, and think that we serve
    this.listenToSignals();
    const first = this.prepare(nodes, noChanges);
    this.current = first;
    const { main } = first.runtime.config;
    writePidFile(main.pid);
    this.log('notice', 'using the "epoll" event method');
    if (first.runtime.tlsServers.length > 0) this.log('notice', describeTls());
    try {
      await this.startWorkers(first);
    } catch (error) {
      removePidFile(main.pid);
      this.sockets.closeOthers([]);
      throw error;
    }
    this.watcher?.configured();
  }

  get configuration(): string {
    return this.options.file;
  }
  get isServing(): boolean {
    return this.purpose === 'serve' && this.current !== null;
  }
  get workers(): readonly WorkerHandle[] {
    return this.all;
  }
  get changes(): Changes {
    return this.current?.changes ?? noChanges;
  }
  /** Of the configuration in force, outside of all servers. */
  get settings(): Settings | null {
    return this.current?.runtime.config.main ?? null;
  }

  places(): Place[] {
    return this.current === null ? [] : placesOf(this.current.nodes, this.current.runtime.config);
  }

  async change(place: string, settings: ReadonlyMap<string, readonly string[] | null>, by: string): Promise<void> {
    const { current } = this;
    if (current === null || !this.isServing) throw new Refusal(409, 'the server is ending');
    if (this.reloading) throw new Refusal(409, 'a reload is under way: try again when it is done');
    const found = this.places().find(({ id }) => id === place);
    if (found === undefined) throw new Refusal(404, `there is no server or location "${place}"`);
    const what = [...settings].map(([name, args]) => `"${name}" ${args === null ? 'as in the file' : args.join(' ')}`);
    await this.reconfigure(`console: ${what.join(', ')} for ${found.kind} ${found.name}, by ${by}`, () =>
      this.prepare(current.fileNodes, mergeChanges(current.changes, place, settings)),
    );
  }

  private prepare(fileNodes: StartMessage['nodes'], changes: Changes): Generation {
    const nodes = withChanges(fileNodes, changes);
    const runtime = new Runtime(buildConfig(nodes, this.options));
    const warnings = checkTls(runtime);
    const { workerProcesses } = runtime.config.main;
    const workers = workerProcesses === 'auto' ? availableParallelism() : workerProcesses;
    const logs = new Logs(runtime.config, null);
    try {
      logs.open();
      const user = workerUser(runtime.config.main)?.uid ?? -1;
      logs.giveTo(user);
      prepareBodyFolders(runtime.config, this.options.prefix, user);
      for (const warning of warnings) this.errorLog.write(runtime.config.main, 'warn', warning);
      const sockets = this.sockets.prepare(runtime.listens, workers);
      const zones = this.zones.prepare(runtime.config.zones);
      return { fileNodes, changes, nodes, runtime, logs, workers, sockets, zones };
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
    for (const worker of this.all) this.order(worker, 'stop');
    setTimeout(() => {
      for (const { child } of this.all) child.kill('SIGKILL');
    }, killAfter).unref();
    this.endIfAlone();
  }

  /** Graceful: workers end when what they have in progress is done. */
  private leave(): void {
    if (this.purpose !== 'serve') return;
    this.log('notice', 'signal SIGQUIT received, gracefully shutting down');
    this.purpose = 'leave';
    for (const worker of this.all) this.order(worker, 'leave');
    this.sockets.closeOthers([]);
    this.watcher?.changed();
    this.endIfAlone();
  }

  /** The file is read anew. What the console has changed ends with it: the file is what holds. */
  private async reload(): Promise<void> {
    if (!this.isServing) return;
    if (this.reloading) {
      this.reloadAgain = true;
      return;
    }
    const undone = this.changes.size === 0 ? '' : ', changes of the console end';
    await this.reconfigure(`signal SIGHUP received, reconfiguring${undone}`, () =>
      this.prepare(readConfig(this.options).nodes, noChanges),
    ).catch(() => {});
  }

  /**
   * New workers with a new configuration; when they serve, the old ones finish what they have. A failure changes nothing.
   * @throws Refusal, with the reason that is in the log as well
   */
  private async reconfigure(why: string, prepare: () => Generation): Promise<void> {
    this.reloading = true;
    this.log('notice', why);
    try {
      await this.putInForce(prepare());
    } catch (error) {
      const { message } = error as Error;
      this.log('emerg', `${message}: the configuration in force stays`);
      this.sockets.closeOthers(this.current?.sockets ?? []);
      this.zones.keepOnly(this.current?.zones ?? []);
      throw new Refusal(error instanceof ConfigError ? 400 : 409, message);
    } finally {
      this.reloading = false;
      if (this.reloadAgain) {
        this.reloadAgain = false;
        void this.reload();
      }
    }
  }

  /** @throws Error with a new worker's own message: then the generation in force goes on */
  private async putInForce(next: Generation): Promise<void> {
    const former = this.all;
    try {
      await this.startWorkers(next);
    } catch (error) {
      next.logs.close();
      throw error;
    }
    for (const worker of former) this.order(worker, 'leave');
    this.sockets.closeOthers(next.sockets);
    this.zones.keepOnly(next.zones);
    this.current?.logs.close();
    this.current = next;
    // until they say so, one of the next connections may still be theirs
    const closed = Promise.all(former.map(worker => worker.closed));
    await Promise.race([closed, sleep(longestLeave, undefined, { ref: false })]);
    this.reloads += 1;
    this.watcher?.configured();
  }

  private reopenLogs(): void {
    if (this.current === null) return;
    this.log('notice', 'signal SIGUSR1 received, reopening logs');
    const { logs, runtime } = this.current;
    logs.reopen((path, errno) => this.log('emerg', `open() "${path}" failed (${errnoText(errno)})`));
    logs.giveTo(workerUser(runtime.config.main)?.uid ?? -1);
    for (const worker of this.all) this.order(worker, 'reopen');
  }

  /** @throws Error with the message of a worker that does not start: then none of them does */
  private async startWorkers(generation: Generation): Promise<void> {
    const starts = Array.from({ length: generation.workers }, (_, number) => this.startOne(generation, number));
    this.fresh = starts.map(each => each.worker);
    const results = await Promise.allSettled(starts.map(each => each.ready));
    this.fresh = [];
    const failed = results.find(each => each.status === 'rejected');
    if (failed !== undefined) {
      for (const { worker } of starts) {
        this.order(worker, 'stop');
        worker.child.kill('SIGKILL');
      }
      throw failed.reason;
    }
    // one of them may have served, and ended in the meantime
    for (const { worker } of starts) if (hasEnded(worker)) this.replace(worker, worker.child.exitCode);
  }

  private startOne(
    { nodes, runtime, sockets, zones, workers }: Generation,
    number: number,
  ): ReturnType<typeof startWorker> {
    const { ticketKey } = this;
    const slot = this.board.take();
    const { file, prefix, errorLog } = this.options;
    const place = errorLog === undefined ? { file, prefix } : { file, prefix, errorLog };
    const start = { nodes, place, sockets, zones, number, workers, board: this.board.fd, slot, ticketKey };
    const threads = runtime.threadPools.reduce((sum, pool) => sum + pool.threads, 0);
    const environment = workerEnvironment(runtime.config.main.env);
    const started = startWorker(start, environment, threads, (worker, code, signal) =>
      this.workerEnded(worker, code, signal),
    );
    this.all = [...this.all, started.worker];
    this.log('notice', `start worker process ${started.worker.pid}`);
    started.ready.then(
      () => this.watcher?.changed(),
      () => {},
    );
    return started;
  }

  private workerEnded(worker: WorkerHandle, code: number | null, signal: string | null): void {
    this.watcher?.ended(worker);
    this.all = this.all.filter(each => each !== worker);
    this.board.giveBack(worker.slot);
    if (code !== 0) this.zones.releaseHeld();
    const how = signal === null ? `exited with code ${code}` : `exited on signal ${signal}`;
    const isExpected = worker.state === 'leaving' || this.purpose !== 'serve';
    this.log(isExpected ? 'notice' : 'alert', `worker process ${worker.pid} ${how}`);
    this.watcher?.changed();
    if (this.purpose !== 'serve') this.endIfAlone();
    else if (worker.state !== 'leaving' && !this.fresh.includes(worker)) this.replace(worker, code);
  }

  private replace(worker: WorkerHandle, code: number | null): void {
    if (code === fatalExit) {
      this.log('alert', `worker process ${worker.pid} exited with fatal code 2 and cannot be respawned`);
      return;
    }
    const age = performance.now() - worker.bornAt;
    setTimeout(() => this.startAgain(worker.number), age < restartDelay ? restartDelay : 0);
  }

  private startAgain(number: number): void {
    if (this.purpose !== 'serve' || this.current === null) return;
    const { ready } = this.startOne(this.current, number);
    ready.catch((error: Error) => this.log('alert', error.message));
  }

  private order(worker: WorkerHandle, type: Order['type']): void {
    if (type !== 'reopen') worker.state = 'leaving';
    if (worker.child.connected) worker.child.send({ type } satisfies Order, () => {});
  }

  private endIfAlone(): void {
    if (this.all.length > 0) return;
    this.sockets.closeOthers([]);
    if (this.current !== null) removePidFile(this.current.runtime.config.main.pid);
    this.log('notice', 'exit');
    this.current?.logs.close();
    this.onEnd(0);
  }

  log(level: LogLevel, message: string): void {
    if (this.current !== null) this.errorLog.write(this.current.runtime.config.main, level, message);
  }
}

const noChanges: Changes = new Map();

/** @param settings those that are null are as in the file again */
function mergeChanges(
  before: Changes,
  place: string,
  settings: ReadonlyMap<string, readonly string[] | null>,
): Changes {
  const own = new Map(before.get(place));
  for (const [name, args] of settings) {
    if (args === null) own.delete(name);
    else own.set(name, args);
  }
  const after = new Map(before);
  if (own.size === 0) after.delete(place);
  else after.set(place, own);
  return after;
}

function hasEnded({ child }: WorkerHandle): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
