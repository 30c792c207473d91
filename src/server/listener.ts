import { EADDRINUSE, ECONNREFUSED, SystemError } from '../../native/errno.js';
import { chmod, close, FileStatus, S_IFMT, statPath, unlink } from '../../native/file.js';
import { AF_INET, AF_INET6, AF_UNIX, SocketAddress } from '../../native/sockaddr.js';
import {
  bindSocket,
  connect,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  listen,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  setOption,
  socket,
  TCP_DEFER_ACCEPT,
  TCP_FASTOPEN,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from '../../native/socket.js';
import type { Listen } from '../modules/listen.js';

/** A socket that listens for one or more addresses of the configuration. */
export interface ListeningSocket {
  /** The bound address in canonical form; with reuseport, "#N" and the worker's number behind it. */
  readonly key: string;
  readonly fd: number;
}

const S_IFSOCK = 0o140000;
const families = { inet: AF_INET, inet6: AF_INET6, unix: AF_UNIX };

/**
 * The addresses to bind, of those that servers listen on: an address whose port is also listened on for every address
 * (0.0.0.0 or [::]) needs no socket of its own, and could not get one.
 */
export function addressesToBind(listens: readonly Listen[]): Listen[] {
  const wildcards = new Set(listens.filter(isWildcard).map(one => `${one.family}:${one.port}`));
  return listens.filter(one => isWildcard(one) || one.family === 'unix' || !wildcards.has(`${one.family}:${one.port}`));
}

export function isWildcard(one: Listen): boolean {
  return one.host === '0.0.0.0' || one.host === '::';
}

/**
 * Opens, binds and listens.
 * @throws SystemError as nginx words it: `bind() to 0.0.0.0:80 failed (98: Address already in use)`
 */
export function openListeningSocket(one: Listen): number {
  const fd = socket(families[one.family], SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) throw new SystemError(`socket() ${one.key}`, -fd);
  try {
    demand(setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1), 'setsockopt(SO_REUSEADDR)', one);
    if (one.reuseport) demand(setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1), 'setsockopt(SO_REUSEPORT)', one);
    if (one.family === 'inet6') {
      demand(setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, one.ipv6only ? 1 : 0), 'setsockopt(IPV6_V6ONLY)', one);
    }
    bindTo(fd, one);
    setSocketOptions(fd, one);
    demand(listen(fd, one.backlog), 'listen()', one);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

function demand(returned: number, call: string, one: Listen): void {
  if (returned < 0) throw new SystemError(`${call} to ${one.key}`, -returned);
}

function bindTo(fd: number, one: Listen): void {
  const address = socketAddress(one);
  let returned = bindSocket(fd, address);
  if (returned === -EADDRINUSE && one.family === 'unix' && isStaleUnixSocket(one.path, address)) {
    unlink(one.path);
    returned = bindSocket(fd, address);
  }
  demand(returned, 'bind()', one);
  // as nginx: whoever may enter the folder may connect
  if (one.family === 'unix') demand(chmod(one.path, 0o666), 'chmod()', one);
}

function socketAddress(one: Listen): SocketAddress {
  return one.family === 'unix'
    ? new SocketAddress().setUnix(one.path)
    : new SocketAddress().setInternet(one.host, one.port);
}

/**
 * Whether a socket file is left over from a server that did not end in order: nobody answers there. Any other file refuses
 * connections with the same errno, and must stay.
 */
function isStaleUnixSocket(path: string, address: SocketAddress): boolean {
  const status = new FileStatus();
  if (statPath(path, status) < 0 || (status.mode & S_IFMT) !== S_IFSOCK) return false;
  const fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return false;
  const returned = connect(fd, address);
  close(fd);
  return returned === -ECONNREFUSED;
}

function setSocketOptions(fd: number, one: Listen): void {
  const { rcvbuf, sndbuf, soKeepalive } = one;
  if (rcvbuf >= 0) demand(setOption(fd, SOL_SOCKET, SO_RCVBUF, rcvbuf), 'setsockopt(SO_RCVBUF)', one);
  if (sndbuf >= 0) demand(setOption(fd, SOL_SOCKET, SO_SNDBUF, sndbuf), 'setsockopt(SO_SNDBUF)', one);
  if (one.deferred && one.family !== 'unix') {
    demand(setOption(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1), 'setsockopt(TCP_DEFER_ACCEPT)', one);
  }
  if (one.fastopen >= 0 && one.family !== 'unix') {
    demand(setOption(fd, IPPROTO_TCP, TCP_FASTOPEN, one.fastopen), 'setsockopt(TCP_FASTOPEN)', one);
  }
  if (soKeepalive === null) return;
  demand(setOption(fd, SOL_SOCKET, SO_KEEPALIVE, soKeepalive.on ? 1 : 0), 'setsockopt(SO_KEEPALIVE)', one);
  const tcp = [
    [TCP_KEEPIDLE, soKeepalive.idle],
    [TCP_KEEPINTVL, soKeepalive.interval],
    [TCP_KEEPCNT, soKeepalive.count],
  ] as const;
  for (const [name, value] of tcp) {
    if (value > 0) demand(setOption(fd, IPPROTO_TCP, name, value), 'setsockopt(TCP_KEEP…)', one);
  }
}

/** The sockets of a running master: kept over a reload as long as the configuration names their addresses. */
export class ListeningSockets {
  private open: ListeningSocket[] = [];
  private readonly unixPaths = new Map<string, string>();

  get all(): readonly ListeningSocket[] {
    return this.open;
  }

  /**
   * Opens what is new in `listens`. What is no longer in it stays open until `closeOthers`, so that a failure changes
   * nothing: what was opened until then is closed again.
   * @param workers a reuseport address gets a socket for each
   * @returns the sockets that the configuration needs
   * @throws SystemError
   */
  prepare(listens: readonly Listen[], workers: number): ListeningSocket[] {
    const needed: ListeningSocket[] = [];
    const opened: ListeningSocket[] = [];
    try {
      for (const one of addressesToBind(listens)) {
        for (let number = 0; number < (one.reuseport ? workers : 1); number++) {
          const key = one.reuseport ? `${one.key}#${number}` : one.key;
          let known = this.open.find(each => each.key === key);
          if (known === undefined) {
            known = { key, fd: openListeningSocket(one) };
            if (one.family === 'unix') this.unixPaths.set(key, one.path);
            opened.push(known);
          }
          needed.push(known);
        }
      }
    } catch (error) {
      for (const one of opened) this.closeOne(one);
      throw error;
    }
    this.open.push(...opened);
    return needed;
  }

  closeOthers(needed: readonly ListeningSocket[]): void {
    for (const one of this.open) if (!needed.includes(one)) this.closeOne(one);
    this.open = [...needed];
  }

  private closeOne({ key, fd }: ListeningSocket): void {
    close(fd);
    const path = this.unixPaths.get(key);
    if (path !== undefined) unlink(path);
    this.unixPaths.delete(key);
  }
}
