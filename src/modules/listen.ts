/** The `listen` directive: addresses and the options of their sockets. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { ParseContext } from '../conf/directive.js';
import { ConfigError } from '../conf/syntax.js';
import type { ServerConfig } from '../conf/tree.js';
import { parseInteger, parseSize, parseTime } from '../conf/values.js';
import type { Module } from './module.js';
import { warnOfProtocol } from './newer-protocols.js';
import { row } from './rows.js';

/** TCP keep-alive of the accepted connections; 0 leaves a value to the kernel. */
export interface TcpKeepalive {
  readonly on: boolean;
  /** Seconds (TCP_KEEPIDLE). */
  readonly idle: number;
  /** Seconds (TCP_KEEPINTVL). */
  readonly interval: number;
  /** Probes (TCP_KEEPCNT). */
  readonly count: number;
}

/** One address that a server listens on. */
export interface Listen {
  /** As it stands in the configuration. */
  readonly text: string;
  readonly family: 'inet' | 'inet6' | 'unix';
  /** The address in canonical form, without brackets; '' for a unix socket. */
  readonly host: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** The file of a unix socket, else ''. */
  readonly path: string;
  /** The address as the kernel knows it: "0.0.0.0:80", "[::]:80", "unix:/path". Equal keys share one socket. */
  readonly key: string;
  readonly defaultServer: boolean;
  /** SO_REUSEPORT: a socket for each worker. */
  readonly reuseport: boolean;
  /** TCP_DEFER_ACCEPT. */
  readonly deferred: boolean;
  /** How many connections may wait that have sent data with their first packet (TCP_FASTOPEN); -1 allows none. */
  readonly fastopen: number;
  readonly backlog: number;
  /** Bytes (SO_RCVBUF), -1 for the kernel's. */
  readonly rcvbuf: number;
  /** Bytes (SO_SNDBUF), -1 for the kernel's. */
  readonly sndbuf: number;
  /** Null leaves SO_KEEPALIVE alone. */
  readonly soKeepalive: TcpKeepalive | null;
  readonly ipv6only: boolean;
  /** Connections are encrypted. */
  readonly ssl: boolean;
  /** A proxy connects, which says first who its client is. */
  readonly proxyProtocol: boolean;
  /** Whether options of the socket were given: of the servers that share an address, one may give them for all. */
  readonly optionsGiven: boolean;
  /** Where the directive stands; '' and 0 for the address of a server without one. */
  readonly file: string;
  readonly line: number;
}

declare module '../conf/settings.js' {
  interface Settings {
    listen: readonly Listen[];
  }
}

type Address = Pick<Listen, 'family' | 'host' | 'port' | 'path' | 'key'>;
type Options = Omit<Listen, 'text' | 'optionsGiven' | 'file' | 'line' | keyof Address>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const ROOT_PORT = 80;
const USER_PORT = 8000;
const LAST_PORT = 65535;
/** Of sockaddr_un, without its closing zero (unix(7)). */
const MAX_UNIX_PATH = 107;
const MILLISECONDS = 1000;

const DEFAULTS: Options = {
  defaultServer: false,
  reuseport: false,
  deferred: false,
  fastopen: -1,
  backlog: 511,
  rcvbuf: -1,
  sndbuf: -1,
  soKeepalive: null,
  ipv6only: true,
  ssl: false,
  proxyProtocol: false,
};

/** Parameters that are no options of the socket. */
const SERVER_WORDS = ['default_server', 'default', 'ssl', 'http2', 'proxy_protocol'];

function inetAddress(host: string, port: number): Address {
  const family = host.includes(':') ? 'inet6' : 'inet';
  return { family, host, port, path: '', key: family === 'inet6' ? `[${host}]:${port}` : `${host}:${port}` };
}

function unixAddress(text: string, cx: ParseContext): Address {
  const path = text.slice('unix:'.length);
  if (path === '') cx.fail(`no path in the unix domain socket in "${text}" of the "listen" directive`);
  if (path.length > MAX_UNIX_PATH) {
    cx.fail(`too long path in the unix domain socket in "${text}" of the "listen" directive`);
  }
  return { family: 'unix', host: '', port: 0, path, key: text };
}

/** The host and the ports of the text; `ports` is undefined where there is no ":". */
function splitHost(text: string, cx: ParseContext): { host: string; ports: string | undefined } {
  if (!text.startsWith('[')) {
    const colon = text.indexOf(':');
    if (colon === 0) cx.fail(`no host in "${text}" of the "listen" directive`);
    if (colon > 0) return { host: text.slice(0, colon), ports: text.slice(colon + 1) };
    return parsePorts(text) === undefined ? { host: text, ports: undefined } : { host: '*', ports: text };
  }
  const close = text.indexOf(']');
  const rest = text.slice(close + 1);
  if (close === -1 || (rest !== '' && !rest.startsWith(':')))
    cx.fail(`invalid host in "${text}" of the "listen" directive`);
  const host = text.slice(1, close);
  if (!isIPv6(host) || host.includes('%')) cx.fail(`invalid IPv6 address in "${text}" of the "listen" directive`);
  const address = new SocketAddress({ address: host, family: 'ipv6' }).address;
  return { host: address, ports: rest === '' ? undefined : rest.slice(1) };
}

/** A port or a range of ports, as [first, last]; undefined where it is not digits. */
function parsePorts(text: string): [first: number, last: number] | undefined {
  const dash = text.indexOf('-');
  const first = parseInteger(dash === -1 ? text : text.slice(0, dash));
  const last = dash === -1 ? first : parseInteger(text.slice(dash + 1));
  return first === undefined || last === undefined ? undefined : [first, last];
}

function resolveHost(host: string, text: string, cx: ParseContext): string {
  if (host === '*') return '0.0.0.0';
  if (host === 'localhost') return '127.0.0.1';
  if (isIPv4(host) || isIPv6(host)) return host;
  return cx.fail(`host not found in "${text}" of the "listen" directive (names are not looked up: give an address)`);
}

/** The addresses that the first argument names: one, or one for each port of a range. */
function parseAddresses(text: string, cx: ParseContext): Address[] {
  if (text.startsWith('unix:')) return [unixAddress(text, cx)];
  const { host, ports } = splitHost(text, cx);
  const address = resolveHost(host, text, cx);
  if (ports === undefined) return [inetAddress(address, ROOT_PORT)];
  const [first, last] = parsePorts(ports) ?? [0, 0];
  if (first < 1 || last < first || last > LAST_PORT) cx.fail(`invalid port in "${text}" of the "listen" directive`);
  const addresses: Address[] = [];
  for (let port = first; port <= last; port++) addresses.push(inetAddress(address, port));
  return addresses;
}

/** Reads `on`, `off` or `IDLE:INTERVAL:COUNT`, of which any may be left out, but not all (nginx's `so_keepalive`). */
function parseKeepalive(value: string, cx: ParseContext): TcpKeepalive {
  if (value === 'on' || value === 'off') return { on: value === 'on', idle: 0, interval: 0, count: 0 };
  const parts = value.split(':');
  const [idle, interval] = [parts[0] ?? '', parts[1] ?? ''].map(part => (part === '' ? 0 : parseTime(part, 's')));
  const probes = parts[2] === '' || parts[2] === undefined ? 0 : parseInteger(parts[2]);
  if (parts.length < 2 || parts.length > 3 || idle === undefined || interval === undefined || probes === undefined) {
    return cx.fail(`invalid so_keepalive value: "${value}"`);
  }
  if (idle + interval + probes === 0) cx.fail(`invalid so_keepalive value: "${value}"`);
  return { on: true, idle: idle / MILLISECONDS, interval: interval / MILLISECONDS, count: probes };
}

function setWord(word: string, options: Mutable<Options>, cx: ParseContext): void {
  switch (word) {
    case 'default_server':
    case 'default':
      options.defaultServer = true;
      return;
    case 'reuseport':
      options.reuseport = true;
      return;
    case 'deferred':
      options.deferred = true;
      return;
    case 'ssl':
      options.ssl = true;
      return;
    case 'proxy_protocol':
      options.proxyProtocol = true;
      return;
    case 'bind':
      // Asks for a socket of its own beside a wildcard one, which Linux refuses to bind anyway (ip(7), SO_REUSEADDR).
      return;
    case 'http2':
      warnOfProtocol('"http2" parameter of the "listen" directive', cx);
      return;
    default:
      cx.fail(`invalid parameter "${word}"`);
  }
}

function setValue(parameter: string, equals: number, options: Mutable<Options>, cx: ParseContext): void {
  const name = parameter.slice(0, equals);
  const value = parameter.slice(equals + 1);
  switch (name) {
    case 'backlog':
      options.backlog = parseInteger(value, 1) ?? cx.fail(`invalid backlog "${parameter}"`);
      return;
    case 'rcvbuf':
      options.rcvbuf = parseSize(value) ?? cx.fail(`invalid rcvbuf "${parameter}"`);
      return;
    case 'sndbuf':
      options.sndbuf = parseSize(value) ?? cx.fail(`invalid sndbuf "${parameter}"`);
      return;
    case 'so_keepalive':
      options.soKeepalive = parseKeepalive(value, cx);
      return;
    case 'ipv6only':
      if (value !== 'on' && value !== 'off') cx.fail(`invalid parameter "${parameter}"`);
      options.ipv6only = value === 'on';
      return;
    case 'fastopen':
      options.fastopen = parseInteger(value) ?? cx.fail(`invalid fastopen "${parameter}"`);
      return;
    case 'accept_filter':
      cx.warn(`accept filters "${parameter}" are not supported on this platform, ignored`);
      return;
    default:
      cx.fail(`invalid parameter "${parameter}"`);
  }
}

/**
 * Reads one `listen` directive.
 * @param before the addresses of the same server that came before it
 * @returns those and the new ones; throws nginx's messages
 */
export function parseListen(
  args: readonly string[],
  cx: ParseContext,
  before: readonly Listen[] | undefined,
): readonly Listen[] {
  const text = args[0]!;
  const addresses = parseAddresses(text, cx);
  if (args.includes('quic')) {
    // its socket would be one of UDP: a listen without it beside it is the one that is served
    warnOfProtocol(`"listen ${args.join(' ')}" directive`, cx);
    return before ?? [];
  }
  const options = { ...DEFAULTS };
  const optionsGiven = args.slice(1).some(word => !SERVER_WORDS.includes(word));
  const { file, line } = cx.node;
  for (const parameter of args.slice(1)) {
    const equals = parameter.indexOf('=');
    if (equals === -1) setWord(parameter, options, cx);
    else setValue(parameter, equals, options, cx);
  }
  const listens = [...(before ?? [])];
  for (const address of addresses) {
    if (listens.some(each => each.key === address.key)) cx.fail(`a duplicate listen ${address.key}`);
    listens.push({ text, ...address, ...options, optionsGiven, file, line });
  }
  return listens;
}

/** What a server without `listen` listens on: *:80 for root, *:8000 for others, as nginx does. */
function defaultListen(): Listen {
  const port = process.geteuid?.() === 0 ? ROOT_PORT : USER_PORT;
  return { text: `*:${port}`, ...inetAddress('0.0.0.0', port), ...DEFAULTS, optionsGiven: false, file: '', line: 0 };
}

/** One address of two servers: the options of the one that gives some, and whether one of them is the default server. */
function mergeTwo(known: Listen, next: Listen): Listen {
  if (known.optionsGiven && next.optionsGiven) {
    throw new ConfigError(`duplicate listen options for ${next.key}`, next.file, next.line);
  }
  if (known.defaultServer && next.defaultServer) {
    throw new ConfigError(`a duplicate default server for ${next.key}`, next.file, next.line);
  }
  const defaultServer = known.defaultServer || next.defaultServer;
  const ssl = known.ssl || next.ssl;
  const proxyProtocol = known.proxyProtocol || next.proxyProtocol;
  return { ...(next.optionsGiven ? next : known), defaultServer, ssl, proxyProtocol };
}

/**
 * The sockets that the servers of a configuration need: one for each address, by its key, in the order of the
 * configuration. Throws a ConfigError where two servers give options for one address, or are both its default server.
 */
export function mergeListens(servers: readonly ServerConfig[]): Map<string, Listen> {
  const merged = new Map<string, Listen>();
  for (const server of servers) {
    for (const next of server.settings.listen) {
      const known = merged.get(next.key);
      merged.set(next.key, known === undefined ? next : mergeTwo(known, next));
    }
  }
  return merged;
}

export const listen: Module = {
  name: 'listen',
  directives: [
    row<'listen'>({
      name: 'listen',
      key: 'listen',
      contexts: ['server'],
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [defaultListen()],
      default: '*:80 | *:8000',
      doc: 'An address, a port or a unix socket to listen on. Host names other than localhost are not looked up. HTTP/1.1 is spoken: http2 is a warning, and so is quic, whose address is left out.',
      parse: parseListen,
    }),
  ],
};
