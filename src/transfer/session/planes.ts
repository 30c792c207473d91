import type { SocketAddress } from '../../../native/sockaddr.js';
import type { PlaneHost, ReceivingPlane, SendingPlane } from '../data-plane.js';
import { TransferError } from '../failure.js';
import type { Hello } from '../protocol.js';
import { TcpReceivingPlane } from '../tcp/receiving-plane.js';
import { TcpSendingPlane } from '../tcp/sending-plane.js';
import type { DatagramPort } from '../udp/datagram-port.js';
import { UdpReceivingPlane } from '../udp/receiving-plane.js';
import { UdpSendingPlane } from '../udp/sending-plane.js';
import { type ReceiveSettings, type SendSettings, sinkKind } from './settings.js';

/** @param address where the control connection goes to */
export function makeSendingPlane(host: PlaneHost, settings: SendSettings, address: SocketAddress): SendingPlane {
  if (settings.transport === 'udp') return new UdpSendingPlane(host, settings, address);
  return new TcpSendingPlane(host, settings, address.host);
}

/**
 * @param hello what the sender wants
 * @param datagrams the receiver's UDP port, if it has one
 * @throws TransferError (kind refused)
 */
export function makeReceivingPlane(
  host: PlaneHost,
  settings: ReceiveSettings,
  { transport, streams }: Hello,
  datagrams: DatagramPort | null,
): ReceivingPlane {
  if (transport === 'tcp') return new TcpReceivingPlane(host, settings, streams);
  if (datagrams === null) throw new TransferError('this receiver takes no datagrams', 'refused');
  // there is no splice for datagrams
  const kind = sinkKind(settings);
  const store = kind === 'splice' ? 'read+write' : kind;
  return new UdpReceivingPlane(host, { store, blockSize: settings.blockSize }, datagrams);
}
