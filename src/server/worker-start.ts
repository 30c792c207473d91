import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HostWorker } from '../console/host.js';
import type { Report, StartMessage } from './worker-process.js';

const workerProgram = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** The descriptors of a worker: three standard ones, the channel to its master, the scoreboard, then the sockets and the zones. */
const boardFd = 4;
const firstSocketFd = 5;

/** As many threads as libuv has where nobody says anything. */
const nodeThreads = 4;

/** A worker of a master. */
export interface WorkerHandle extends HostWorker {
  readonly child: ChildProcess;
  /** On performance's clock. */
  readonly bornAt: number;
  state: HostWorker['state'];
  /** Resolves when it takes no new connection any more, or has ended. */
  readonly closed: Promise<void>;
}

/** What a worker is started with; descriptors are the master's own. */
export type WorkerStart = Omit<StartMessage, 'type'>;

/**
 * Starts a worker process.
 * @param environment what it is to know of the master's
 * @param threads of the pools that read files; Node has some more for itself
 * @param onEnd called when it has ended, whether it ever served or not
 * @returns the worker, and what tells when it serves; that fails with the worker's own message
 */
export function startWorker(
  start: WorkerStart,
  environment: NodeJS.ProcessEnv,
  threads: number,
  onEnd: (worker: WorkerHandle, code: number | null, signal: string | null) => void,
): { worker: WorkerHandle; ready: Promise<void> } {
  const child = spawn(process.execPath, [workerProgram], {
    stdio: [
      'ignore',
      'inherit',
      'inherit',
      'ipc',
      start.board,
      ...[...start.sockets, ...start.zones].map(({ fd }) => fd),
    ],
    serialization: 'advanced',
    env: threads === 0 ? environment : { ...environment, UV_THREADPOOL_SIZE: String(threads + nodeThreads) },
  });
  const { number, slot } = start;
  const pid = child.pid ?? -1;
  let tellClosed = () => {};
  const closed = new Promise<void>(resolve => {
    tellClosed = resolve;
  });
  const worker: WorkerHandle = {
    ...{ child, pid, number, slot },
    ...{ bornAt: performance.now(), startedAt: Date.now(), state: 'starting', closed },
  };
  const ready = new Promise<void>((resolve, reject) => {
    child.on('error', error => {
      reject(error);
      if (pid < 0) onEnd(worker, null, null);
    });
    child.on('message', (report: Report) => {
      if (report.type === 'ready') {
        if (worker.state === 'starting') worker.state = 'serving';
        resolve();
      } else if (report.type === 'leaving') tellClosed();
      else reject(new Error(report.message));
    });
    child.on('exit', (code, signal) => {
      tellClosed();
      reject(new Error(`worker process ${pid} exited with ${signal ?? `code ${code}`} before it served`));
      onEnd(worker, code, signal);
    });
  });
  const message: StartMessage = {
    ...start,
    type: 'start',
    board: boardFd,
    sockets: start.sockets.map(({ key }, index) => ({ key, fd: firstSocketFd + index })),
    zones: start.zones.map((zone, index) => ({ ...zone, fd: firstSocketFd + start.sockets.length + index })),
  };
  child.send(message, () => {});
  return { worker, ready };
}
