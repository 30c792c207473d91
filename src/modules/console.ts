/** `console` and `console_auth`: the address of the live page, and who may see it. The page itself is src/console. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Context, ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { parseInteger } from '../conf/values.js';
import type { Module } from './module.js';
import { row } from './rows.js';

export interface ConsoleAddress {
  /** An IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What `console_auth` says. Byte strings. */
export interface ConsoleUser {
  readonly name: string;
  /** As it is, or `sha256:` and 64 hexadecimal digits. */
  readonly password: string;
}

declare module '../conf/settings.js' {
  interface Settings {
    /** Null for none. */
    console: ConsoleAddress | null;
    consoleAuth: ConsoleUser | null;
  }
}

const MAIN: readonly Context[] = ['main'];
const LAST_PORT = 65535;
const SHA256 = 'sha256:';
/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

/** `127.0.0.1:8081`, `[::1]:8081`, a port alone for the loopback, `*:PORT` for all addresses. */
function parseAddress(text: string, cx: ParseContext): ConsoleAddress | null {
  if (text === 'off') return null;
  const [, name = '127.0.0.1', digits = ''] = /^(?:(\[[^\]]*\]|[^:]*):)?([0-9]+)$/.exec(text) ?? [];
  const port = parseInteger(digits, 1, LAST_PORT);
  if (port === undefined) return cx.fail(`invalid port in "${text}" of the "console" directive`);
  const host = hostOf(name);
  if (host === undefined) return cx.fail(`invalid host in "${text}" of the "console" directive, give an address`);
  return { host, port };
}

function hostOf(name: string): string | undefined {
  if (name === '*') return '0.0.0.0';
  if (name === 'localhost') return '127.0.0.1';
  if (name.startsWith('[')) return isIPv6(name.slice(1, -1)) ? name.slice(1, -1) : undefined;
  return isIPv4(name) ? name : undefined;
}

function parseUser(args: readonly string[], cx: ParseContext): ConsoleUser {
  const [name, password] = args as [string, string];
  if (name === '' || name.includes(':')) cx.fail(`invalid user "${name}" in "console_auth" directive`);
  if (password === '') cx.fail('the password of the "console_auth" directive is empty');
  if (password.startsWith(SHA256) && !/^[0-9a-f]{64}$/.test(password.slice(SHA256.length))) {
    cx.fail('the "console_auth" directive takes 64 hexadecimal digits after "sha256:"');
  }
  return { name, password };
}

/** What is worth a warning when a configuration is tested or started. */
export function consoleWarnings({ console: address, consoleAuth }: Settings): string[] {
  if (address === null || consoleAuth !== null || isLoopback(address.host)) return [];
  return [
    `the console on ${address.host}:${address.port} is there for everybody to see: set "console_auth" (until then it changes nothing)`,
  ];
}

export const consoleModule: Module = {
  name: 'console',
  directives: [
    row<'console'>({
      name: 'console',
      key: 'console',
      contexts: MAIN,
      args: [1, 1],
      initial: null,
      default: 'off',
      doc: 'The address of the live page: 127.0.0.1:8081, a port of the loopback, *:PORT, or off (not in nginx).',
      parse: (args, cx) => parseAddress(args[0]!, cx),
    }),
    row<'consoleAuth'>({
      name: 'console_auth',
      key: 'consoleAuth',
      contexts: MAIN,
      args: [2, 2],
      initial: null,
      doc: 'NAME PASSWORD that the console asks for; the password as it is, or sha256:DIGITS as sha256sum prints them (not in nginx).',
      parse: parseUser,
    }),
  ],
};
