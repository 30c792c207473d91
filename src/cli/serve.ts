import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, SystemError } from '../../native/errno.js';
import { parseFlag, parseInteger } from '../conf/values.js';
import { nodePath, say, toBytes } from './bytes.js';
import { fail, UsageError } from './failure.js';
import { serveHere } from './foreground.js';
import { standardConsole } from './nginx-flags.js';
import { fullPath } from './place.js';
import type { ServeOptions } from './serve-options.js';

interface Plan {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly sendfile: boolean;
  readonly workers: number;
  /** Undefined for none. */
  readonly console: string | undefined;
  /** A full path, or '' for none. */
  readonly accessLog: string;
}

const MAX_PORT = 65535;
const MAX_WORKERS = 1024;

/** `zerocopy serve DIR`: serves a folder in the foreground, by a configuration that is made up here. */
export async function serve(options: ServeOptions): Promise<void> {
  const plan = check(options);
  const state = mkdtempSync(`${tmpdir()}/zerocopy-`);
  process.on('exit', () => rmSync(state, { recursive: true, force: true }));
  try {
    const file = { file: '/zerocopy serve', text: configText(plan, toBytes(state)) };
    const asked = plan.console === undefined ? {} : { console: plan.console };
    // the switches of the console take a master
    const withMaster = plan.workers > 1 || plan.console !== undefined;
    await serveHere({ ...file, ...asked, prefix: `${plan.folder}/`, globals: '' }, withMaster);
  } catch (error) {
    fail(error);
    const hint = hintFor(error, plan);
    if (hint !== '') say(hint);
    process.exit();
  }
  // There is no file to load anew: a terminal that is closed takes its server with it
  process.removeAllListeners('SIGHUP').on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
  const how = plan.sendfile ? 'on' : 'off';
  say(`zerocopy: serving ${plan.folder} on ${urlOf(plan)} (sendfile ${how}), Ctrl-C stops`);
  if (plan.console !== undefined && plan.console !== 'off') say(`zerocopy: console on ${consoleUrl(plan.console)}`);
}

/** @throws UsageError that says what is wrong and what is right */
function check(options: ServeOptions): Plan {
  const port = parseInteger(options.port, 1, MAX_PORT);
  if (port === undefined) throw new UsageError(`--port "${options.port}": a port is a number from 1 to ${MAX_PORT}`);
  const workers = parseInteger(options.workers, 1, MAX_WORKERS);
  if (workers === undefined) {
    throw new UsageError(`--workers "${options.workers}": give a number from 1 to ${MAX_WORKERS}`);
  }
  const sendfile = parseFlag(options.sendfile);
  if (sendfile === undefined) throw new UsageError(`--sendfile "${options.sendfile}": it is "on" or "off"`);
  const host = options.host === 'localhost' ? '127.0.0.1' : options.host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0) {
    throw new UsageError(
      `--host "${options.host}": give an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::1`,
    );
  }
  const { console: asked } = options;
  const console = asked === '' ? standardConsole : asked;
  const accessLog = options['no-access-log'] ? '' : fullPath(options['access-log']);
  return { folder: checkFolder(options.dir), host, port, sendfile, workers, console, accessLog };
}

function checkFolder(dir: string): string {
  const folder = fullPath(dir);
  const status = statSync(nodePath(folder), { throwIfNoEntry: false });
  if (status === undefined) throw new UsageError(`no such folder: ${folder}`);
  if (!status.isDirectory()) throw new UsageError(`not a folder: ${folder} (serve takes the folder that it is in)`);
  return folder;
}

/** @param state the folder for the pid file */
function configText(plan: Plan, state: string): string {
  const { folder, host, port, sendfile, workers, accessLog } = plan;
  // nginx's language cannot write a "$" that begins no variable; the folder is the prefix as well
  const root = folder.includes('$') ? '.' : folder;
  return `
daemon off;
worker_processes ${workers};
pid ${quote(`${state}/pid`)};
error_log stderr;
events { worker_connections 4096; }
http {
  sendfile ${sendfile ? 'on' : 'off'};
  tcp_nopush on;
  default_type application/octet-stream;
  access_log ${accessLog === '' ? 'off' : quote(accessLog)};
  server {
    listen ${host.includes(':') ? `[${host}]` : host}:${port};
    root ${quote(root)};
    index index.html;
  }
}
`;
}

/** As one word of nginx's language. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** @param address as the directive has it */
function consoleUrl(address: string): string {
  const isPort = /^\d+$/.test(address);
  return `http://${(isPort ? `127.0.0.1:${address}` : address).replace('*', 'localhost')}/`;
}

function urlOf({ host, port }: Plan): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}/`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

/** What to do about an address that cannot be had. */
function hintFor(error: unknown, { host, port }: Plan): string {
  if (!(error instanceof SystemError) || !error.call.startsWith('bind()')) return '';
  if (error.errno === EADDRINUSE) {
    return `port ${port} is busy: another program listens there. Choose another one with --port, or see whose it is: ss -ltnp "sport = :${port}"`;
  }
  if (error.errno === EADDRNOTAVAIL) return `${host} is no address of this machine; "ip address" lists those that are`;
  if (error.errno === EACCES) return `only root may listen on ports below 1024: choose another one with --port`;
  return '';
}
