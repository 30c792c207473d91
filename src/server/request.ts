import { EAGAIN } from '../../native/errno.js';
import { realPath } from '../../native/file.js';
import { heldBack } from '../conf/climbs.js';
import type { Settings } from '../conf/settings.js';
import type { LocationConfig, ServerConfig } from '../conf/tree.js';
import { RequestHead } from '../http/request-head.js';
import { RequestParser } from '../http/request-parser.js';
import { mayKeepAlive } from '../modules/keepalive.js';
import {
  type Activity,
  type CallCounts,
  type Client,
  type FolderEntry,
  type FolderFailure,
  type LogLevel,
  type OpenFile,
  type Outcome,
  pending,
  type ReceivedBody,
  type Request,
  type Response,
  type Segment,
  type TextFile,
  type TlsFacts,
  type Turns,
} from '../modules/module.js';
import { ScriptState } from '../modules/rewrite-script.js';
import type { Transfer } from '../output/transfer.js';
import type { ErrorLogWriter } from './error-log.js';
import { fileChanges } from './file-changes.js';
import type { Files, ServedFile } from './files.js';
import { readFolder } from './folder.js';
import { NamedClient } from './peer.js';
import { readBody } from './read-body.js';
import type { LocationRuntime, ServerRuntime } from './runtime.js';
import type { SymlinkRule } from './symlinks.js';
import type { TextFiles } from './text-files.js';

/** What a request needs of its connection. */
export interface Host {
  readonly client: Client;
  readonly transfer: Transfer;
  readonly files: Files;
  readonly textFiles: TextFiles;
  readonly errorLog: ErrorLogWriter;
  readonly tls: TlsFacts | null;
  readonly activity: Activity;
  /** The folder that relative paths of the configuration start from, with its slash. */
  readonly prefix: string;
  /** Milliseconds: of the loop's clock, and since 1970. */
  readonly now: number;
  readonly wallClock: number;
  /** The response is complete: send it. */
  send(): void;
  /** Close the connection without an answer; the status is what is logged. */
  abandon(status: number): void;
  resume(outcome: Outcome): void;
  resumeAfter(milliseconds: number, outcome: Outcome): void;
  crypt(password: string, setting: string, done: (hash: string | number) => void): boolean;
  inTurns(work: Turns<Outcome>): Outcome;
  receiveBody(done: (body: ReceivedBody) => Outcome): Outcome;
  /** Has a thread look up a path; the handler that has asked for it runs again then. False when the pool takes no more. */
  lookUp(path: string, pool: string): boolean;
}

const nothing: readonly Segment[] = [];

class ResponseState implements Response {
  status = 200;
  contentType = '';
  contentLength = 0;
  lastModified = -1;
  etag = '';
  location = '';
  vary = '';
  contentRange = '';
  streamed = false;
  trailers: readonly string[] | null = null;
  acceptRanges = false;
  readonly headers: string[] = [];
  body: readonly Segment[] = nothing;

  reset(): void {
    this.status = 200;
    this.contentType = '';
    this.contentLength = 0;
    this.lastModified = -1;
    this.etag = '';
    this.location = '';
    this.vary = '';
    this.contentRange = '';
    this.streamed = false;
    this.trailers = null;
    this.acceptRanges = false;
    if (this.headers.length > 0) this.headers.length = 0;
    this.body = nothing;
  }
}

/** Bytes that a worker's requests may have claimed at a time. */
const claimLimit = 256 * 1024 * 1024;
let claimed = 0;

/** Positions of a request that has no location yet: at the script of the server, and behind it. */
export const BEFORE_SERVER = -2;
export const BEFORE_LOCATION = -1;

/** Internal redirects of one request at most, as in nginx. */
const redirectLimit = 10;

/**
 * One request and its response, from the first byte of the head to the log line. The objects are used again and again;
 * an idle connection has none.
 */
export class HttpRequest implements Request {
  readonly head = new RequestHead();
  readonly parser: RequestParser;
  readonly response = new ResponseState();
  readonly calls: CallCounts;
  host!: Host;
  serverRuntime!: ServerRuntime;
  locationRuntime!: LocationRuntime;

  uri = '';
  args = '';
  internal = false;
  captures: readonly (string | undefined)[] | null = null;
  readonly values = new Map<object, string | undefined>();
  /** Captures of the server name's regular expression. */
  serverCaptures: readonly (string | undefined)[] | null = null;
  startedAt = 0;
  /** When its head was whole, as arrivals.ts counts. */
  arrival = 0;
  /** The head as it goes out, and how many bytes of it (and before it) do. */
  headText = '';
  headLength = 0;
  bodyBytesRead = 0;
  bodyFile = '';
  pipelined = false;
  completed = false;
  hasArgs = false;
  /** Whether the connection may take another request after this one. */
  keepAlive = false;
  /** The status that error_page has the response sent with, or 0. */
  errorStatus = 0;
  /** error_page was used: it is not used a second time. */
  errorPageUsed = false;
  /** The refusal of a module, where another may still let the request in (`satisfy any`); or 0. */
  accessStatus = 0;
  /** Where the location's handlers stand. */
  position = 0;
  redirects = redirectLimit;
  failedCall = 'open';
  readonly changes = fileChanges;
  testedMode = 0;
  readonly script = new ScriptState();
  /** Bytes of memory. */
  private claimed = 0;
  private readonly atEnd: (() => void)[] = [];
  /** Whom a proxy has named. */
  private namedClient: Client | null = null;
  private readonly opened: ServedFile[] = [];
  /** The paths that a thread has looked up for it. */
  private readonly lookedUp: string[] = [];

  constructor() {
    this.parser = new RequestParser({
      mergeSlashes: true,
      ignoreInvalidHeaders: true,
      underscoresInHeaders: false,
      maxHeaders: 0,
      maxLine: 0,
      maxHead: 0,
    });
    this.calls = new TransferCounts(this);
  }

  get client(): Client {
    return this.namedClient ?? this.host.client;
  }
  get peer(): Client {
    return this.host.client;
  }
  get server(): ServerConfig {
    return this.serverRuntime.config;
  }
  get location(): LocationConfig {
    return this.locationRuntime.config;
  }
  get settings(): Settings {
    return this.locationRuntime.settings;
  }
  get tls(): TlsFacts | null {
    return this.host.tls;
  }
  get activity(): Activity {
    return this.host.activity;
  }
  get now(): number {
    return this.host.wallClock;
  }
  get bytesSent(): number {
    return this.host.transfer.bytesSent;
  }
  get bodyBytesSent(): number {
    return Math.max(0, this.host.transfer.bytesSent - this.headLength);
  }
  get requestLength(): number {
    return this.head.length + this.bodyBytesRead;
  }

  /** Makes it ready for the next head of a connection. */
  begin(host: Host, server: ServerRuntime): void {
    this.host = host;
    this.serverRuntime = server;
    this.locationRuntime = server.self;
    this.parser.reset();
    this.response.reset();
    this.uri = '';
    this.args = '';
    this.internal = false;
    this.captures = null;
    this.namedClient = null;
    if (this.values.size > 0) this.values.clear();
    this.serverCaptures = null;
    this.startedAt = host.wallClock;
    this.headText = '';
    this.headLength = 0;
    this.bodyBytesRead = 0;
    this.bodyFile = '';
    this.pipelined = false;
    this.completed = false;
    this.keepAlive = false;
    this.errorStatus = 0;
    this.errorPageUsed = false;
    this.accessStatus = 0;
    this.script.at = 0;
    this.script.stayed = false;
    this.position = 0;
    this.redirects = redirectLimit;
    if (this.lookedUp.length > 0) this.lookedUp.length = 0;
  }

  /** Lets go of the files. */
  end(): void {
    const { opened } = this;
    while (opened.length > 0) (opened.pop() as ServedFile).release();
    this.response.body = nothing;
    claimed -= this.claimed;
    this.claimed = 0;
    while (this.atEnd.length > 0) this.atEnd.pop()?.();
  }

  setClient(address: string, port: number): void {
    this.namedClient = new NamedClient(this.host.client, address, port);
  }

  mapPath(uri = this.uri): string {
    const { path, alias, length } = this.settings.root;
    let base = path.constant ?? heldBack(path.evaluate(this), path.text);
    if (base.charCodeAt(0) !== 47 /* "/" */) base = this.host.prefix + base;
    // where a regular expression found the location, the alias is the whole path
    if (alias && length < 0) return base;
    const tail = alias ? uri.slice(length) : uri;
    // what the parser has made of the client's URI does not climb; what a configuration has made of that may
    return joined(base, alias || this.internal || uri !== this.uri ? heldBack(tail) : tail);
  }

  open(path: string): OpenFile | number {
    const { files, now } = this.host;
    const cachedOnly = this.asksThreads(path);
    const { fileCache } = this.locationRuntime;
    const rule = this.symlinkRule(path);
    const file =
      rule === null
        ? files.open(path, fileCache, now, cachedOnly, this.arrival)
        : files.openByRule(path, fileCache, rule, cachedOnly);
    if (file === -EAGAIN && cachedOnly && this.lookUp(path)) return pending;
    if (typeof file === 'number') this.failedCall = this.host.files.failedCall;
    else this.opened.push(file);
    return file;
  }

  test(path: string): number {
    const cachedOnly = this.asksThreads(path);
    const found = this.find(path, cachedOnly);
    return found === -EAGAIN && cachedOnly && this.lookUp(path) ? pending : found;
  }

  realPath(path: string): string | number {
    return realPath(path);
  }

  testNow(path: string): number {
    return this.find(path, false);
  }

  /** @param cachedOnly gives -EAGAIN for what would have to be read from a disk */
  private find(path: string, cachedOnly: boolean): number {
    const { files, now } = this.host;
    const rule = this.symlinkRule(path);
    const { fileCache } = this.locationRuntime;
    let found: number;
    if (rule !== null) found = files.testByRule(path, rule, cachedOnly);
    else if (fileCache.cache !== null) found = files.testCached(path, fileCache, now, cachedOnly);
    else found = files.test(path, cachedOnly);
    this.failedCall = files.failedCall;
    this.testedMode = files.testedMode;
    return found;
  }

  /** As nginx reads `disable_symlinks`: null where any link may stand in the path. */
  private symlinkRule(path: string): SymlinkRule | null {
    const { disableSymlinks } = this.settings;
    if (disableSymlinks === null) return null;
    const allowed = disableSymlinks.mode === 'on' ? 'none' : 'of owner';
    const from = disableSymlinks.from?.evaluate(this) ?? '';
    if (from === '' || !path.startsWith(from)) return { allowed, free: 0 };
    if (from === path) return null;
    if (path[from.length] === '/') return { allowed, free: from.length };
    return { allowed, free: from.endsWith('/') ? from.length - 1 : 0 };
  }

  readBody(): Buffer | null {
    return readBody(this.response, this.settings.aio !== null);
  }

  readText(path: string): TextFile | number {
    if (this.test(path) === pending) return pending;
    const { textFiles, wallClock } = this.host;
    const file = textFiles.read(path, wallClock);
    if (typeof file === 'number') this.failedCall = textFiles.failedCall;
    return file;
  }

  readFolder(path: string, kindsOnly: boolean, take: (entry: FolderEntry) => boolean): Turns<FolderFailure | null> {
    const leftOut = (failure: FolderFailure) => {
      this.logErrno('crit', `${failure.call}() "${failure.path}" failed`, failure.errno);
    };
    return readFolder({ path, kindsOnly, byThreads: this.settings.aio !== null, take, leftOut });
  }

  receiveBody(done: (body: ReceivedBody) => Outcome): Outcome {
    return this.host.receiveBody(done);
  }

  inTurns(work: Turns<Outcome>): Outcome {
    return this.host.inTurns(work);
  }

  claim(bytes: number): boolean {
    if (claimed + bytes > claimLimit) return false;
    claimed += bytes;
    this.claimed += bytes;
    return true;
  }

  /** Whether a thread is to be asked for what the kernel does not know of a path: once, for it may not keep it either. */
  private asksThreads(path: string): boolean {
    return this.settings.aio !== null && !this.lookedUp.includes(path);
  }

  private lookUp(path: string): boolean {
    this.lookedUp.push(path);
    return this.host.lookUp(path, this.settings.aio?.pool ?? '');
  }

  rewrite(uri: string, args: string): void {
    this.uri = uri;
    this.args = args;
    this.internal = true;
  }

  relocate(): void {
    this.redirects -= 1;
    this.locationRuntime = this.serverRuntime.self;
    this.position = BEFORE_LOCATION;
  }

  enterBranch(index: number): void {
    this.locationRuntime = this.locationRuntime.branches[index];
  }

  setUri(uri: string): void {
    this.uri = uri;
  }

  redirect(uri: string, args: string): void {
    this.uri = uri;
    this.args = args;
    this.hasArgs = args !== '';
    this.internal = true;
    this.script.stayed = false;
    this.redirects -= 1;
    this.locationRuntime = this.serverRuntime.self;
    this.position = BEFORE_SERVER;
  }

  redirectNamed(name: string): boolean {
    const found = this.serverRuntime.findNamed(name);
    if (found === null) return false;
    this.internal = true;
    this.redirects -= 1;
    this.locationRuntime = found.for(this.head.method);
    if (!mayKeepAlive(this)) this.keepAlive = false;
    this.position = 0;
    return true;
  }

  log(level: LogLevel, message: string): void {
    const { errorLog, client } = this.host;
    if (!errorLog.wants(this.settings, level)) return;
    errorLog.write(this.settings, level, `*${client.serial} ${message}${this.logTrailer()}`);
  }

  logErrno(level: LogLevel, what: string, errno: number): void {
    if (!this.host.errorLog.wants(this.settings, level)) return;
    this.log(level, `${what} (${this.host.errorLog.describe(-errno)})`);
  }

  resume(outcome: Outcome): void {
    this.host.resume(outcome);
  }

  onEnd(task: () => void): void {
    this.atEnd.push(task);
  }

  resumeAfter(milliseconds: number, outcome: Outcome): void {
    this.host.resumeAfter(milliseconds, outcome);
  }

  crypt(password: string, setting: string, done: (hash: string | number) => void): boolean {
    return this.host.crypt(password, setting, done);
  }

  /** As nginx ends its lines of the error log. */
  private logTrailer(): string {
    const { head } = this;
    let text = `, client: ${this.client.remoteAddress}, server: ${this.settings.serverName[0].text}`;
    if (head.requestLine !== '') text += `, request: "${head.requestLine}"`;
    if (head.hostHeader !== '' || head.get('host') !== undefined) text += `, host: "${head.hostHeader}"`;
    if (head.referer !== undefined) text += `, referrer: "${head.referer}"`;
    return text;
  }
}

let lastBase = '';
let lastTail = '';
let lastPath = '';

/** For a file that is asked for again and again, the same string: its hash is known, by which caches find it. */
function joined(base: string, tail: string): string {
  if (tail !== lastTail || base !== lastBase) {
    lastBase = base;
    lastTail = tail;
    lastPath = base + tail;
  }
  return lastPath;
}

/** The counts of the connection's transfer, under the names that variables know. */
class TransferCounts implements CallCounts {
  constructor(private readonly request: HttpRequest) {}

  get sendfile(): number {
    return this.request.host.transfer.sendfileCalls;
  }
  get pread(): number {
    return this.request.host.transfer.preadCalls;
  }
  get writev(): number {
    return this.request.host.transfer.writevCalls;
  }
  get eagain(): number {
    return this.request.host.transfer.eagainCount;
  }
}
