import { close } from '../../native/file.js';
import { setThreadName } from '../../native/process.js';
import type { Node } from '../conf/syntax.js';
import { Scoreboard } from '../scoreboard/board.js';
import { ErrorLogWriter } from './error-log.js';
import type { ListeningSocket } from './listener.js';
import { type BuildPlace, buildConfig } from './load.js';
import { applyProcessSettings } from './process-settings.js';
import { Runtime } from './runtime.js';
import { openZones, type SharedZone, sessionStores } from './shared-zones.js';
import { Worker } from './worker.js';

/** What a master tells a new worker. */
export interface StartMessage {
  readonly type: 'start';
  readonly nodes: readonly Node[];
  readonly place: BuildPlace;
  readonly sockets: readonly ListeningSocket[];
  /** From 0. */
  readonly number: number;
  readonly workers: number;
  /** For tickets of TLS. */
  readonly ticketKey: Uint8Array;
  readonly zones: readonly SharedZone[];
  /** The descriptor of the scoreboard, and the worker's slot on it (-1 for none). */
  readonly board: number;
  readonly slot: number;
}

/** What a master tells a running worker: end at once, end when all is done, open the logs anew. */
export type Order = { readonly type: 'stop' | 'leave' | 'reopen' };

/** What a worker tells its master. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string }
  /** It takes no new connection any more. */
  | { readonly type: 'leaving' };

/** The process that a master starts: waits for its orders, and serves. */
function main(): void {
  let worker: Worker | null = null;
  let sockets: readonly ListeningSocket[] = [];
  const stop = () => (worker === null ? process.exit(0) : worker.stop());
  const leave = () => {
    if (worker === null) process.exit(0);
    worker.leave(() => closeAll(sockets));
    if (process.connected) process.send?.({ type: 'leaving' } satisfies Report, () => {});
  };
  // Ctrl-C at a terminal reaches all of its processes: it is the master that decides
  process.on('SIGINT', () => {});
  process.on('SIGTERM', stop);
  process.on('SIGQUIT', leave);
  process.on('SIGUSR1', () => worker?.reopenLogs());
  process.on('disconnect', leave);
  process.on('message', (message: StartMessage | Order) => {
    if (message.type === 'start') {
      ({ sockets } = message);
      worker = begin(message);
    } else if (message.type === 'stop') stop();
    else if (message.type === 'leave') leave();
    else worker?.reopenLogs();
  });
}

function closeAll(sockets: readonly ListeningSocket[]): void {
  for (const { fd } of sockets) close(fd);
}

function begin(message: StartMessage): Worker | null {
  try {
    const runtime = new Runtime(buildConfig(message.nodes, message.place));
    const { sockets, number, workers, slot } = message;
    const place = { number, shared: workers > 1, board: Scoreboard.open(message.board), slot };
    const worker = new Worker(runtime, message.place.prefix, sockets, place, () => process.exit(0));
    worker.openLogs();
    const { zones } = runtime.config;
    openZones(zones, message.zones);
    worker.openTls(message.ticketKey, sessionStores(zones));
    process.title = 'zerocopy: worker process';
    setThreadName('zerocopy-worker');
    const { main } = runtime.config;
    applyProcessSettings(main, number, text => new ErrorLogWriter().write(main, 'alert', text));
    worker.start();
    process.send?.({ type: 'ready' } satisfies Report);
    return worker;
  } catch (error) {
    process.send?.(
      { type: 'failed', message: error instanceof Error ? error.message : String(error) } satisfies Report,
      () => process.exit(2),
    );
    return null;
  }
}

main();
