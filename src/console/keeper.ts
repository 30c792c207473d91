import type { Settings } from '../conf/settings.js';
import type { Console } from './console.js';
import type { ConsoleHost, HostWorker, Watcher } from './host.js';

/** A server that a console may belong to. */
export interface WatchedServer extends ConsoleHost {
  /** Of the configuration in force, outside of all servers; null until there is one. */
  readonly settings: Settings | null;
  watcher: Watcher | null;
}

/**
 * Keeps the console as the configuration has it: starts it, and after a reload leaves it alone, moves it, or ends it. What it needs is loaded when it is
 * needed. Where it cannot start, the error log says why, and the server goes on without it.
 */
export class ConsoleKeeper implements Watcher {
  private console: Console | null = null;
  private wanted = '';
  /** One start after the other. */
  private last = Promise.resolve();

  constructor(private readonly server: WatchedServer) {
    server.watcher = this;
  }

  configured(): void {
    const address = this.server.settings?.console ?? null;
    const user = this.server.settings?.consoleAuth ?? null;
    const wanted = address === null ? '' : JSON.stringify([address, user]);
    if (wanted !== this.wanted) {
      this.wanted = wanted;
      this.last = this.last.then(async () => {
        this.console?.stop();
        this.console = null;
        if (address === null || wanted !== this.wanted) return;
        await this.start(address, user);
      });
    }
    this.changed();
  }

  changed(): void {
    this.console?.changed();
  }

  ended(worker: HostWorker): void {
    this.console?.ended(worker);
  }

  private async start(address: NonNullable<Settings['console']>, user: Settings['consoleAuth']): Promise<void> {
    const { host, port } = address;
    try {
      const { Console } = await import('./console.js');
      this.console = await Console.start(this.server, { address, user });
      const how =
        this.console.backend === 'native' ? '' : ', without a native uWebSockets.js for this Node: its page polls';
      this.server.log('notice', `console on http://${host.includes(':') ? `[${host}]` : host}:${port}/${how}`);
    } catch (error) {
      this.server.log('error', `there is no console: ${(error as Error).message}`);
    }
  }
}
