import { Deferred } from '../../event/deferred.js';
import type { EventLoop } from '../../event/loop.js';
import { Timer } from '../../event/timers.js';

/** Waiting that can be cut short. */
export class Pause {
  private readonly timer: Timer;
  private waiting: Deferred<void> | null = null;

  constructor(private readonly loop: EventLoop) {
    this.timer = new Timer({ onTimer: () => this.end() });
  }

  /** @param milliseconds at most */
  wait(milliseconds: number): Promise<void> {
    this.waiting = new Deferred(this.loop);
    this.loop.setTimer(this.timer, milliseconds);
    return this.waiting.promise;
  }

  end(): void {
    this.loop.timers.remove(this.timer);
    this.waiting?.resolve();
    this.waiting = null;
  }
}
