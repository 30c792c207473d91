import { bind, result } from './libc.js';
import { addressOf } from './memory.js';

/** timerfd_create(2): a timer that epoll reports as readable, to the microsecond where epoll's own timeout counts milliseconds. */

const CLOCK_MONOTONIC = 1;
const TFD_NONBLOCK = 0o4000;
const TFD_CLOEXEC = 0o2000000;

const callCreate = bind('int timerfd_create(int clock, int flags)');
const callSetTime = bind('int timerfd_settime(int fd, int flags, uintptr_t value, uintptr_t old)');

/** `struct itimerspec`: interval and first expiry, each in seconds and nanoseconds of 8 bytes. */
const words = new Uint32Array(new ArrayBuffer(64));
const wordsAddress = addressOf(new Uint8Array(words.buffer));
const secondsAt = 4;
const nanosecondsAt = 6;

/** A new non-blocking timer (close-on-exec) that is off, or the negative errno. */
export function timerfd(): number {
  return result(callCreate(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
}

/**
 * Sets it to expire once. An expiry that nobody has taken notice of is forgotten, so that there is nothing to read.
 * @param milliseconds from now, with fractions, less than 2^32 seconds; 0 is at once
 * @returns 0 or the negative errno
 */
export function timerfdSet(fd: number, milliseconds: number): number {
  // a value of 0 would switch it off
  const nanoseconds = Math.max(1, Math.round((milliseconds % 1000) * 1e6));
  const carry = nanoseconds >= 1e9;
  words[secondsAt] = Math.floor(milliseconds / 1000) + (carry ? 1 : 0);
  words[nanosecondsAt] = carry ? nanoseconds - 1e9 : nanoseconds;
  return result(callSetTime(fd, 0, wordsAddress, 0));
}
