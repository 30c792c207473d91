import { bind, isX64, result } from './libc.js';
import { addressOf } from './memory.js';

/** epoll(7), in the form that the server's loop uses: an event carries a descriptor and a generation. */

export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLRDHUP = 0x2000;
export const EPOLLEXCLUSIVE = 1 << 28;
export const EPOLLET = 1 << 31;

export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;

const EPOLL_CLOEXEC = 0o2000000;

const callCreate = bind('int epoll_create1(int flags)');
const callCtl = bind('int epoll_ctl(int epfd, int op, int fd, uintptr_t event)');
const callWait = bind('int epoll_pwait(int epfd, uintptr_t events, int maxevents, int timeout, uintptr_t sigmask)');

/** `struct epoll_event` is packed on x86-64 only: 12 bytes there, 16 with a hole after `events` elsewhere. */
const wordsPerEvent = isX64 ? 3 : 4;
const dataWord = isX64 ? 1 : 2;

/** A new epoll descriptor (close-on-exec), or the negative errno. */
export function epollCreate(): number {
  return result(callCreate(EPOLL_CLOEXEC));
}

/** The events of one epoll_pwait, and the struct that epoll_ctl reads. */
export class EventList {
  private readonly words: Uint32Array;
  private readonly address: number;

  constructor(private readonly capacity: number) {
    this.words = new Uint32Array(new ArrayBuffer(capacity * wordsPerEvent * 4));
    this.address = addressOf(new Uint8Array(this.words.buffer));
  }

  /**
   * Waits for events. No signal mask is set: libuv's handlers run as ever, and the call then ends with -EINTR.
   * @param timeout ms; -1 waits without end
   * @returns how many events there are, or the negative errno
   */
  wait(epoll: number, timeout: number): number {
    return result(callWait(epoll, this.address, this.capacity, timeout, 0));
  }

  mask(index: number): number {
    return this.words[index * wordsPerEvent];
  }

  fd(index: number): number {
    return this.words[index * wordsPerEvent + dataWord];
  }

  generation(index: number): number {
    return this.words[index * wordsPerEvent + dataWord + 1];
  }
}

const ctlEvent = new Uint32Array(new ArrayBuffer(64));
const ctlAddress = addressOf(new Uint8Array(ctlEvent.buffer));

/** Adds, changes or removes (EPOLL_CTL_…) what is watched of a descriptor. Returns 0 or the negative errno. */
export function epollControl(epoll: number, operation: number, fd: number, mask: number, generation: number): number {
  ctlEvent[0] = mask;
  ctlEvent[dataWord] = fd;
  ctlEvent[dataWord + 1] = generation;
  return result(callCtl(epoll, operation, fd, ctlAddress));
}
