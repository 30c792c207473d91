import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EPOLL_CTL_ADD, EPOLLIN, EPOLLOUT, EventList, epollControl, epollCreate } from '../../native/epoll.js';
import { check, EAGAIN } from '../../native/errno.js';
import { close } from '../../native/file.js';
import { MemoryBlock } from '../../native/memory.js';
import { AF_INET, AF_INET6, AF_UNIX, SocketAddress } from '../../native/sockaddr.js';
import {
  accept4,
  bindSocket,
  connect,
  getSocketName,
  listen,
  recv,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_STREAM,
  SOL_SOCKET,
  setOption,
  socket,
} from '../../native/socket.js';

/** A folder of its own for `use`, gone afterwards. */
export function inFolder(use: (folder: string) => void, where = tmpdir()): void {
  const folder = mkdtempSync(join(where, 'zerocopy-test-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function inFolderAsync(use: (folder: string) => Promise<void>, where = tmpdir()): Promise<void> {
  const folder = mkdtempSync(join(where, 'zerocopy-test-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Two ends of one connection. `server` is what accept4 gave: non-blocking. `client` blocks. */
export interface Pair {
  server: number;
  client: number;
  /** What accept4 wrote of the client. */
  peer: SocketAddress;
  close(): void;
}

export interface PairOptions {
  /** SO_SNDBUF of the server's end and SO_RCVBUF of the client's, in bytes. */
  buffers?: number;
}

/** A connection over the kernel's loopback: `127.0.0.1`, `::1`, or a path for a unix socket. */
export function connectPair(where: string, options: PairOptions = {}): Pair {
  const isUnix = where.startsWith('/');
  const family = isUnix ? AF_UNIX : where.includes(':') ? AF_INET6 : AF_INET;
  const at = new SocketAddress();
  if (isUnix) at.setUnix(where);
  else at.setInternet(where, 0);
  const listener = check(socket(family, SOCK_STREAM | SOCK_CLOEXEC), 'socket()');
  check(bindSocket(listener, at), 'bind()');
  check(listen(listener, 8), 'listen()');
  if (!isUnix) check(getSocketName(listener, at), 'getsockname()');
  const client = check(socket(family, SOCK_STREAM | SOCK_CLOEXEC), 'socket()');
  if (options.buffers !== undefined) check(setOption(client, SOL_SOCKET, SO_RCVBUF, options.buffers), 'SO_RCVBUF');
  check(connect(client, at), 'connect()');
  const peer = new SocketAddress();
  const server = check(accept4(listener, peer), 'accept4()');
  if (options.buffers !== undefined) check(setOption(server, SOL_SOCKET, SO_SNDBUF, options.buffers), 'SO_SNDBUF');
  close(listener);
  let open = true;
  return {
    server,
    client,
    peer,
    close() {
      if (!open) return;
      open = false;
      close(server);
      close(client);
    },
  };
}

/**
 * Waits until a descriptor is ready, as `wanted` (a mask of EPOLL…) says; gives what epoll reports of it.
 * @param patience ms
 */
export function waitFor(fd: number, wanted: number, patience = 10_000): number {
  const epoll = check(epollCreate(), 'epoll_create1()');
  const events = new EventList(1);
  check(epollControl(epoll, EPOLL_CTL_ADD, fd, wanted, 0), 'epoll_ctl()');
  const count = check(events.wait(epoll, patience), 'epoll_pwait()');
  close(epoll);
  if (count === 0) throw new Error(`descriptor ${fd} is not ready after ${patience} ms`);
  return events.mask(0);
}

export const waitForInput = (fd: number): number => waitFor(fd, EPOLLIN);
export const waitForRoom = (fd: number): number => waitFor(fd, EPOLLOUT);

const block = new MemoryBlock(64 * 1024);
const MSG_DONTWAIT = 0x40;

/** Reads what there is at present, `most` bytes at most; null at the end of the stream. */
export function receiveNow(fd: number, most = block.size): Buffer | null {
  const count = recv(fd, block.address, Math.min(most, block.size), MSG_DONTWAIT);
  if (count === 0) return null;
  if (count === -EAGAIN) return Buffer.alloc(0);
  check(count, 'recv()');
  return Buffer.from(block.bytes.subarray(0, count));
}
