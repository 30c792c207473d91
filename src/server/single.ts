import { Scoreboard } from '../scoreboard/board.js';
import { ListeningSockets } from './listener.js';
import { buildConfig, type ConfigOptions, readConfig } from './load.js';
import { removePidFile, writePidFile } from './pid-file.js';
import { applyProcessSettings, workerUser } from './process-settings.js';
import { Runtime } from './runtime.js';
import { Worker } from './worker.js';

/**
 * `master_process off`: one process that listens and serves, for looking at it with a debugger or strace. It knows no
 * reload: start it anew.
 * @throws ConfigError, SystemError
 */
export function serveInOneProcess(options: ConfigOptions, onEnd: (code: number) => void): void {
  const runtime = new Runtime(buildConfig(readConfig(options).nodes, options.prefix, options.errorLog));
  const { pid } = runtime.config.main;
  const sockets = new ListeningSockets();
  let worker: Worker | null = null;
  // before anybody can connect, and think that we serve; they run when all of this is done
  process.on('SIGTERM', () => worker?.stop());
  process.on('SIGINT', () => worker?.stop());
  process.on('SIGQUIT', () => worker?.leave(() => sockets.closeOthers([])));
  process.on('SIGUSR1', () => worker?.reopenLogs());
  const prepared = sockets.prepare(runtime.listens, 1);
  const board = Scoreboard.create();
  const place = { number: 0, shared: false, board, slot: board.take() };
  worker = new Worker(runtime, options.prefix, prepared, place, () => {
    sockets.closeOthers([]);
    removePidFile(pid);
    onEnd(0);
  });
  worker.openLogs();
  writePidFile(pid);
  worker.logs.giveTo(workerUser(runtime.config.main)?.uid ?? -1);
  applyProcessSettings(runtime.config.main, 0);
  worker.start();
}
