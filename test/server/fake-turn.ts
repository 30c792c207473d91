import type { EventLoop, TurnEnd } from '../../src/event/loop.js';
import { type Timer, Timers } from '../../src/event/timers.js';

/** The part of a loop that logs and files need: a clock that stands still, and turns that end when they are told to. */
export class FakeTurn {
  readonly timers = new Timers();
  hasMoreEvents = false;
  private readonly ends: TurnEnd[] = [];

  get loop(): EventLoop {
    return this as unknown as EventLoop;
  }

  setTimer(timer: Timer, milliseconds: number): void {
    this.timers.set(timer, milliseconds);
  }

  atTurnEnd(end: TurnEnd): void {
    this.ends.push(end);
  }

  end(): void {
    this.hasMoreEvents = false;
    for (const each of this.ends.splice(0)) each.onTurnEnd();
  }
}
