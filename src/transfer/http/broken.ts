import { type FailureKind, TransferError } from '../failure.js';

/** The connection broke, or the server fell silent, before the answer was whole: another try may go better. */
export class BrokenConnection extends TransferError {
  constructor(message: string, kind: FailureKind = 'network', options?: ErrorOptions) {
    super(message, kind, options);
  }
}
