import type { ReceivedHead } from '../../http/received-head.js';
import type { BodyLength } from '../http/body.js';
import type { HttpTarget } from '../http/url.js';
import type { Delivery } from './flow.js';

/** An answer whose head has come. Its body is either received or dropped. */
export interface Answer {
  readonly target: HttpTarget;
  readonly head: ReceivedHead;
  readonly length: BodyLength;
  /**
   * Moves the body to where it belongs, until it ends or the portion does.
   * @throws BrokenConnection where it ended too early; TransferError
   */
  receive(delivery: Delivery): Promise<void>;
  /** The body is not wanted. */
  drop(): void;
}
