import { EventLoop } from '../event/loop.js';
import type { Display } from './display.js';
import { TransferError } from './failure.js';
import type { TransferReport } from './report.js';
import { SendSession } from './session/send-session.js';
import type { SendSettings } from './session/settings.js';

/** `zerocopy send`: files to a `zerocopy receive`. */
export class Sending {
  private readonly loop: EventLoop;
  private readonly session: SendSession;

  constructor(settings: SendSettings, display: Display) {
    this.loop = new EventLoop(error => display.note(`internal error: ${error}`));
    this.session = new SendSession(this.loop, settings, display);
  }

  /**
   * Sends all files. The process has a running loop meanwhile.
   * @returns both ends' reports, or the sender's alone where the receiver's did not come any more
   * @throws TransferError that says why not all files are there
   */
  async run(): Promise<TransferReport> {
    this.loop.start();
    try {
      return await this.session.run();
    } finally {
      this.loop.stop();
    }
  }

  /**
   * Ends it early: `run` throws, after the receiver has been told.
   * @param why `SIGINT`
   * @returns false where nobody needs to be told, and nothing will be thrown for it
   */
  stop(why: string): boolean {
    return this.session.stop(new TransferError(`the sender was ended by its user (${why})`, 'peer'));
  }
}
