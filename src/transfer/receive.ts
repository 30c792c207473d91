import { EventLoop } from '../event/loop.js';
import type { Endpoint } from './connect.js';
import { TransferError } from './failure.js';
import { Receiver, type ReceiverOwner } from './session/receiver.js';
import type { ReceiveSettings } from './session/settings.js';

/** `zerocopy receive`: takes files from each `zerocopy send` that connects, until it is stopped. */
export class Receiving {
  private readonly loop: EventLoop;
  private readonly receiver: Receiver;

  constructor(settings: ReceiveSettings, owner: ReceiverOwner) {
    this.loop = new EventLoop(error => owner.onNote(`internal error: ${error}`));
    this.receiver = new Receiver(this.loop, settings, owner);
  }

  /**
   * Begins to listen. The process has a running loop from then on, until `stop` is done.
   * @returns where
   * @throws TransferError that says why it cannot
   */
  start(): Endpoint {
    const endpoint = this.receiver.listen();
    this.loop.start();
    return endpoint;
  }

  /**
   * Ends it; what has arrived of files that are not whole is kept.
   * @param why `SIGINT`, for the senders
   * @returns when they have been told
   */
  async stop(why: string): Promise<void> {
    await this.receiver.stop(new TransferError(`the receiver was ended by its user (${why})`, 'peer'));
    this.loop.stop();
  }
}
