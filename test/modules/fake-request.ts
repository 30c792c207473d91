/** A request without a server: its files are a table in memory, and what the handlers ask for is written down. */

import { type ConfigSource, parseConfig } from '../../src/conf/parser.js';
import type { Settings } from '../../src/conf/settings.js';
import { DirectiveTable } from '../../src/conf/table.js';
import type { Config, LocationConfig, ServerConfig } from '../../src/conf/tree.js';
import { RequestHead } from '../../src/http/request-head.js';
import { modules } from '../../src/modules/all.js';
import {
  type Client,
  type FileSegment,
  type FolderEntry,
  type FolderFailure,
  type Handler,
  type LogLevel,
  nextTurn,
  type OpenFile,
  type Outcome,
  type Phases,
  type ProxyHeader,
  type Request,
  type Response,
  type TcpInfo,
  type TextFile,
  type Turns,
} from '../../src/modules/module.js';
import { ScriptState } from '../../src/modules/rewrite-script.js';

export const FILE = '/etc/zerocopy/test.conf';
export const TABLE = new DirectiveTable(
  modules.flatMap(module => module.directives ?? []),
  modules.flatMap(module => module.variables ?? []),
);

/** Friday, 20 November 2026, 10:46:31.250 UTC. */
export const NOW = Date.UTC(2026, 10, 20, 10, 46, 31, 250);
export const MTIME = NOW / 1000 - 100.25;

/** Builds a configuration as the server does, with the prefix /srv/. */
export function build(text: string): Config {
  const source: ConfigSource = { read: () => text, glob: () => [] };
  return TABLE.build(parseConfig(FILE, source).nodes, { prefix: '/srv/' });
}

/** The message of a configuration that is wrong, or 'ok'. */
export function complaint(text: string): string {
  try {
    build(text);
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}

/** A server with these directives; its locations are found by the test, by their number. */
export function buildServer(inside: string): ServerConfig {
  return build(`events {} http { server { ${inside} } }`).servers[0]!;
}

/** A file of so many bytes; the negative errno for an entry that is a number. */
export interface FakeFile {
  readonly size?: number;
  readonly kind?: 'file' | 'folder' | 'other';
}
export type FakeFiles = Readonly<Record<string, FakeFile | number>>;

const ENOENT = -2;
const KINDS = { file: 1, folder: 2, other: 3 } as const;

function emptyResponse(): Response {
  return {
    status: 200,
    contentType: '',
    contentLength: 0,
    lastModified: -1,
    etag: '',
    location: '',
    vary: '',
    contentRange: '',
    streamed: false,
    trailers: null,
    acceptRanges: false,
    headers: [],
    body: [],
  };
}

export class FakeRequest implements Request {
  readonly tls = null;
  readonly activity = {
    ...{ active: 7, reading: 1, writing: 2, waiting: 4 },
    ...{ accepted: 101, handled: 100, requests: 1234 },
  };
  readonly head = new RequestHead();
  readonly peer = {
    remoteAddress: '127.0.0.1',
    remotePort: 50_000,
    serverAddress: '127.0.0.2',
    serverPort: 8080,
    serial: 7,
    requests: 3,
    acceptedAt: NOW - 61_005,
    proxy: null as ProxyHeader | null,
    tcpInfo: { rtt: 150, rttVariation: 75, sendWindow: 10, receiveSpace: 65_535 } as TcpInfo | null,
  };
  readonly location: LocationConfig;
  readonly settings: Settings;
  readonly response = emptyResponse();
  readonly calls = { sendfile: 1, pread: 2, writev: 3, eagain: 4 };
  internal = false;
  captures: readonly (string | undefined)[] | null = null;
  readonly values = new Map<object, string | undefined>();
  startedAt = NOW - 7;
  now = NOW;
  bytesSent = 1234;
  bodyBytesSent = 1000;
  requestLength = 99;
  bodyFile = '';
  pipelined = false;
  completed = true;
  errorStatus = 0;
  hasArgs = false;
  failedCall = 'open';
  private named: Client | null = null;
  claimed = 0;
  claimable = Number.POSITIVE_INFINITY;
  testedMode = 0;
  readonly script = new ScriptState();
  /** Lines of the error log: level and message. */
  readonly errors: string[] = [];
  /** Where the request was pointed at: `uri?args` or `@name`. */
  readonly redirects: string[] = [];
  /** What `resumeAfter` was asked for. */
  readonly delays: { milliseconds: number; outcome: Outcome }[] = [];
  readonly texts = new Map<string, TextFile>();
  /** What `crypt` was asked for. */
  readonly hashes: { password: string; setting: string; done: (hash: string | number) => void }[] = [];
  readonly atEnd: (() => void)[] = [];
  namedLocations: readonly string[] = [];

  constructor(
    readonly server: ServerConfig,
    public uri = '/',
    public args = '',
    private readonly files: FakeFiles = {},
  ) {
    this.location = server.locations[0] ?? { kind: 'prefix', pattern: '', settings: server.settings, locations: [] };
    this.settings = this.location.settings;
    this.head.method = 'GET';
    this.head.version = 1001;
    this.head.protocol = 'HTTP/1.1';
    this.head.target = args === '' ? uri : `${uri}?${args}`;
    this.head.requestLine = `GET ${this.head.target} HTTP/1.1`;
    this.head.host = 'example.org';
    this.head.hostHeader = 'example.org:8080';
  }

  get client(): Client {
    return this.named ?? this.peer;
  }

  setClient(remoteAddress: string, remotePort: number): void {
    this.named = { ...this.peer, remoteAddress, remotePort };
  }

  mapPath(uri = this.uri): string {
    const { path, alias, length } = this.settings.root;
    const given = path.evaluate(this);
    const base = given.startsWith('/') ? given : `/srv/${given}`;
    if (!alias) return base + uri;
    return length < 0 ? base : base + uri.slice(length);
  }

  open(path: string): OpenFile | number {
    const file = this.files[path] ?? ENOENT;
    if (typeof file === 'number') return file;
    const { size = 0, kind = 'file' } = file;
    const whole: FileSegment[] = [];
    const open = { path, size, isFile: kind === 'file', isDirectory: kind === 'folder', mtime: MTIME, inode: 1, whole };
    whole.push({ file: open, offset: 0, length: size });
    return open;
  }

  readBody(): Buffer | null {
    return null;
  }

  test(path: string): number {
    return this.find(path);
  }

  private find(path: string): number {
    this.failedCall = 'stat';
    const file = this.files[path] ?? this.files[path.replace(/\/$/, '')] ?? ENOENT;
    return typeof file === 'number' ? file : KINDS[file.kind ?? 'file'];
  }

  realPath(path: string): string | number {
    return this.find(path) < 0 ? ENOENT : `/real${path}`;
  }

  testNow(path: string): number {
    return this.find(path);
  }

  readText(path: string): TextFile | number {
    return this.texts.get(path) ?? ENOENT;
  }

  crypt(password: string, setting: string, done: (hash: string | number) => void): boolean {
    this.hashes.push({ password, setting, done });
    return true;
  }

  *readFolder(path: string, _kindsOnly: boolean, take: (entry: FolderEntry) => boolean): Turns<FolderFailure | null> {
    for (const [full, file] of Object.entries(this.files)) {
      const name = full.slice(path.length + 1);
      if (!full.startsWith(`${path}/`) || name === '' || name.includes('/') || typeof file === 'number') continue;
      yield nextTurn;
      if (!take({ name, kind: file.kind ?? 'file', size: file.size ?? 0, mtime: MTIME })) return null;
    }
    const found = this.files[path] ?? ENOENT;
    return typeof found === 'number' ? { call: 'opendir', path, errno: found } : null;
  }

  inTurns(work: Turns<Outcome>): Outcome {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value as Outcome;
    }
  }

  claim(bytes: number): boolean {
    this.claimed += bytes;
    return this.claimed <= this.claimable;
  }

  rewrite(uri: string, args: string): void {
    this.uri = uri;
    this.args = args;
  }

  relocate(): void {
    this.redirects.push('relocate');
  }

  enterBranch(index: number): void {
    this.redirects.push(`branch ${index}`);
  }

  setUri(uri: string): void {
    this.uri = uri;
  }

  redirect(uri: string, args: string): void {
    this.redirects.push(`${uri}?${args}`);
  }

  redirectNamed(name: string): boolean {
    this.redirects.push(name);
    return this.namedLocations.includes(name);
  }

  log(level: LogLevel, message: string): void {
    this.errors.push(`${level}: ${message}`);
  }

  logErrno(level: LogLevel, what: string, errno: number): void {
    this.errors.push(`${level}: ${what} (${-errno})`);
  }

  resume(): void {
    throw new Error('nothing was suspended');
  }

  onEnd(task: () => void): void {
    this.atEnd.push(task);
  }

  get changes(): Request['changes'] {
    throw new Error('nothing can be changed');
  }

  receiveBody(): Outcome {
    throw new Error('there is no body');
  }

  resumeAfter(milliseconds: number, outcome: Outcome): void {
    this.delays.push({ milliseconds, outcome });
  }
}

/** The handlers of one phase in the order of the modules. */
export function handlersOf(settings: Settings, phase: keyof Phases): Handler[] {
  return modules.map(module => module.phases?.(settings)[phase]).filter(handler => handler !== undefined);
}

/** Runs one phase: the first outcome that is not Next, or Next. */
export function runPhase(request: FakeRequest, phase: keyof Phases): Outcome {
  for (const handler of handlersOf(request.settings, phase)) {
    const outcome = handler(request);
    if (outcome !== 0) return outcome;
  }
  return 0;
}

/** A request for a location with these directives, at /srv/html. */
export function requestFor(inside: string, uri: string, files: FakeFiles = {}, args = ''): FakeRequest {
  return new FakeRequest(buildServer(`root html; location / { ${inside} }`), uri, args, files);
}
