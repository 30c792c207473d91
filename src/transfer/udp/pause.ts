import { EPOLLET, EPOLLIN } from '../../../native/epoll.js';
import { check } from '../../../native/errno.js';
import { close } from '../../../native/file.js';
import { timerfd, timerfdSet } from '../../../native/timerfd.js';
import type { EventLoop } from '../../event/loop.js';

/**
 * A wait that is shorter than the loop's timers can tell: at 10 Gbit/s a millisecond is 860 datagrams, which would all leave at
 * once.
 */
export class Pause {
  private readonly fd: number;

  /** @throws SystemError */
  constructor(
    private readonly loop: EventLoop,
    over: () => void,
  ) {
    this.fd = check(timerfd(), 'timerfd_create()');
    // an edge a wait: the expiry need not be read, for setting the timer anew takes it back
    check(loop.add(this.fd, EPOLLIN | EPOLLET, { onEvent: over }), 'epoll_ctl()');
  }

  /** @param milliseconds with fractions */
  begin(milliseconds: number): void {
    timerfdSet(this.fd, milliseconds);
  }

  close(): void {
    this.loop.forget(this.fd);
    close(this.fd);
  }
}
