import { errnoText } from '../../native/errno.js';
import { EventLoop } from '../event/loop.js';
import { Timer } from '../event/timers.js';
import type { LogLevel } from '../modules/module.js';
import type { Scoreboard } from '../scoreboard/board.js';
import { useSlot } from '../scoreboard/records.js';
import { ThreadPools } from '../threads/pools.js';
import type { SessionStore } from '../tls/session-store.js';
import { Acceptor } from './acceptor.js';
import { Connections } from './connections.js';
import { ErrorLogWriter } from './error-log.js';
import { addressesToBind, isWildcard, type ListeningSocket } from './listener.js';
import { Logs } from './logs.js';
import type { AddressRuntime, Runtime } from './runtime.js';
import { openTls } from './tls-setup.js';

/** Which of the workers one is. */
export interface WorkerPlace {
  /** Its own, from 0. */
  readonly number: number;
  /** Whether other workers serve the same sockets. */
  readonly shared: boolean;
  /** Of all workers; this one's numbers go to its slot, or nowhere where that is -1. */
  readonly board: Scoreboard;
  readonly slot: number;
}

/** Serves the connections of a set of listening sockets, on one event loop. */
export class Worker {
  readonly loop = new EventLoop(error => this.onFault(error));
  readonly logs: Logs;
  private readonly errorLog = new ErrorLogWriter();
  private readonly connections: Connections;
  private readonly acceptors: Acceptor[];
  private readonly shutdownTimer = new Timer({ onTimer: () => this.stop() });

  /**
   * @param runtime its configuration
   * @param sockets the listening sockets; those of other workers ("#N" in the key) are left alone
   * @param onEnd called when it has stopped, by order or because it has left
   */
  constructor(
    private readonly runtime: Runtime,
    prefix: string,
    sockets: readonly ListeningSocket[],
    { number, shared, board, slot }: WorkerPlace,
    private readonly onEnd: () => void,
  ) {
    const { main } = runtime.config;
    this.logs = new Logs(runtime.config, this.loop);
    if (slot >= 0) useSlot(board.slot(slot));
    this.connections = new Connections(this.loop, this.errorLog, prefix, main.workerConnections, board);
    this.connections.pools = new ThreadPools(runtime.threadPools);
    this.acceptors = this.acceptorsFor(sockets, number, shared);
  }

  /**
   * Loads certificates and keys.
   * @param ticketKey 80 bytes that all workers have
   * @param stores of sessions, by their names
   * @returns what is worth a warning
   * @throws Error with nginx's message
   */
  openTls(ticketKey: Uint8Array, stores: ReadonlyMap<string, SessionStore>): readonly string[] {
    const opened = openTls(this.runtime, ticketKey, stores, {
      log: (level, message) => this.report(level, message),
      runLater: act => {
        setImmediate(act);
        this.loop.onEvent();
      },
    });
    return opened?.warnings ?? [];
  }

  /** Opens the logs. To be called with the rights that opening them takes. */
  openLogs(): void {
    this.logs.open();
    this.logs.watch((what, errno, where) => this.report('alert', `${what} (${errnoText(errno)})${where}`));
  }

  start(): void {
    for (const acceptor of this.acceptors) acceptor.start();
    this.loop.start();
  }

  /** Ends at once, whatever is in progress. */
  stop(): void {
    for (const acceptor of this.acceptors) acceptor.stop();
    this.connections.files.clear();
    this.logs.close();
    this.loop.stop();
    this.onEnd();
  }

  /**
   * Takes nothing new, finishes what is in progress, and stops: at the latest after `worker_shutdown_timeout`.
   * @param closeSockets closes this process's listening sockets: as long as one process holds them open, the kernel
   * goes on to take connections that nobody accepts
   */
  leave(closeSockets: () => void): void {
    if (this.connections.isLeaving) return;
    for (const acceptor of this.acceptors) acceptor.stop();
    closeSockets();
    const { workerShutdownTimeout } = this.runtime.config.main;
    if (workerShutdownTimeout > 0) this.loop.setTimer(this.shutdownTimer, workerShutdownTimeout);
    this.connections.leave(() => this.stop());
  }

  reopenLogs(): void {
    this.logs.reopen((path, errno) => this.report('emerg', `open() "${path}" failed (${errnoText(errno)})`));
  }

  private acceptorsFor(sockets: readonly ListeningSocket[], number: number, shared: boolean): Acceptor[] {
    const { addresses, config } = this.runtime;
    const acceptors: Acceptor[] = [];
    for (const listen of addressesToBind(this.runtime.listens)) {
      const key = listen.reuseport ? `${listen.key}#${number}` : listen.key;
      const socket = sockets.find(each => each.key === key);
      if (socket === undefined) continue;
      const served = addresses.filter(each => isServedBy(each, listen.key, isWildcard(listen) ? listen.port : 0));
      acceptors.push(
        new Acceptor(
          socket.fd,
          served,
          this.connections,
          config.main.multiAccept,
          shared && !listen.reuseport,
          (level, message) => this.report(level, message),
        ),
      );
    }
    return acceptors;
  }

  private report(level: LogLevel, message: string): void {
    this.errorLog.write(this.runtime.config.main, level, message);
  }

  /** A bug. The connection that it happened on is closed; the rest goes on. */
  private onFault(error: unknown): void {
    this.report('alert', `internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

/** Whether a socket that is bound to `key` gets the connections of an address; `port` is 0 unless it is bound to all hosts. */
function isServedBy(address: AddressRuntime, key: string, port: number): boolean {
  const { listen } = address;
  if (listen.key === key) return true;
  const family = key.startsWith('[') ? 'inet6' : 'inet';
  return port !== 0 && listen.port === port && listen.family === family;
}
