import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLIN,
  EventList,
  epollControl,
  epollCreate,
} from '../../native/epoll.js';
import { check, EINTR } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { UvLoop } from '../../native/libuv.js';
import { type Timer, Timers } from './timers.js';

/** Who watches a descriptor is told here what epoll reports of it (a mask of EPOLL…). */
export interface EventHandler {
  onEvent(mask: number): void;
  /** A bug threw while it ran: let go of everything, for the loop goes on. */
  onFault?(error: unknown): void;
}

/** Something to be done after the other events have had their turn. */
export interface Task {
  onTurn(): void;
  onFault?(error: unknown): void;
}

/** What is to be done when all of a turn's events and tasks have had their turn, and before the loop waits. */
export interface TurnEnd {
  onTurnEnd(): void;
}

/** nginx asks for as many (events { use epoll; } epoll_events). */
const eventsPerWait = 512;
const longestWait = 2 ** 31 - 1;
/** What tasks may take of a turn before the loop looks for events again (ms): a client with a small wish waits no longer than that, and one task. */
const tasksPerTurn = 0.1;
/** Tasks that are done are dropped from the list when there are so many. */
const doneTasksKept = 1024;

/**
 * The event loop of a process: file events, timers and posted tasks on one epoll descriptor, and Node's own loop beside it.
 *
 * Node cannot run while we wait in epoll_pwait. So the descriptor that libuv waits on is in our set as well: when it
 * becomes readable (a signal, a message from the master, a socket of the console), or when one of Node's timers is due,
 * `run` returns to Node and is called again from there.
 */
export class EventLoop implements EventHandler {
  readonly timers = new Timers();
  /** Milliseconds on a clock that only goes forward, as of the last return of epoll_pwait; timers run on it. */
  now = performance.now();
  /** Milliseconds since 1970, as of the same moment. */
  wallClock = Date.now();
  /** How often epoll_pwait was called: what the loop adds to the cost of what runs on it. */
  waits = 0;

  private readonly epoll = check(epollCreate(), 'epoll_create1()');
  private readonly events = new EventList(eventsPerWait);
  /** By descriptor. */
  private readonly handlers: (EventHandler | undefined)[] = [];
  /** By descriptor: tells an event of a closed descriptor from one of its number's next user. */
  private readonly generations: number[] = [];
  /** In the order in which they were posted; those before `firstTask` are done. */
  private readonly posted: Task[] = [];
  private firstTask = 0;
  /** Events and second halves of this turn that nobody has been told of yet. */
  private eventsLeft = 0;
  private isTelling = false;
  /** The first `secondCount` are those that wait for the second half of this turn. */
  private readonly seconds: (Task | null)[] = [];
  private secondCount = 0;
  private readonly turnEnds: TurnEnd[] = [];
  private readonly uv = new UvLoop();
  private visitNode = false;
  private stopped = false;

  /** @param reportFault is told of what a handler threw; the handler's own `onFault` has run by then */
  constructor(private readonly reportFault: (error: unknown) => void) {
    this.add(this.uv.backendFd, EPOLLIN, this);
  }

  /** Begins to run, and keeps the process alive until `stop`. */
  start(): void {
    this.returnToNode();
  }

  /** Ends the loop after the present turn; Node's own loop then runs on by itself. */
  stop(): void {
    this.stopped = true;
  }

  /** For a process that has stopped the loop and lives on. */
  dispose(): void {
    close(this.epoll);
  }

  /** Returns 0 or the negative errno. */
  add(fd: number, mask: number, handler: EventHandler): number {
    const generation = ((this.generations[fd] ?? 0) + 1) >>> 0;
    this.generations[fd] = generation;
    this.handlers[fd] = handler;
    return epollControl(this.epoll, EPOLL_CTL_ADD, fd, mask, generation);
  }

  modify(fd: number, mask: number): number {
    return epollControl(this.epoll, EPOLL_CTL_MOD, fd, mask, this.generations[fd]);
  }

  /** Stops watching a descriptor that stays open. */
  remove(fd: number): number {
    this.handlers[fd] = undefined;
    return epollControl(this.epoll, EPOLL_CTL_DEL, fd, 0, 0);
  }

  /** Stops watching a descriptor that is about to be closed: the kernel takes it out of the set by itself. */
  forget(fd: number): void {
    this.handlers[fd] = undefined;
  }

  /** Has `task` run in the next turn, after epoll was asked for the others' events. */
  post(task: Task): void {
    this.posted.push(task);
  }

  /** Whether more of this turn is to come: what can be put together with others' may wait for `atTurnEnd` then. */
  get hasMoreEvents(): boolean {
    return this.eventsLeft > 0;
  }

  /** Whether the event that is being told of is one of several: what it asks for may wait for `secondHalf`. */
  get isCrowded(): boolean {
    return this.isTelling && this.hasMoreEvents;
  }

  /** Whether others wait for their turn: who could go on for long is to be short then. */
  get hasOthers(): boolean {
    return this.hasMoreEvents || this.firstTask < this.posted.length;
  }

  /**
   * Has `task` run when all events of this turn have been told of. So what many ask for is known before the first is answered: what is
   * found out then holds for all of them.
   */
  secondHalf(task: Task): void {
    this.seconds[this.secondCount++] = task;
    this.eventsLeft += 1;
  }

  /** Has `end` told, once, when this turn is over. */
  atTurnEnd(end: TurnEnd): void {
    this.turnEnds.push(end);
  }

  setTimer(timer: Timer, milliseconds: number): void {
    this.timers.set(timer, this.now + milliseconds);
  }

  /** libuv's descriptor is readable. Also to be called after something was started in Node from within a handler. */
  onEvent(): void {
    this.visitNode = true;
  }

  private run(): void {
    this.updateTime();
    const untilNode = this.uv.nextTimer();
    const nodeDeadline = untilNode < 0 ? Number.POSITIVE_INFINITY : this.now + untilNode;
    while (!this.stopped) {
      // what the events and the tasks of a turn post is for the next one
      const lastTask = this.posted.length;
      this.dispatch(this.wait(nodeDeadline, lastTask > 0 || this.visitNode));
      this.runTimers();
      if (lastTask > 0) this.runTasks(lastTask);
      if (this.turnEnds.length > 0) this.endTurn();
      if (this.visitNode || this.now >= nodeDeadline) {
        this.visitNode = false;
        this.returnToNode();
        return;
      }
    }
  }

  /**
   * Lets Node run, and has it call `run` again after two turns of libuv: libuv takes up new watchers only when it polls,
   * which is between the two. Where the second turn has left something to be done in its stead (a watcher, an immediate,
   * a handle to close), Node gets one more visit, after a look at our own events.
   */
  private returnToNode(): void {
    setImmediate(() => {
      const { eventCount } = this.uv;
      const begun = performance.now();
      const untilTimer = this.uv.nextTimer();
      const others = hasImmediates();
      setImmediate(() => {
        const timerRan = untilTimer >= 0 && performance.now() - begun + 1 >= untilTimer;
        if (others || timerRan || this.uv.eventCount !== eventCount || hasImmediates()) this.visitNode = true;
        this.run();
      });
    });
  }

  /** @param busy tasks or Node wait for their turn: look for events, and do not wait for them */
  private wait(nodeDeadline: number, busy: boolean): number {
    let timeout = 0;
    if (!busy) {
      const deadline = Math.min(this.timers.next(), nodeDeadline);
      if (deadline === Number.POSITIVE_INFINITY) timeout = -1;
      else timeout = Math.max(0, Math.min(longestWait, Math.ceil(deadline - this.now)));
    }
    const count = this.events.wait(this.epoll, timeout);
    this.waits += 1;
    this.updateTime();
    if (count === -EINTR) return 0;
    return check(count, 'epoll_pwait()');
  }

  private dispatch(count: number): void {
    const { events } = this;
    this.isTelling = true;
    for (let index = 0; index < count; index++) {
      this.eventsLeft = count - index - 1 + this.secondCount;
      const fd = events.fd(index);
      const handler = this.handlers[fd];
      if (handler === undefined || this.generations[fd] !== events.generation(index)) continue;
      try {
        handler.onEvent(events.mask(index));
      } catch (error) {
        this.fault(error, handler);
      }
    }
    this.isTelling = false;
    this.runSecondHalf();
  }

  private runSecondHalf(): void {
    const { seconds, secondCount } = this;
    for (let index = 0; index < secondCount; index++) {
      const task = seconds[index] as Task;
      seconds[index] = null;
      this.eventsLeft = secondCount - index - 1;
      try {
        task.onTurn();
      } catch (error) {
        this.fault(error, task);
      }
    }
    this.secondCount = 0;
  }

  private runTimers(): void {
    // each but once: one that is set anew for this very moment must not keep events and tasks from their turn
    for (let left = this.timers.size; left > 0; left--) {
      const timer = this.timers.takeDue(this.now);
      if (timer === undefined) return;
      try {
        timer.owner.onTimer();
      } catch (error) {
        this.fault(error, timer.owner);
      }
    }
  }

  /** Runs one task at least, and no more after their time is up. */
  private runTasks(last: number): void {
    const { posted } = this;
    const end = performance.now() + tasksPerTurn;
    do {
      const task = posted[this.firstTask++]!;
      try {
        task.onTurn();
      } catch (error) {
        this.fault(error, task);
      }
    } while (this.firstTask < last && performance.now() < end);
    if (this.firstTask === posted.length || this.firstTask >= doneTasksKept) {
      posted.splice(0, this.firstTask);
      this.firstTask = 0;
    }
  }

  private endTurn(): void {
    const { turnEnds } = this;
    for (let index = 0; index < turnEnds.length; index++) turnEnds[index]!.onTurnEnd();
    turnEnds.length = 0;
  }

  private fault(error: unknown, subject: { onFault?(error: unknown): void }): void {
    try {
      subject.onFault?.(error);
    } catch (second) {
      this.reportFault(second);
    }
    this.reportFault(error);
  }

  private updateTime(): void {
    this.now = performance.now();
    this.wallClock = Date.now();
  }
}

/** Whether callbacks of setImmediate wait for Node's next turn. */
function hasImmediates(): boolean {
  return process.getActiveResourcesInfo().includes('Immediate');
}
