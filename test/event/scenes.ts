import { execFile } from 'node:child_process';
import { promises } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { EPOLLET, EPOLLIN, EPOLLOUT } from '../../native/epoll.js';
import { eventfd, eventfdSignal, eventfdTake } from '../../native/eventfd.js';
import { close } from '../../native/file.js';
import { Deferred } from '../../src/event/deferred.js';
import type { EventLoop, Task } from '../../src/event/loop.js';
import { Timer } from '../../src/event/timers.js';
import type { Scene } from './support.js';

/** A descriptor that is readable from the start. */
function readable(): number {
  const fd = eventfd();
  eventfdSignal(fd);
  return fd;
}

function task(run: () => void): Task {
  return { onTurn: run };
}

function timer(loop: EventLoop, milliseconds: number, run: () => void): Timer {
  const made = new Timer({ onTimer: run });
  loop.setTimer(made, milliseconds);
  return made;
}

/** Where several events come at once, what they put off runs behind them all. */
function halves({ loop, faults, finish }: Scene): void {
  const seen: unknown[] = [];
  const watch = (name: string, fd: number, second: () => void) =>
    loop.add(fd, EPOLLIN, {
      onEvent() {
        seen.push([name, loop.isCrowded, loop.hasMoreEvents]);
        eventfdTake(fd);
        loop.secondHalf(task(second));
      },
    });
  const again = (name: string) => () => seen.push([`${name} again`, loop.isCrowded, loop.hasMoreEvents]);
  const fds = [readable(), readable(), readable()];
  watch('a', fds[0]!, again('a'));
  watch('b', fds[1]!, () => {
    throw new Error('fault');
  });
  watch('c', fds[2]!, () => {
    again('c')();
    loop.post(task(() => finish({ seen, faults: faults.length })));
  });
}

/** An event waits before tasks do; the last one, and an event alone, have nobody behind them. */
function others({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const note = (name: string) => seen.push(`${name}: ${loop.hasOthers}`);
  const fd = readable();
  loop.add(fd, EPOLLIN, {
    onEvent() {
      note('event');
      eventfdTake(fd);
      if (seen.length > 1) finish(seen);
    },
  });
  loop.post(task(() => note('a')));
  loop.post(
    task(() => {
      note('b');
      eventfdSignal(fd);
    }),
  );
}

/** Without it, a timer of V8's own would bring the loop back to Node after some seconds, and hide that it was stuck. */
function giveUp(loop: EventLoop, run: () => void): void {
  timer(loop, 4000, run);
}

/** Events are told with their mask, as often as they are there; not after `modify` or `remove` has said so. */
function events({ loop, finish }: Scene): void {
  const seen: unknown[] = [];
  const fd = readable();
  let times = 0;
  loop.add(fd, EPOLLIN, {
    onEvent(mask) {
      seen.push(['first', mask]);
      times += 1;
      if (times === 3) {
        eventfdTake(fd);
        loop.modify(fd, EPOLLOUT | EPOLLET);
      }
      if (times === 4) timer(loop, 5, remove);
    },
  });
  const remove = () => {
    seen.push(loop.remove(fd), loop.remove(fd));
    eventfdSignal(fd);
    timer(loop, 5, () => finish(seen));
  };
}

/** What waits for a promise runs, though Node has nothing to do by itself; the first outcome counts. */
function deferred({ loop, finish }: Scene): void {
  const seen: unknown[] = [];
  const first = new Deferred<string>(loop);
  const second = new Deferred<string>(loop);
  // refused before anybody waits: no unhandled rejection
  const third = new Deferred<string>(loop);
  third.reject('refused early');
  timer(loop, 1, () => {
    first.resolve('resolved');
    first.reject('too late');
  });
  const run = async () => {
    seen.push(await first.promise);
    timer(loop, 1, () => {
      second.reject('refused');
      second.resolve('too late');
    });
    seen.push(await second.promise.catch(reason => reason));
    seen.push(await third.promise.catch(reason => reason));
    finish(seen);
  };
  timer(loop, 5, () => {
    void run();
    loop.onEvent();
  });
  giveUp(loop, () => finish(seen));
}

/** Each wait for events is counted. */
function waits({ loop, finish }: Scene): void {
  const before = loop.waits;
  let turns = 0;
  const again: Task = {
    onTurn() {
      turns += 1;
      if (turns < 10) loop.post(again);
      else finish(loop.waits - before >= 10);
    },
  };
  loop.post(again);
}

/** In one batch, the first handler closes the other descriptor, and its number is used again. */
function reuse({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const fds = [readable(), readable()];
  const replace = (own: number, other: number) => () => {
    eventfdTake(own);
    loop.forget(other);
    close(other);
    const next = eventfd();
    seen.push(next === other ? 'same number' : 'another number');
    loop.add(next, EPOLLIN, { onEvent: () => seen.push('stale event') });
    loop.post(task(() => loop.post(task(() => finish(seen)))));
  };
  loop.add(fds[0], EPOLLIN, { onEvent: replace(fds[0], fds[1]) });
  loop.add(fds[1], EPOLLIN, { onEvent: replace(fds[1], fds[0]) });
}

/** In one batch, the first handler closes the other descriptor, and its number is not used again. */
function closed({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const fds = [readable(), readable()];
  const drop = (own: number, other: number) => () => {
    seen.push('event');
    eventfdTake(own);
    loop.forget(other);
    close(other);
    loop.post(task(() => loop.post(task(() => finish(seen)))));
  };
  loop.add(fds[0], EPOLLIN, { onEvent: drop(fds[0], fds[1]) });
  loop.add(fds[1], EPOLLIN, { onEvent: drop(fds[1], fds[0]) });
}

/** Tasks run in order after the events; a task's task waits for the turn after. Events that follow one another are told as one. */
function tasks({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const fd = readable();
  const start = task(() => {
    loop.add(fd, EPOLLIN, { onEvent: () => seen.at(-1) !== 'event' && seen.push('event') });
    for (const name of ['a', 'b']) {
      loop.post(
        task(() => {
          seen.push(name);
          loop.post(task(() => seen.push(`${name} again`)));
        }),
      );
    }
    loop.post(task(() => loop.post(task(() => finish(seen)))));
  });
  loop.post(start);
}

/** Tasks that take their time: events do not wait for all of them. */
function longTasks({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const fd = eventfd();
  loop.add(fd, EPOLLIN, {
    onEvent() {
      eventfdTake(fd);
      seen.push('event');
    },
  });
  const spin = (name: string) =>
    task(() => {
      if (seen.length === 0) eventfdSignal(fd);
      seen.push(name);
      const end = performance.now() + 2;
      while (performance.now() < end);
    });
  for (const name of ['first', 'second', 'third']) loop.post(spin(name));
  loop.post(task(() => finish(seen)));
}

/** Handlers, timers and tasks that throw, and one whose onFault throws as well. */
function faulty({ loop, finish, faults }: Scene): void {
  const seen: string[] = [];
  const fds = [readable(), readable(), readable()];
  const bad = (fd: number, name: string, inFault: boolean) => ({
    onEvent() {
      eventfdTake(fd);
      throw new Error(`${name} event`);
    },
    onFault(error: Error) {
      seen.push(`${error.message} let go`);
      if (inFault) throw new Error(`${name} fault`);
    },
  });
  loop.add(fds[0], EPOLLIN, bad(fds[0], 'first', true));
  loop.add(fds[1], EPOLLIN, {
    onEvent() {
      eventfdTake(fds[1]);
      seen.push('second event');
    },
  });
  loop.add(fds[2], EPOLLIN, bad(fds[2], 'third', false));
  timer(loop, 0, () => {
    throw new Error('timer');
  });
  timer(loop, 1, () => seen.push('next timer'));
  loop.post(
    task(() => {
      throw new Error('task');
    }),
  );
  loop.post(task(() => seen.push('next task')));
  // all timers may be due in the first turn: the end waits for the turn after
  const end = task(() => finish({ seen: seen.sort(), faults: (faults as string[]).sort() }));
  timer(loop, 10, () => loop.post(end));
}

/** Many timers: none before its time, on the loop's clock and on the process's. */
function accuracy({ loop, finish }: Scene): void {
  const early: number[] = [];
  const fired: number[] = [];
  let left = 40;
  for (let i = 0; i < 40; i++) {
    const milliseconds = (i * 7.3) % 31;
    const due = loop.now + milliseconds;
    timer(loop, milliseconds, () => {
      if (loop.now < due || performance.now() < due) early.push(milliseconds);
      fired.push(due);
      if (--left === 0) finish({ early, inOrder: fired.every((each, at) => at === 0 || fired[at - 1] <= each) });
    });
  }
}

/** A timer that is set anew for "now" by its owner leaves the others their turn. */
function rearmed({ loop, finish }: Scene): void {
  const fd = readable();
  let times = 0;
  const again = new Timer({
    onTimer() {
      times += 1;
      if (times < 100_000) loop.setTimer(again, 0);
    },
  });
  loop.setTimer(again, 0);
  loop.add(fd, EPOLLIN, {
    onEvent() {
      if (times > 0) finish(times < 100_000 ? 'had its turn' : 'had to wait');
    },
  });
}

/** Tasks without end leave events, timers and Node their turn. */
function busy({ loop, finish }: Scene): void {
  const seen = new Set<string>();
  const saw = (what: string) => {
    seen.add(what);
    if (seen.size === 3) finish([...seen].sort());
  };
  const endless = task(() => loop.post(endless));
  loop.post(endless);
  timer(loop, 3, () => saw('timer'));
  setTimeout(() => saw('setTimeout'), 3);
  const fd = eventfd();
  loop.add(fd, EPOLLIN, { onEvent: () => saw('event') });
  timer(loop, 1, () => eventfdSignal(fd));
}

/** Nothing to do: the loop waits in the kernel, and does not come back to Node again and again. */
function idle({ loop, finish }: Scene): void {
  const { setImmediate } = globalThis;
  let visits = 0;
  globalThis.setImmediate = Object.assign(
    (...args: Parameters<typeof setImmediate>) => {
      visits += 1;
      return setImmediate(...args);
    },
    { __promisify__: setImmediate.__promisify__ },
  ) as typeof setImmediate;
  timer(loop, 150, () => finish(visits));
}

/** Each of Node's ways to get called back, started from Node while the loop runs. */
function nodeTimers({ loop, finish }: Scene): void {
  const seen: string[] = [];
  giveUp(loop, () => finish([...seen, 'stuck']));
  setTimeout(async () => {
    seen.push('setTimeout');
    await null;
    seen.push('promise');
    process.nextTick(() => seen.push('nextTick'));
    setImmediate(() => seen.push('setImmediate'));
    let left = 20;
    const chain = () => {
      if (--left > 0) setImmediate(chain);
      else setTimeout(() => finish([...seen, 'chain']), 1);
    };
    setImmediate(chain);
  }, 2);
}

/** Handlers start work in Node, and have the loop return there. A process that had to wait runs the timer before the immediate. */
function fromHandler({ loop, finish }: Scene): void {
  const seen: string[] = [];
  const saw = (what: string) => {
    seen.push(what);
    if (seen.length === 3) finish(seen.sort());
  };
  const fd = readable();
  loop.add(fd, EPOLLIN, {
    onEvent() {
      eventfdTake(fd);
      Promise.resolve().then(() => saw('promise'));
      setImmediate(() => saw('setImmediate'));
      setTimeout(() => saw('setTimeout'), 2);
      loop.onEvent();
    },
  });
  giveUp(loop, () => finish([...seen, 'stuck']));
}

function signal({ finish }: Scene): void {
  process.on('SIGUSR2', () => finish('SIGUSR2'));
  setTimeout(() => process.kill(process.pid, 'SIGUSR2'), 2);
}

/** Messages go to and fro, many of them, one after another. */
function messages({ finish }: Scene): void {
  process.on('message', (count: number) => {
    if (count === 200) finish(count);
    else process.send?.({ count });
  });
  process.send?.({ count: 0 });
}

async function files({ finish }: Scene): Promise<void> {
  const sizes = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const text = await promises.readFile(process.argv[1]);
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => promises.stat(process.argv[1])));
    for (const one of all) sizes.add(one.size - text.length);
  }
  finish([...sizes]);
}

function children({ finish }: Scene): void {
  execFile(process.execPath, ['-e', 'console.log("from the child")'], (error, out) => finish(error ?? out.trim()));
}

/** Sockets of Node, one after another: each is a watcher that libuv takes up only when it polls. */
function sockets({ loop, finish }: Scene): void {
  let left = 300;
  giveUp(loop, () => finish(`${left} not answered`));
  const server = createServer(socket => {
    socket.on('data', bytes => socket.write(bytes));
    socket.on('end', () => socket.end());
  });
  // the loop is kept going as well: what is lost must not be found because nothing else was to do
  const fd = eventfd();
  loop.add(fd, EPOLLIN, { onEvent: () => eventfdTake(fd) });
  const one = (): void => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('connect', () => client.end('ping'));
    client.on('data', () => eventfdSignal(fd));
    client.on('close', () => {
      if (--left === 0) finish('all answered');
      else if (left >= 8) one();
    });
  };
  server.listen(0, '127.0.0.1', () => {
    for (let i = 0; i < 8; i++) one();
  });
}

export const scenes: Record<string, (scene: Scene) => unknown> = {
  events,
  halves,
  others,
  reuse,
  closed,
  tasks,
  longTasks,
  faulty,
  accuracy,
  rearmed,
  busy,
  idle,
  deferred,
  waits,
  nodeTimers,
  fromHandler,
  signal,
  messages,
  files,
  children,
  sockets,
};
