/**
 * A program: takes connections one after the other, and drops what comes (MSG_TRUNC) until the peer has done. It
 * listens on a port of the loopback that the kernel chooses, and runs until it is ended.
 */
import { check, EINTR } from '../../native/errno.js';
import { close, F_SETFL, fcntl } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, SocketAddress } from '../../native/sockaddr.js';
import {
  accept4,
  bindSocket,
  listen,
  MSG_TRUNC,
  recv,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  socket,
} from '../../native/socket.js';

/** Bytes that are dropped at once: they go nowhere, so none of them needs a place. */
const most = 2 ** 30;

const address = new SocketAddress().setInternet('127.0.0.1', 0);
const listener = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC), 'socket()');
check(bindSocket(listener, address), 'bind() to 127.0.0.1');
check(listen(listener, 4), 'listen()');

const place = new MemoryBlock(1);
const peer = new SocketAddress();
for (;;) {
  const connection = accept4(listener, peer);
  if (connection === -EINTR) continue;
  check(connection, 'accept4()');
  // one connection at a time, and nothing else to do: it may wait in recv
  check(fcntl(connection, F_SETFL, 0), 'fcntl()');
  let taken: number;
  do taken = recv(connection, place.address, most, MSG_TRUNC);
  while (taken > 0 || taken === -EINTR);
  close(connection);
}
