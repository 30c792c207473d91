/**
 * The wire to the server: a WebSocket that is pushed to, else polling once a second with a look now and then whether the WebSocket can be
 * had; and after a loss new attempts, with growing pauses.
 */
import type { ControlOffer, LiveMessage, Snapshot } from '../snapshot.js';
import { pauseAfter } from './pause.js';

export type ConnectionState = 'connecting' | 'live' | 'polling' | 'lost';

export interface ConnectionHooks {
  onMessage(message: LiveMessage): void;
  /** @param pause milliseconds until the next attempt, where the state is `lost` */
  onState(state: ConnectionState, pause: number): void;
  /** What the server lets this page change; again after each reconnection, for the token is new where the server is. */
  onOffer(offer: ControlOffer): void;
}

const pollPause = 1000;
const socketRetry = 30_000;
/** A server pushes once a second; after so long without a word the connection is dead, even if nobody has said so. */
const longestSilence = 10_000;
const answerTimeout = 5000;

export class Connection {
  private socket: WebSocket | undefined;
  private failures = 0;
  private timer: number | undefined;
  private silence: number | undefined;
  private isPolling = false;
  private socketTriedAt = 0;
  private state: ConnectionState = 'connecting';

  constructor(private readonly hooks: ConnectionHooks) {}

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (this.isPolling) this.poll();
    });
    this.connect();
  }

  /** Asks anew what may be changed; also when a change was refused. */
  async renewOffer(): Promise<string> {
    const offer = await ask<ControlOffer>('/control');
    this.hooks.onOffer(offer);
    return offer.token;
  }

  /** After a change: where nothing is pushed, the new state is fetched at once. */
  refresh(): void {
    if (this.isPolling) this.poll();
  }

  private async connect(): Promise<void> {
    try {
      this.openSocket(await this.renewOffer());
    } catch {
      this.lose();
    }
  }

  private openSocket(token: string): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live?token=${encodeURIComponent(token)}`);
    this.socket = socket;
    this.socketTriedAt = performance.now();
    let hasSpoken = false;
    socket.onmessage = event => {
      if (socket !== this.socket) return;
      hasSpoken = true;
      this.hear(socket, String(event.data));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.socket = undefined;
      clearTimeout(this.silence);
      if (hasSpoken) this.lose();
      else if (!this.isPolling) this.startPolling();
    };
    this.watch(socket);
  }

  private hear(socket: WebSocket, text: string): void {
    this.watch(socket);
    this.isPolling = false;
    clearTimeout(this.timer);
    this.failures = 0;
    this.hooks.onMessage(JSON.parse(text) as LiveMessage);
    this.tell('live');
  }

  private watch(socket: WebSocket): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      // close() would wait for the peer's own close, and this peer says nothing
      const isAlone = socket === this.socket && !this.isPolling;
      if (socket === this.socket) this.socket = undefined;
      socket.close();
      if (isAlone) this.lose();
    }, longestSilence);
  }

  private startPolling(): void {
    this.isPolling = true;
    this.poll();
  }

  /** One question, and the next one a second later; nothing while nobody looks. */
  private async poll(): Promise<void> {
    clearTimeout(this.timer);
    if (document.hidden) return;
    try {
      const snapshot = await ask<Snapshot>('/status');
      // the WebSocket may have come while this was under way
      if (!this.isPolling) return;
      this.failures = 0;
      this.hooks.onMessage({ type: 'full', snapshot });
      this.tell('polling');
      if (this.socket === undefined && performance.now() - this.socketTriedAt > socketRetry) {
        this.openSocket(await this.renewOffer());
      }
    } catch {
      if (this.isPolling) this.lose();
      return;
    }
    clearTimeout(this.timer);
    if (this.isPolling) this.timer = setTimeout(() => this.poll(), pollPause);
  }

  private lose(): void {
    this.isPolling = false;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
    this.failures += 1;
    const pause = pauseAfter(this.failures);
    this.tell('lost', pause);
    this.timer = setTimeout(() => this.connect(), pause);
  }

  private tell(state: ConnectionState, pause = 0): void {
    if (state === this.state && state !== 'lost') return;
    this.state = state;
    this.hooks.onState(state, pause);
  }
}

async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(answerTimeout) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}
