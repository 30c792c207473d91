import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOL_SOCKET,
  setOption,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from '../../../native/socket.js';

/** Bytes; 0 leaves it to the kernel, which adapts them to the connection. */
export interface BufferSizes {
  readonly sndbuf: number;
  readonly rcvbuf: number;
}

/** Must be called before the socket connects or listens: the receive buffer's size decides what window scale is offered (tcp(7)). */
export function setBufferSizes(fd: number, { sndbuf, rcvbuf }: BufferSizes): void {
  if (sndbuf > 0) setSize(fd, SO_SNDBUFFORCE, SO_SNDBUF, sndbuf);
  if (rcvbuf > 0) setSize(fd, SO_RCVBUFFORCE, SO_RCVBUF, rcvbuf);
}

/** Past the system's limits where we may, else up to them (socket(7)). */
function setSize(fd: number, forced: number, limited: number, size: number): void {
  if (setOption(fd, SOL_SOCKET, forced, size) < 0) setOption(fd, SOL_SOCKET, limited, size);
}

/** Probes on a silent connection, so many. */
const probes = 3;

/**
 * Has the kernel give up a connection whose other end has vanished: with bytes under way after this time, without any by
 * probes that begin after half of it (tcp(7)). Small writes go at once.
 */
export function watchPeer(fd: number, timeoutMs: number): void {
  const interval = Math.max(1, Math.floor(timeoutMs / 2000 / probes));
  setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, Math.max(1, Math.floor(timeoutMs / 2000)));
  setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
  setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, timeoutMs);
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}
