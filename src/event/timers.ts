/** Who has a timer is told here when it is due. */
export interface TimerOwner {
  onTimer(): void;
  onFault?(error: unknown): void;
}

/** One deadline of one owner; made once and set again and again. */
export class Timer {
  /** When it is due, in ms of the loop's clock; Infinity while it is off. */
  deadline = Number.POSITIVE_INFINITY;
  /** Where it stands in the heap (-1: nowhere), and under which time: never later than `deadline`. */
  place = -1;
  key = 0;

  constructor(readonly owner: TimerOwner) {}

  get isSet(): boolean {
    return this.deadline !== Number.POSITIVE_INFINITY;
  }
}

/**
 * Deadlines in a binary heap that is put right lazily. A connection moves its timer with every request and nearly always
 * to a later time: that, and switching it off, only writes `deadline`. The heap learns of it when the timer comes to the
 * top under its old time. So the request path pays nothing, and 10,000 connections cost 14 steps for the few that expire.
 */
export class Timers {
  private readonly heap: Timer[] = [];

  get size(): number {
    return this.heap.length;
  }

  set(timer: Timer, deadline: number): void {
    timer.deadline = deadline;
    if (timer.place < 0) {
      timer.key = deadline;
      this.heap.push(timer);
      this.rise(timer, this.heap.length - 1);
    } else if (deadline < timer.key) {
      timer.key = deadline;
      this.rise(timer, timer.place);
    }
  }

  /** Switches it off; it may stay in the heap for a while. */
  clear(timer: Timer): void {
    timer.deadline = Number.POSITIVE_INFINITY;
  }

  /** Switches it off and takes it out, so that nothing holds on to its owner. */
  remove(timer: Timer): void {
    timer.deadline = Number.POSITIVE_INFINITY;
    const { place } = timer;
    if (place < 0) return;
    timer.place = -1;
    const last = this.heap.pop();
    if (last === undefined || last === timer) return;
    if (place > 0 && last.key < this.heap[(place - 1) >> 1].key) this.rise(last, place);
    else this.sink(last, place);
  }

  /** The earliest deadline, or Infinity. */
  next(): number {
    const { heap } = this;
    while (heap.length > 0) {
      const top = heap[0];
      if (top.deadline === top.key) return top.key;
      if (top.isSet) {
        top.key = top.deadline;
        this.sink(top, 0);
      } else {
        this.remove(top);
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes out a timer that is due at `now`, if there is one: it is off then, and its owner is to be told. */
  takeDue(now: number): Timer | undefined {
    if (this.next() > now || this.heap.length === 0) return undefined;
    const timer = this.heap[0];
    this.remove(timer);
    return timer;
  }

  private rise(timer: Timer, from: number): void {
    const { heap } = this;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent].key <= timer.key) break;
      heap[place] = heap[parent];
      heap[place].place = place;
      place = parent;
    }
    heap[place] = timer;
    timer.place = place;
  }

  private sink(timer: Timer, from: number): void {
    const { heap } = this;
    const { length } = heap;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && heap[child + 1].key < heap[child].key) child += 1;
      if (heap[child].key >= timer.key) break;
      heap[place] = heap[child];
      heap[place].place = place;
      place = child;
    }
    heap[place] = timer;
    timer.place = place;
  }
}
