import { randomBytes } from 'node:crypto';
import { type Changes, type Place, placesOf } from '../conf/places.js';
import type { Settings } from '../conf/settings.js';
import type { Node } from '../conf/syntax.js';
import { type ConsoleHost, type HostWorker, Refusal, type Watcher } from '../console/host.js';
import type { LogLevel } from '../modules/module.js';
import { Scoreboard } from '../scoreboard/board.js';
import { prepareBodyFolders } from './body-folders.js';
import { limitEnvironment } from './environment.js';
import { ErrorLogWriter } from './error-log.js';
import { ListeningSockets } from './listener.js';
import { buildConfig, type ConfigOptions, readConfig } from './load.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { applyProcessSettings, workerUser } from './process-settings.js';
import { Runtime } from './runtime.js';
import { openOwnZones, sessionStores } from './shared-zones.js';
import { describeTls } from './tls-setup.js';
import { Worker } from './worker.js';

/**
 * `master_process off`: one process that listens and serves, for looking at it with a debugger or strace. It knows no
 * reload: start it anew.
 */
export class SingleServer implements ConsoleHost {
  readonly board = Scoreboard.create();
  readonly startedAt = Date.now();
  readonly reloads = 0;
  readonly hasMaster = false;
  readonly changes: Changes = new Map();
  readonly workers: readonly HostWorker[];
  watcher: Watcher | null = null;
  isServing = false;
  private readonly errorLog = new ErrorLogWriter();
  private readonly slot = this.board.take();
  private nodes: readonly Node[] = [];
  private runtime: Runtime | null = null;

  constructor(
    private readonly options: ConfigOptions,
    private readonly onEnd: (code: number) => void,
  ) {
    const { slot, startedAt } = this;
    this.workers = [{ pid: process.pid, number: 0, slot, state: 'serving', startedAt }];
  }

  /** @throws ConfigError, SystemError */
  start(): void {
    const { nodes } = readConfig(this.options);
    const runtime = new Runtime(buildConfig(nodes, this.options));
    this.nodes = nodes;
    this.runtime = runtime;
    const { main } = runtime.config;
    const sockets = new ListeningSockets();
    let worker: Worker | null = null;
    // before anybody can connect, and think that we serve; they run when all of this is done
    process.on('SIGTERM', () => worker?.stop());
    process.on('SIGINT', () => worker?.stop());
    process.on('SIGQUIT', () => {
      this.isServing = false;
      worker?.leave(() => sockets.closeOthers([]));
    });
    process.on('SIGUSR1', () => worker?.reopenLogs());
    const prepared = sockets.prepare(runtime.listens, 1);
    const place = { number: 0, shared: false, board: this.board, slot: this.slot };
    worker = new Worker(runtime, this.options.prefix, prepared, place, () => {
      sockets.closeOthers([]);
      removePidFile(main.pid);
      this.onEnd(0);
    });
    worker.openLogs();
    openOwnZones(runtime.config.zones);
    const warnings = worker.openTls(randomBytes(80), sessionStores(runtime.config.zones));
    for (const warning of warnings) this.log('warn', warning);
    writePidFile(main.pid);
    const user = workerUser(main)?.uid ?? -1;
    worker.logs.giveTo(user);
    prepareBodyFolders(runtime.config, this.options.prefix, user);
    limitEnvironment(main.env);
    applyProcessSettings(main, 0, message => this.log('alert', message));
    worker.start();
    if (runtime.tlsServers.length > 0) this.log('notice', describeTls());
    this.isServing = true;
    this.watcher?.configured();
  }

  get configuration(): string {
    return this.options.file;
  }
  get settings(): Settings | null {
    return this.runtime?.config.main ?? null;
  }

  places(): Place[] {
    return this.runtime === null ? [] : placesOf(this.nodes, this.runtime.config);
  }

  change(): Promise<void> {
    return Promise.reject(new Refusal(409, 'one process knows no reload'));
  }

  log(level: LogLevel, message: string): void {
    if (this.settings !== null) this.errorLog.write(this.settings, level, message);
  }
}
