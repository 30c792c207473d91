import type { EventLoop } from './loop.js';

/**
 * A promise that is settled from within the loop: by a handler, a timer, a task. What waits for it runs when Node next has a
 * turn, and the loop gives Node one by itself only where there is something of Node's to do. So the loop is asked for it.
 */
export class Deferred<T> {
  readonly promise: Promise<T>;
  private readonly loop: EventLoop;
  private fulfil: (value: T) => void = () => {};
  private refuse: (error: unknown) => void = () => {};
  private settled = false;

  constructor(loop: EventLoop) {
    this.loop = loop;
    this.promise = new Promise((resolve, reject) => {
      this.fulfil = resolve;
      this.refuse = reject;
    });
    // it may be refused before somebody waits for it, and that is no mistake: who waits later is told
    this.promise.catch(() => {});
  }

  get isSettled(): boolean {
    return this.settled;
  }

  /** The first call of `resolve` or `reject` counts; later ones change nothing. */
  resolve(value: T): void {
    this.settled = true;
    this.fulfil(value);
    this.loop.onEvent();
  }

  reject(error: unknown): void {
    this.settled = true;
    this.refuse(error);
    this.loop.onEvent();
  }
}
