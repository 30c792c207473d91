/** One configuration served by nginx and by this server, each in a folder of its own, with one document root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../../src/tools/programs.js';
import { freePort, until } from '../../src/tools/waiting.js';
import type { Logged, Place } from './transcript.js';

export type Kind = 'nginx' | 'zerocopy';

/** Why the pairs cannot run, or false: they are of one version, and others answer otherwise here and there. */
export const missingNginx = reasonToSkip(findProgram('nginx'));

function reasonToSkip(nginx: string | undefined): string | false {
  if (nginx === undefined) return 'nginx is not installed';
  const version = /nginx\/(\S+)/.exec(spawnSync(nginx, ['-v'], { encoding: 'latin1' }).stderr)?.[1] ?? '';
  return version.startsWith('1.22.') ? false : `nginx is ${version}, and not 1.22`;
}

/** The time of all files: Fri, 20 Nov 2026 10:46:31 GMT. */
export const fileTime = Date.UTC(2026, 10, 20, 10, 46, 31) / 1000;

/** By name; a name that ends in "/" is an empty folder. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** What a suite has both servers do. */
export interface Site {
  /** What stands in `http`: servers, and what is above them. {port} … {port3}, {root} and {dir} are filled in. */
  readonly http: string;
  /** Directives of main. */
  readonly main?: string;
  /** Further variables for the access log. */
  readonly log?: string;
  readonly files?: Files;
  /** Permissions of files, by name: what the servers may not read, as they are not root. */
  readonly modes?: Readonly<Record<string, number>>;
  /** Symbolic links, by name: what they lead to, where {root} is filled in. One that ends in "!" belongs to another user. */
  readonly links?: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL('../server/serve.js', import.meta.url));
const isRoot = process.getuid?.() === 0;
const portNames = ['{port}', '{port2}', '{port3}'];

/** Client's port and connection find the case; $body_bytes_sent is compared with what came. */
const logFormat =
  '$remote_port $connection $body_bytes_sent $status "$request" $uri [$args] $host $server_name $request_length $request_completion';

function configuration(site: Site): string {
  return `${isRoot ? 'user www-data;' : ''}
worker_processes 1;
pid {dir}/server.pid;
error_log {dir}/error.log info;
${site.main ?? ''}
events { worker_connections 512; }
http {
log_format pair escape=default '${logFormat} ${site.log ?? ''}';
access_log {dir}/access.log pair;
types { text/html html htm; text/plain txt; text/css css; image/png png; application/json json; }
#nginx: client_body_temp_path {dir}/temp/body; proxy_temp_path {dir}/temp/proxy; fastcgi_temp_path {dir}/temp/fastcgi;
#nginx: uwsgi_temp_path {dir}/temp/uwsgi; scgi_temp_path {dir}/temp/scgi;
${site.http}
}
`;
}

/** A folder with the files of a site, readable for everybody. */
export function makeRoot(site: Site): string {
  const base = mkdtempSync(join(tmpdir(), 'zerocopy-pairs-'));
  chmodSync(base, 0o755);
  const root = join(base, 'root');
  mkdirSync(root);
  for (const [name, content] of Object.entries(site.files ?? {})) {
    const path = join(root, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, content);
    utimesSync(path, fileTime, fileTime);
  }
  for (const [name, text] of Object.entries(site.links ?? {})) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(text.replace('!', '').replace('{root}', root), path);
    if (text.endsWith('!') && isRoot) lchownSync(path, 12_345, 12_345);
  }
  for (const [name, mode] of Object.entries(site.modes ?? {})) chmodSync(join(root, name), mode);
  return root;
}

export class Server implements Place {
  private child!: ChildProcess;
  private said = '';

  private constructor(
    readonly kind: Kind,
    readonly dir: string,
    readonly root: string,
    readonly ports: readonly number[],
  ) {}

  /** Starts a server in a folder beside the document root, and waits until it takes connections. */
  static async start(kind: Kind, site: Site, root: string): Promise<Server> {
    const dir = join(dirname(root), kind);
    mkdirSync(join(dir, 'temp'), { recursive: true });
    chmodSync(join(dir, 'temp'), 0o777);
    const ports = [await freePort(), await freePort(), await freePort()];
    const server = new Server(kind, dir, root, ports);
    const marked = new RegExp(`^#${kind}: `, 'gm');
    writeFileSync(join(dir, 'server.conf'), server.fill(configuration(site).replace(marked, '')), 'latin1');
    await server.launch();
    return server;
  }

  /** Puts ports and folders into a text. */
  fill(text: string): string {
    let out = text.replaceAll('{dir}', this.dir).replaceAll('{root}', this.root);
    for (const [i, name] of portNames.entries()) out = out.replaceAll(name, `${this.ports[i]}`);
    return out;
  }

  private async launch(): Promise<void> {
    const { dir } = this;
    const conf = join(dir, 'server.conf');
    const [command, args]: [string, string[]] =
      this.kind === 'nginx'
        ? [findProgram('nginx') as string, ['-e', join(dir, 'error.log'), '-c', conf, '-p', dir, '-g', 'daemon off;']]
        : [process.execPath, [program, conf, `${dir}/`]];
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', chunk => {
        this.said += chunk;
      });
    }
    await until(
      () => this.answers(),
      () => this.isRunning,
      () => `${this.kind} does not serve: ${this.said}${this.read('error.log')}`,
    );
  }

  private async answers(): Promise<boolean> {
    if (this.kind === 'zerocopy') return this.said.includes('ready\n');
    const socket = createConnection(this.ports[0]!, '127.0.0.1');
    return new Promise(resolve => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    }).then(answers => {
      socket.destroy();
      return answers as boolean;
    });
  }

  private get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Has it finish what it does, so that all is in its logs. */
  async stop(): Promise<void> {
    this.child.kill('SIGQUIT');
    try {
      await until(
        () => !this.isRunning,
        () => true,
        () => `${this.kind} does not end`,
      );
    } catch (error) {
      this.child.kill('SIGTERM');
      throw error;
    }
    if (this.said.includes('internal error')) throw new Error(this.said);
  }

  private read(name: string): string {
    const path = join(this.dir, name);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  }

  /** The lines of the logs by the port of the client. */
  logs(): Map<number, Logged> {
    const errors = new Map<string, string[]>();
    for (const line of this.read('error.log').split('\n')) {
      // the time and the numbers of the process are nobody's concern
      const [, level, connection, message] = /^\S+ \S+ \[(\w+)\] \d+#\d+: \*(\d+) (.*)$/.exec(line) ?? [];
      if (level === undefined || isPlumbing(message!)) continue;
      errors.set(connection!, [...(errors.get(connection!) ?? []), `[${level}] ${message}`]);
    }
    const logs = new Map<number, Logged>();
    for (const line of this.read('access.log').split('\n')) {
      const [, port, connection, rest] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
      if (port === undefined || rest!.includes('GET /probe ')) continue;
      const before = logs.get(Number(port))?.access ?? [];
      logs.set(Number(port), { access: [...before, rest!], errors: errors.get(connection!) ?? [] });
    }
    return logs;
  }
}

/** Lines about a connection, not about a request; and what the probe comes to. */
function isPlumbing(message: string): boolean {
  return message.includes('closed keepalive connection') || message.includes('"GET /probe HTTP/1.1"');
}

export function removeRoot(root: string): void {
  rmSync(dirname(root), { recursive: true, force: true });
}
