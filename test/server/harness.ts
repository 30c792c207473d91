/** Starts a real server for the tests, in a folder of its own and on free ports. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchOnce, patience, waitFor } from './client.js';

const program = fileURLToPath(new URL('./serve.js', import.meta.url));

/** By name; several of one name in a list. */
type Directives = Record<string, string | readonly string[]>;

/** A configuration: directives by name over the defaults below ('' drops one), and free lines for each level. */
export interface Site {
  readonly main?: Directives;
  readonly events?: Directives;
  readonly http?: Directives;
  /** Lines at the end of `http`: further servers. */
  readonly httpLines?: string;
  /** Lines of the main server. */
  readonly server?: string;
  /** The addresses of the main server. */
  readonly listen?: readonly string[];
}

const defaults = {
  main: { worker_processes: '1', pid: '{dir}/server.pid', error_log: '{dir}/error.log info' },
  events: { worker_connections: '256' },
  http: {
    access_log: '{dir}/access.log',
    default_type: 'application/octet-stream',
    client_header_timeout: '1s',
    client_body_timeout: '1s',
    send_timeout: '1s',
    lingering_timeout: '500ms',
    lingering_time: '2s',
    keepalive_timeout: '5s',
  },
};

/** The two ways of every body: /on/ goes through sendfile, /off/ through output buffers. */
export const ways = ['on', 'off'] as const;

/** The site's own come first: a log format has to stand before the logs that use it. */
function directives(site: Directives | undefined, standard: Directives): string {
  return Object.entries({ ...site, ...standard, ...site })
    .flatMap(([name, values]) => [values].flat().map(value => (value === '' ? '' : `${name} ${value};\n`)))
    .join('');
}

/** The text of a configuration, with {port}, {port2}, {port3}, {dir} and {root} still in it. */
function configText(site: Site): string {
  const { listen = ['127.0.0.1:{port}'] } = site;
  return `${directives(site.main, defaults.main)}
events { ${directives(site.events, defaults.events)} }
http {
${directives(site.http, defaults.http)}
server {
${listen.map(one => `listen ${one};\n`).join('')}
server_name test.local;
root {root};
${ways.map(way => `location /${way}/ { alias {root}/; sendfile ${way}; }\n`).join('')}
${site.server ?? ''}
}
${site.httpLines ?? ''}
}
`;
}

/** Ports that nobody uses at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
          server.on('error', reject);
        }),
    ),
  );
  const ports = servers.map(server => (server.address() as { port: number }).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

/** Bytes that look random and are the same each time, other ones for each seed. */
export function noise(length: number, seed = 0): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(seed);
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), iv).update(Buffer.alloc(length));
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether a program of this name can be started: false, or the reason to skip what needs it. */
export function missing(name: string): string | false {
  return spawnSync('which', [name]).status === 0 ? false : `${name} is not installed`;
}

export class TestServer {
  /** What it has written to standard error. */
  stderr = '';
  private child!: ChildProcess;
  private fdsAtRest = 0;

  private constructor(
    readonly dir: string,
    readonly root: string,
    readonly ports: readonly number[],
  ) {}

  /**
   * Starts a server and waits until it serves.
   * @param files of the document root, by name
   */
  static async start(site: Site = {}, files: Record<string, Buffer | string> = {}): Promise<TestServer> {
    for (let attempt = 1; ; attempt++) {
      const server = TestServer.prepare(await freePorts(3));
      server.configure(site);
      for (const [name, content] of Object.entries(files)) server.put(name, content);
      try {
        await server.launch();
        return server;
      } catch (error) {
        rmSync(server.dir, { recursive: true, force: true });
        const portTaken = String(error).includes('(98: ');
        if (!portTaken || attempt === 5) throw error;
      }
    }
  }

  /** A folder with a document root, and nothing running in it yet. */
  static prepare(ports: readonly number[]): TestServer {
    const dir = mkdtempSync(join(tmpdir(), 'zerocopy-test-'));
    chmodSync(dir, 0o755);
    mkdirSync(join(dir, 'root'));
    return new TestServer(dir, join(dir, 'root'), ports);
  }

  get port(): number {
    return this.ports[0];
  }
  get pid(): number {
    return this.child.pid as number;
  }
  get configPath(): string {
    return join(this.dir, 'server.conf');
  }

  /** Writes the configuration anew; a running server takes it with SIGHUP. */
  configure(site: Site): void {
    this.configureWith(configText(site));
  }
  configureWith(text: string): void {
    writeFileSync(this.configPath, this.fill(text), 'latin1');
  }

  /** Puts the server's own ports and folders into a text. */
  fill(text: string): string {
    return text
      .replaceAll('{port}', `${this.ports[0]}`)
      .replaceAll('{port2}', `${this.ports[1]}`)
      .replaceAll('{port3}', `${this.ports[2]}`)
      .replaceAll('{dir}', this.dir)
      .replaceAll('{root}', this.root);
  }

  /** Writes a file of the document root; gives its path. */
  put(name: string, content: Buffer | string): string {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** @throws Error with what it said when it did not come up */
  async launch(): Promise<void> {
    const child = spawn(process.execPath, [program, this.configPath, `${this.dir}/`], { stdio: 'pipe' });
    this.child = child;
    let stdout = '';
    child.stderr.on('data', chunk => {
      this.stderr += chunk;
    });
    child.stdout.on('data', chunk => {
      stdout += chunk;
    });
    let exited = false;
    child.on('close', () => {
      exited = true;
    });
    await waitFor('the server is ready', () => exited || stdout.includes('ready\n'), 2 * patience);
    if (exited) throw new Error(`the server did not start: ${this.stderr}`);
  }

  /** The processes that serve: the children of the master, or the one process there is. */
  workers(): number[] {
    const tasks = `/proc/${this.pid}/task`;
    const children = readdirSync(tasks).flatMap(task => readFileSync(`${tasks}/${task}/children`, 'ascii').split(' '));
    const pids = children.filter(each => each !== '').map(Number);
    return pids.length > 0 ? pids : [this.pid];
  }

  errorLog(): string {
    return this.logText('error.log');
  }
  accessLog(): string {
    return this.logText('access.log');
  }
  logText(name: string): string {
    const path = join(this.dir, name);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  }

  /** Waits for a line of the error log. */
  async logged(pattern: RegExp | string): Promise<void> {
    const found = () =>
      typeof pattern === 'string' ? this.errorLog().includes(pattern) : pattern.test(this.errorLog());
    await waitFor(`${pattern} in the error log`, found).catch(error => {
      throw new Error(`${error.message}; it holds:\n${this.errorLog()}`);
    });
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until the server has ended by itself, and gives its exit code. */
  async ended(): Promise<number | null> {
    await waitFor('the server has ended', () => !this.isRunning);
    return this.child.exitCode;
  }

  /** Open descriptors of the first worker. */
  descriptors(): number {
    return readdirSync(`/proc/${this.workers()[0]}/fd`).length;
  }

  /** Takes note of how many descriptors the worker has with no connection open, after a first request. */
  async settle(path = '/'): Promise<void> {
    await fetchOnce(this.port, path);
    let last = -1;
    this.fdsAtRest = await waitFor('the number of descriptors settles', () => {
      const now = this.descriptors();
      const same = now === last;
      last = now;
      return same ? now : 0;
    });
  }

  /** Still alive: a request is answered as always, and every descriptor has come back. */
  async isWell(path: string, body: Buffer): Promise<void> {
    const reply = await fetchOnce(this.port, path);
    if (reply.status !== 200 || !reply.body.equals(body)) throw new Error(`${path} is not answered as before`);
    let now = 0;
    await waitFor('all descriptors come back', () => {
      now = this.descriptors();
      return now === this.fdsAtRest;
    }).catch(error => {
      throw new Error(`${error.message}: ${now} are open, ${this.fdsAtRest} at the start`);
    });
  }

  /** Ends it and removes everything. A server that has crashed or hangs fails the test. */
  async stop(): Promise<void> {
    try {
      if (!this.isRunning) return;
      this.signal('SIGTERM');
      await this.ended().catch(error => {
        for (const pid of [this.pid, ...this.workers()]) process.kill(pid, 'SIGKILL');
        throw error;
      });
    } finally {
      rmSync(this.dir, { recursive: true, force: true });
    }
    if (this.stderr.includes('internal error')) throw new Error(this.stderr);
  }
}
