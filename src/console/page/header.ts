/** The head of the page: which server this is, and whether it is heard from. */
import type { Snapshot } from '../snapshot.js';
import type { ConnectionState } from './connection.js';
import { byId, setAttribute, setText } from './dom.js';
import { dayAndTime, duration } from './format.js';

/** What the state line says. @param pause milliseconds until the next attempt */
export function stateText(state: ConnectionState, pause: number): string {
  if (state === 'live') return 'Live: the server pushes every second';
  if (state === 'polling') return 'Polling once a second: no WebSocket';
  if (state === 'connecting') return 'Connecting';
  return `Connection lost, trying again in ${duration(Math.max(1000, pause))}`;
}

export class Header {
  private readonly line = byId('connection', HTMLElement);
  private readonly version = byId('server-version', HTMLElement);
  private readonly since = byId('server-since', HTMLElement);
  private readonly workers = byId('server-workers', HTMLElement);
  private readonly configuration = byId('server-configuration', HTMLElement);

  showState(state: ConnectionState, pause: number): void {
    setAttribute(this.line, 'data-state', state);
    setText(this.line, stateText(state, pause));
  }

  /** @param now of the server's clock */
  update({ server, workers }: Snapshot, now: number): void {
    const process = server.hasMaster ? `master ${server.pid}` : `pid ${server.pid}, no master`;
    setText(this.version, `zerocopy ${server.version}, Node ${server.node.replace(/^v/, '')}, ${process}`);
    setText(this.since, `${dayAndTime(server.startedAt)}, for ${duration(now - server.startedAt)}`);
    const serving = workers.filter(({ state }) => state === 'serving').length;
    setText(this.workers, serving === workers.length ? `${serving}` : `${serving} of ${workers.length} serving`);
    const reloads = `${server.reloads} ${server.reloads === 1 ? 'reload' : 'reloads'}`;
    setText(this.configuration, `${server.configuration}, ${reloads}`);
  }
}
