import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { EPOLLET, EPOLLOUT } from '../../native/epoll.js';
import {
  EADDRNOTAVAIL,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINPROGRESS,
  EINTR,
  ENETUNREACH,
  ETIMEDOUT,
  errnoText,
  SystemError,
} from '../../native/errno.js';
import { close } from '../../native/file.js';
import { AF_INET, AF_INET6, SocketAddress } from '../../native/sockaddr.js';
import {
  connect,
  getOption,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  socket,
} from '../../native/socket.js';
import { parseInteger } from '../conf/values.js';
import { Deferred } from '../event/deferred.js';
import type { EventHandler, EventLoop } from '../event/loop.js';
import { Timer, type TimerOwner } from '../event/timers.js';
import { TransferError } from './failure.js';

export interface Endpoint {
  /** A name or an address, without brackets; '' where none was given. */
  readonly host: string;
  readonly port: number;
}

/**
 * Reads HOST:PORT, [::1]:PORT, :PORT, HOST and [::1]; an IPv6 address without brackets is a host alone.
 * @throws TransferError (kind refused) where it is none of them, or the port is not 1 to 65535
 */
export function parseEndpoint(text: string, defaultPort: number): Endpoint {
  const { host, port } = splitEndpoint(text);
  const number = port === undefined ? defaultPort : parseInteger(port, 1, 65535);
  const isBad = text === '' || number === undefined || /[[\]%\s/@]/.test(host) || (host.includes(':') && !isIPv6(host));
  if (isBad)
    throw new TransferError(`"${text}" is no address: give HOST:PORT, as in 127.0.0.1:9000 or [::1]:9000`, 'refused');
  return { host, port: number };
}

function splitEndpoint(text: string): { host: string; port?: string } {
  const inBrackets = /^\[([^\]]*:[^\]]*)\](?::(.*))?$/s.exec(text);
  const [, host, port] = inBrackets ?? [];
  if (host !== undefined) return port === undefined ? { host } : { host, port };
  const colon = text.lastIndexOf(':');
  if (colon < 0 || isIPv6(text)) return { host: text };
  return { host: text.slice(0, colon), port: text.slice(colon + 1) };
}

/** HOST:PORT for a message, an IPv6 address in brackets. */
export function endpointText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Connects to a host: all addresses of the name are tried in turn, each with its share of the time that is left. The loop
 * must be running.
 * @param host a name or an address, without brackets; '' is this machine
 * @param timeoutMs for all of it, the name's resolution included
 * @param prepare is handed each socket before it connects: for options that must be set by then (SO_RCVBUF)
 * @param hint what to look at where the connection is refused: `is "zerocopy receive" running there?`
 * @returns the connected socket, non-blocking and close-on-exec, not watched by the loop
 * @throws TransferError (kind network) with the reason; its cause is the SystemError, or what the name server said
 */
export async function connectTo(
  loop: EventLoop,
  host: string,
  port: number,
  timeoutMs: number,
  prepare: (fd: number) => void = () => {},
  hint?: string,
): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  const addresses = await resolveName(loop, host, port, timeoutMs);
  let last = new SystemError('connect()', ETIMEDOUT);
  for (const [index, address] of addresses.entries()) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    const outcome = await new Attempt(loop, address, port, prepare).run(left / (addresses.length - index));
    if (typeof outcome === 'number') return outcome;
    last = outcome;
  }
  const tried = addresses.length > 1 ? ` (${addresses.length} addresses tried: ${addresses.join(', ')})` : '';
  const reason = connectReason(last.errno, timeoutMs, hint);
  throw new TransferError(`cannot connect to ${endpointText(host, port)}: ${reason}${tried}`, 'network', {
    cause: last,
  });
}

/** The addresses of a host, in the order that the system prefers. */
async function resolveName(loop: EventLoop, host: string, port: number, timeoutMs: number): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  if (host === '') return ['127.0.0.1'];
  const answer = new Deferred<string[]>(loop);
  const timer = new Timer({ onTimer: () => answer.reject(new Error('the name server does not answer')) });
  loop.setTimer(timer, timeoutMs);
  // getaddrinfo runs in a thread of Node's
  lookup(host, { all: true, verbatim: true }).then(
    found => answer.resolve(found.map(({ address }) => address)),
    error => answer.reject(error),
  );
  loop.onEvent();
  try {
    return await answer.promise;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = nameReason(code) ?? message;
    throw new TransferError(`cannot connect to ${endpointText(host, port)}: ${reason}`, 'network', { cause: error });
  } finally {
    loop.timers.remove(timer);
  }
}

/** Why there is no address (getaddrinfo's codes, as Node has them); undefined for other errors. */
export function nameReason(code: string | undefined): string | undefined {
  if (code === 'ENOTFOUND') return 'there is no host of this name';
  return code === 'EAI_AGAIN' ? 'the name server cannot be reached for now' : undefined;
}

/**
 * Why a connect failed, and what to look at.
 * @param errno positive
 * @param timeoutMs that it was given
 * @param hint for a refused connection
 */
export function connectReason(errno: number, timeoutMs: number, hint = 'no server listens on that port'): string {
  switch (errno) {
    case ECONNREFUSED:
      return `connection refused: ${hint}`;
    case ETIMEDOUT:
      return `no answer within ${timeoutMs / 1000} s: is the host up, and does no firewall drop the packets?`;
    case EHOSTUNREACH:
      return 'the host cannot be reached: is it up, and on this network?';
    case ENETUNREACH:
      return 'there is no route to its network: is this machine connected?';
    case EADDRNOTAVAIL:
      return 'no local address or port is free for it: all may be in use by other connections';
    default:
      return `connect() failed (${errnoText(errno)})`;
  }
}

/** One address: a connect that does not block, and the wait for its end (connect(2), EINPROGRESS). */
class Attempt implements EventHandler, TimerOwner {
  private fd = -1;
  private readonly timer = new Timer(this);
  private readonly outcome: Deferred<number | SystemError>;

  constructor(
    private readonly loop: EventLoop,
    private readonly host: string,
    private readonly port: number,
    private readonly prepare: (fd: number) => void,
  ) {
    this.outcome = new Deferred(loop);
  }

  /** @returns the connected socket, or why there is none */
  async run(timeoutMs: number): Promise<number | SystemError> {
    this.loop.setTimer(this.timer, timeoutMs);
    this.begin();
    return this.outcome.promise;
  }

  private begin(): void {
    const address = new SocketAddress().setInternet(this.host, this.port);
    const family = isIPv6(this.host) ? AF_INET6 : AF_INET;
    this.fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (this.fd < 0) {
      this.fail('socket()', -this.fd);
      return;
    }
    try {
      this.prepare(this.fd);
    } catch (error) {
      this.end();
      throw error;
    }
    const returned = connect(this.fd, address);
    // interrupted, it goes on all the same
    const isUnderWay = returned === -EINPROGRESS || returned === -EINTR;
    if (isUnderWay) this.loop.add(this.fd, EPOLLOUT | EPOLLET, this);
    else if (returned === 0) this.succeed();
    else this.fail('connect()', -returned);
  }

  onEvent(): void {
    const errno = getOption(this.fd, SOL_SOCKET, SO_ERROR);
    this.loop.remove(this.fd);
    if (errno === 0) this.succeed();
    else this.fail('connect()', Math.abs(errno));
  }

  onTimer(): void {
    this.loop.forget(this.fd);
    this.fail('connect()', ETIMEDOUT);
  }

  private succeed(): void {
    this.loop.timers.remove(this.timer);
    this.outcome.resolve(this.fd);
  }

  private fail(call: string, errno: number): void {
    this.end();
    this.outcome.resolve(new SystemError(`${call} to ${endpointText(this.host, this.port)}`, errno));
  }

  private end(): void {
    this.loop.timers.remove(this.timer);
    if (this.fd >= 0) close(this.fd);
  }
}
