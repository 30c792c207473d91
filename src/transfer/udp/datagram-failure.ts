import { ECONNREFUSED, EMSGSIZE, errnoText } from '../../../native/errno.js';
import { connectionFailure, TransferError } from '../failure.js';

/**
 * What a hard error of a connected UDP socket means (udp(7)).
 * @param errno positive
 * @param call the kernel's name for it
 */
export function datagramFailure(errno: number, call: string, peer: string, datagramSize: number): TransferError {
  const reason = `${call}() failed (${errnoText(errno)})`;
  if (errno === ECONNREFUSED) {
    return new TransferError(
      `nobody takes datagrams at ${peer}: ${reason}; the port is open for TCP: does something on the way refuse UDP?`,
      'peer',
    );
  }
  if (errno === EMSGSIZE) {
    return new TransferError(
      `datagrams of ${datagramSize} bytes are too large for the way to ${peer}: ${reason}; ask for smaller ones (--datagram-size)`,
      'network',
    );
  }
  return connectionFailure(errno, call, peer);
}
