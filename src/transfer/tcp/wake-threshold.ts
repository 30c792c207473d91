import { SO_RCVLOWAT, SOL_SOCKET, setOption } from '../../../native/socket.js';

/**
 * So many bytes (or the rest of what is expected) have to be there before epoll tells of them: otherwise a receiver that is faster
 * than its sender is woken for every few packets, and both pay for it.
 */
const worthWaking = 512 * 1024;
/** ms after which a receiver looks at what has come all the same: a slow sender's bytes are not to lie about. */
export const wakePatience = 100;

/** How much has to have come before a socket counts as readable (SO_RCVLOWAT, socket(7)). */
export class WakeThreshold {
  private bytes = 1;

  constructor(private readonly fd: number) {}

  /**
   * The socket is empty, and so many bytes are still to come.
   * @returns whether a timer (`wakePatience`) has to look after it too
   */
  expect(left: number): boolean {
    const wanted = Math.min(left, worthWaking);
    if (wanted !== this.bytes && setOption(this.fd, SOL_SOCKET, SO_RCVLOWAT, wanted) === 0) this.bytes = wanted;
    return this.bytes > 1;
  }

  /** Whatever comes next is told at once. */
  reset(): void {
    this.expect(1);
  }
}
