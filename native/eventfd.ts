import { read, write } from './file.js';
import { bind, result } from './libc.js';
import { Int64Cell } from './memory.js';

/** eventfd(2): a counter that another thread or process adds to, and that epoll reports as readable. */

const EFD_NONBLOCK = 0o4000;
const EFD_CLOEXEC = 0o2000000;

const callEventfd = bind('int eventfd(uint32_t initial, int flags)');

const counter = new Int64Cell();

/** A new non-blocking eventfd with a counter of 0, or the negative errno. */
export function eventfd(): number {
  return result(callEventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
}

/** Adds 1: whoever watches the descriptor wakes up. Returns 8 or the negative errno. */
export function eventfdSignal(fd: number): number {
  counter.value = 1;
  return write(fd, counter.address, 8);
}

/** The counter, which becomes 0 again; or the negative errno (EAGAIN: it was 0). */
export function eventfdTake(fd: number): number {
  const returned = read(fd, counter.address, 8);
  return returned < 0 ? returned : counter.value;
}
