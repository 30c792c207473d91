import { close } from '../../../native/file.js';
import type { EventLoop, Task } from '../../event/loop.js';
import { Timer, type TimerOwner } from '../../event/timers.js';
import { SoftErrors } from '../failure.js';

interface Owner {
  readonly loop: EventLoop;
  fail(error: unknown): void;
}

/** What the data connections of both ends have in common: they have turns, wait, and break in the same way. */
export abstract class PieceStream<Path, Host extends Owner> implements Task, TimerOwner {
  readonly soft = new SoftErrors();
  /** How the bytes move; null while none are to. */
  protected path: Path | null = null;
  protected readonly timer = new Timer(this);
  private isPosted = false;

  /** @param fd a connection whose greeting is over; it belongs to the stream */
  constructor(
    protected readonly fd: number,
    protected readonly owner: Host,
  ) {}

  /** Moves bytes until the socket is full or empty, or the stream has had its share of the turn. What it throws breaks the stream. */
  protected abstract pump(path: Path): void;

  onTurn(): void {
    this.isPosted = false;
    this.turn();
  }

  onTimer(): void {
    this.turn();
  }

  onFault(error: unknown): void {
    this.fail(error);
  }

  close(): void {
    this.path = null;
    this.owner.loop.timers.remove(this.timer);
    this.owner.loop.forget(this.fd);
    close(this.fd);
  }

  protected turn(): void {
    if (this.path === null) return;
    try {
      this.pump(this.path);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Another turn, after the others have had theirs. */
  protected post(): void {
    if (this.isPosted) return;
    this.isPosted = true;
    this.owner.loop.post(this);
  }

  protected fail(error: unknown): void {
    this.path = null;
    this.owner.fail(error);
  }
}
