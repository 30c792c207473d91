import { ECONNRESET } from './errno.js';
import type { IoVec } from './iovec.js';
import { bind, result } from './libc.js';
import { addressOf, cString, Int64Cell, IntCell } from './memory.js';
import type { SocketAddress } from './sockaddr.js';

/** Sockets (socket(2), tcp(7), unix(7)). Every call returns the kernel's result, or the negative errno. */

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
/** Bytes that have to be there before the socket counts as readable. */
export const SO_RCVLOWAT = 18;
/** As SO_SNDBUF and SO_RCVBUF, past net.core.wmem_max and rmem_max, for CAP_NET_ADMIN. */
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
/** What the socket holds, in nine counts of 32 bits (SK_MEMINFO_VARS). */
const SO_MEMINFO = 55;

export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_CORK = 3;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_DEFER_ACCEPT = 9;
const TCP_INFO = 11;
export const TCP_FASTOPEN = 23;
/** Milliseconds that sent data may stay without an answer before the connection is given up. */
export const TCP_USER_TIMEOUT = 18;

/** What is put upon TCP: "tls", for encryption by the kernel. */
const TCP_ULP = 31;

export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;

export const IPPROTO_UDP = 17;
export const UDP_CORK = 1;

export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_PEEK = 2;
export const MSG_TRUNC = 0x20;
export const MSG_MORE = 0x8000;

const callSocket = bind('int socket(int domain, int type, int protocol)');
const callBind = bind('int bind(int fd, uintptr_t addr, uint32_t length)');
const callListen = bind('int listen(int fd, int backlog)');
const callConnect = bind('int connect(int fd, uintptr_t addr, uint32_t length)');
const callAccept = bind('int accept4(int fd, uintptr_t addr, uintptr_t length, int flags)');
const callRecv = bind('int64_t recv(int fd, uintptr_t buffer, uint64_t size, int flags)');
const callSend = bind('int64_t send(int fd, uintptr_t buffer, uint64_t size, int flags)');
const callWritev = bind('int64_t writev(int fd, uintptr_t iov, int count)');
const callShutdown = bind('int shutdown(int fd, int how)');
const callSetOption = bind('int setsockopt(int fd, int level, int name, uintptr_t value, uint32_t length)');
const callGetOption = bind('int getsockopt(int fd, int level, int name, uintptr_t value, uintptr_t length)');
const callGetSockName = bind('int getsockname(int fd, uintptr_t addr, uintptr_t length)');
const callGetPeerName = bind('int getpeername(int fd, uintptr_t addr, uintptr_t length)');

const option = new IntCell();
const optionLength = new IntCell();
/** `struct linger { int l_onoff = 1; int l_linger = 0; }` */
const lingerReset = new Int64Cell();
lingerReset.value = 1;

export function socket(family: number, type: number): number {
  return result(callSocket(family, type, 0));
}

export function bindSocket(fd: number, address: SocketAddress): number {
  return result(callBind(fd, address.address, address.length));
}

export function listen(fd: number, backlog: number): number {
  return result(callListen(fd, backlog));
}

export function connect(fd: number, address: SocketAddress): number {
  return result(callConnect(fd, address.address, address.length));
}

/** Takes a waiting connection, non-blocking and close-on-exec; `peer` receives its address. */
export function accept4(fd: number, peer: SocketAddress): number {
  peer.expect();
  return result(callAccept(fd, peer.address, peer.lengthAddress, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

/** @param size bytes at most; a result of 0 is the peer's end of stream */
export function recv(fd: number, address: number, size: number, flags = 0): number {
  return result(callRecv(fd, address, size, flags));
}

const peeked = new IntCell();

/** The first byte that waits at a socket, which stays there; or the negative errno, ECONNRESET where nothing will come any more. */
export function peekByte(fd: number): number {
  const count = recv(fd, peeked.address, 1, MSG_PEEK);
  if (count === 0) return -ECONNRESET;
  return count < 0 ? count : peeked.value & 0xff;
}

export function send(fd: number, address: number, size: number, flags = MSG_NOSIGNAL): number {
  return result(callSend(fd, address, size, flags));
}

/** Writes the entries of `iov` in order; the result counts bytes, and may be less than `iov.total`. */
export function writev(fd: number, iov: IoVec): number {
  return result(callWritev(fd, iov.address, iov.count));
}

export function shutdown(fd: number, how: number): number {
  return result(callShutdown(fd, how));
}

export function setOption(fd: number, level: number, name: number, value: number): number {
  option.value = value;
  return result(callSetOption(fd, level, name, option.address, 4));
}

/**
 * Puts a protocol of the kernel's upon a connection, whose module is loaded for who may have that done (TCP_ULP).
 * @returns 0 or the negative errno: ENOTCONN for a protocol that is there and a socket that is not connected
 */
export function setUpperProtocol(fd: number, name: string): number {
  return result(callSetOption(fd, IPPROTO_TCP, TCP_ULP, cString(name), name.length));
}

/** The option's value, or the negative errno. */
export function getOption(fd: number, level: number, name: number): number {
  optionLength.value = 4;
  const returned = result(callGetOption(fd, level, name, option.address, optionLength.address));
  return returned < 0 ? returned : option.value;
}

const memoryInfo = new Uint32Array(new ArrayBuffer(64));
const memoryInfoAddress = addressOf(new Uint8Array(memoryInfo.buffer));
/** SK_MEMINFO_DROPS, the last of them. */
const dropsAt = 8;

/** How many datagrams the socket had no room for since it was made; or the negative errno. */
export function socketDrops(fd: number): number {
  optionLength.value = (dropsAt + 1) * 4;
  const returned = result(callGetOption(fd, SOL_SOCKET, SO_MEMINFO, memoryInfoAddress, optionLength.address));
  return returned < 0 ? returned : memoryInfo[dropsAt];
}

/** `struct tcp_info`: eight bytes, and then numbers of 32 bits. */
const tcpInfo = new Uint32Array(new ArrayBuffer(128));
const tcpInfoAddress = addressOf(new Uint8Array(tcpInfo.buffer));
/** Up to and with tcpi_rcv_space. */
const tcpInfoSize = 100;

/** What the kernel knows of a connection: times in microseconds, the windows in packets and bytes. Null for a socket that is none of TCP. */
export function getTcpInfo(
  fd: number,
): { rtt: number; rttVariation: number; sendWindow: number; receiveSpace: number } | null {
  optionLength.value = tcpInfoSize;
  if (callGetOption(fd, IPPROTO_TCP, TCP_INFO, tcpInfoAddress, optionLength.address) < 0) return null;
  return { rtt: tcpInfo[17], rttVariation: tcpInfo[18], sendWindow: tcpInfo[20], receiveSpace: tcpInfo[24] };
}

/** Makes close() send a reset at once instead of what is still queued (nginx's reset_timedout_connection). */
export function setLingerReset(fd: number): number {
  return result(callSetOption(fd, SOL_SOCKET, SO_LINGER, lingerReset.address, 8));
}

/** The address that the socket is bound to, into `address`. */
export function getSocketName(fd: number, address: SocketAddress): number {
  address.expect();
  return result(callGetSockName(fd, address.address, address.lengthAddress));
}

export function getPeerName(fd: number, address: SocketAddress): number {
  address.expect();
  return result(callGetPeerName(fd, address.address, address.lengthAddress));
}
