import type { EventLoop } from '../event/loop.js';
import { Timer, type TimerOwner } from '../event/timers.js';

/** Has something done again and again. */
export class Ticker implements TimerOwner {
  private readonly timer = new Timer(this);

  /** @param period ms from one time to the next */
  constructor(
    private readonly loop: EventLoop,
    private readonly period: number,
    private readonly run: () => void,
  ) {}

  /** The first time is a period from now. */
  start(): void {
    this.loop.setTimer(this.timer, this.period);
  }

  stop(): void {
    this.loop.timers.remove(this.timer);
  }

  onTimer(): void {
    this.start();
    this.run();
  }
}
