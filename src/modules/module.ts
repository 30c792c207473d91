/**
 * The module interface: all that a feature sees of the server, and all that the server sees of a feature.
 *
 * A request runs through phases in nginx's order. A phase handler looks at the request and says with its outcome what
 * comes next. It never blocks, never awaits, and never touches a descriptor: files come from `request.open`, and what is
 * to be sent is described by `request.body`, not sent.
 */
import type { AnyDirective } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import type { LocationConfig, ServerConfig } from '../conf/tree.js';
import type { Variable } from '../conf/variables.js';
import type { RequestHead } from '../http/request-head.js';
import type { ScriptState } from './rewrite-script.js';

/**
 * What a handler says: one of these, or an HTTP status (200 and above) that ends the request with that status, by way of
 * error_page where one is set.
 */
export const Outcome = {
  /** Nothing to say here: the next handler of the phase, then the next phase. */
  Next: 0,
  /** The head and the body of the response are set: run the filters and send them. */
  Respond: 1,
  /** The request will be taken up again by `request.resume(outcome)`. */
  Suspend: 2,
  /** The request has been pointed at another URI or location (`request.redirect`): begin again there. */
  Restart: 3,
  /** Close the connection without an answer (nginx's 444). */
  Close: 4,
  /** A path is being looked up (`pending`): this handler is called again when that is done. */
  Again: 5,
  /** In the access phase: the client may come in. With `satisfy any` nobody else is asked; else it is Next. */
  Allowed: 6,
} as const;
export type Outcome = number;

/**
 * What `open` and `test` give while a thread looks a path up (`aio threads`): the handler returns `Outcome.Again`, having changed nothing, and
 * gets the answer when it asks again.
 */
export const pending = 0;

export type Handler = (request: Request) => Outcome;

/** An opened file or folder, shared between the requests that read it. Its descriptor is the server's business. */
export interface OpenFile {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Tells a replaced file from the one before it. */
  readonly inode: number;
  /** All of it, as a body. */
  readonly whole: readonly FileSegment[];
}

/** A small file that was read as a whole. As long as the file does not change, it is the same object. */
export interface TextFile {
  /** A byte string. */
  readonly text: string;
}

/** A part of the body: bytes in memory, or a range of a file that the kernel or an output buffer will move. */
export type Segment = MemorySegment | FileSegment;
export interface MemorySegment {
  readonly bytes: Buffer;
}
export interface FileSegment {
  readonly file: OpenFile;
  /** Bytes from the file's start. */
  readonly offset: number;
  readonly length: number;
}

/** The response as the content handler leaves it and the filters change it. */
export interface Response {
  status: number;
  /** '' sends none. */
  contentType: string;
  /** Body bytes that a GET gets; -1 where the status has no body (304, 204) and no Content-Length is to be sent. */
  contentLength: number;
  /** Seconds since 1970, or -1 for none. */
  lastModified: number;
  /** With its quotes; '' sends none. */
  etag: string;
  /** Location header; a path ("/…") is made absolute with scheme and host as nginx does. '' sends none. */
  location: string;
  /** The value of Vary; '' sends none. */
  vary: string;
  /** The value of Content-Range, with 206 and 416; '' sends none. */
  contentRange: string;
  /** The head does not tell the length: the body goes in chunks, or to the end of the connection. */
  streamed: boolean;
  /** Lines behind the body (`add_trailer`): name, value … Null for none, and an empty list has the body come in chunks all the same. */
  trailers: readonly string[] | null;
  /** Whether ranges of the body may be asked for (Accept-Ranges: bytes). */
  acceptRanges: boolean;
  /** Further header lines, in order: name, value, name, value … (byte strings without CR or LF). */
  readonly headers: string[];
  /** The body; for HEAD it is described too, and not sent. */
  body: readonly Segment[];
}

/** What a proxy tells of the connection that its client has made. */
export interface ProxyHeader {
  readonly sourceAddress: string;
  /** 0 to 65535. */
  readonly sourcePort: number;
  readonly destinationAddress: string;
  readonly destinationPort: number;
  /** Of version 2: types, lengths and contents of what else it tells. */
  readonly records: Buffer | null;
}

/** What the kernel knows of a connection (tcp(7), TCP_INFO). */
export interface TcpInfo {
  /** Round trip and its variation, in microseconds. */
  readonly rtt: number;
  readonly rttVariation: number;
  /** Packets that may be on their way. */
  readonly sendWindow: number;
  /** Bytes that the client may send. */
  readonly receiveSpace: number;
}

/** What is known of the client's connection. */
export interface Client {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly serverAddress: string;
  readonly serverPort: number;
  /** The connection's serial number in this worker ($connection). */
  readonly serial: number;
  /** Requests taken over this connection, this one included ($connection_requests). */
  readonly requests: number;
  /** When it was accepted: milliseconds since 1970. */
  readonly acceptedAt: number;
  /** What the proxy says that has made the connection; null where it says nothing, or is not asked. */
  readonly proxy: ProxyHeader | null;
  /** Asked for when it is read; null where the connection is none of TCP. */
  readonly tcpInfo: TcpInfo | null;
}

/** The system calls that one response has cost so far; they are also log variables. */
export interface CallCounts {
  readonly sendfile: number;
  readonly pread: number;
  readonly writev: number;
  readonly eagain: number;
}

/** What all workers together do and have done: connections that are open now, and what was counted since the start. */
export interface Activity {
  readonly active: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
}

/** What is known of a connection that is encrypted. Texts are byte strings, '' for what is not known. */
export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  /** The protocol above that was agreed on (ALPN). */
  readonly alpn: string;
  /** The curve of the exchange of keys. */
  readonly curve: string;
  /** What the client has offered, with colons between: names, or numbers (0x…) that OpenSSL does not know. */
  readonly curves: string;
  readonly ciphers: string;
  /** How the two sides have signed the handshake, as ecdsa_secp256r1_sha256; '' for a side that has not. */
  readonly signature: string;
  readonly clientSignature: string;
  /** What the client asked for (SNI), in lower case. */
  readonly serverName: string;
  readonly isReused: boolean;
  /** The handshake is not done yet: what has come so far may be sent a second time by somebody else. */
  readonly isEarly: boolean;
  readonly sessionId: string;
  /** Whether the kernel encrypts what is sent. */
  readonly isKtls: boolean;
  /** SUCCESS, NONE, or FAILED:reason. */
  readonly clientVerify: string;
  clientCertificate(): ClientCertificate | null;
}

export interface ClientCertificate {
  readonly pem: string;
  readonly subject: string;
  readonly issuer: string;
  /** As OpenSSL once printed them: `/O=…/CN=…`. */
  readonly subjectLegacy: string;
  readonly issuerLegacy: string;
  readonly serial: string;
  readonly fingerprint: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/**
 * Work that is done in turns of the loop, so that others are served meanwhile: each step to a `yield` is short. What is yielded is the
 * server's business; a handler yields `nextTurn`, and passes on (`yield*`) what it has from the server.
 */
export type Turns<T> = Generator<unknown, T>;
export const nextTurn = null;

/** A file in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** Bytes; 0 where only kinds are asked for. */
  readonly size: number;
  /** Seconds since 1970; 0 where only kinds are asked for. */
  readonly mtime: number;
}

/** What is known of a file. */
export interface FileFacts {
  readonly kind: FolderEntry['kind'];
  /** Seconds since 1970. */
  readonly mtime: number;
  /** The permissions. */
  readonly mode: number;
}

/** A name in a folder, a hidden one too. A link is `other`. */
export type NamedEntry = Pick<FolderEntry, 'name' | 'kind'>;

/**
 * Changes in the file system (`dav`). Results are 0 or more, or a negative errno. Links on the way to a file are followed, and the last
 * part of a path is not, but where something is copied from it.
 */
export interface FileChanges {
  facts(path: string, follow?: boolean): FileFacts | number;
  makeFolder(path: string, mode: number): number;
  /** One that is empty. */
  removeFolder(path: string): number;
  remove(path: string): number;
  setMode(path: string, mode: number): number;
  /** @param mtime seconds since 1970 */
  setModified(path: string, mtime: number): number;
  rename(from: string, to: string): number;
  names(path: string): Turns<readonly NamedEntry[] | number>;
  /** Copies a file. What stood under the new name is there until the copy is whole. */
  copy(from: string, to: string, mode: number, mtime: number): Turns<number>;
  /** Gives a file another name, also in another file system. @param mtime that of a copy; the file's own where it is absent */
  move(from: string, to: string, mtime?: number): Turns<number>;
}

/** Where bodies are kept until somebody takes them (`client_body_temp_path`). */
export interface BodyFolder {
  readonly path: string;
  /** Digits in the names of the folders between, at most three of them. */
  readonly levels: readonly number[];
}

/** The body of a request in a file. It is removed when the request ends. */
export interface ReceivedBody {
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** It has another name by now, and stays. */
  taken(): void;
}

/** The call that has failed when a folder was read: `opendir`, `readdir`, `stat` or `lstat`, on which path, and the negative errno. */
export interface FolderFailure {
  readonly call: 'opendir' | 'readdir' | 'stat' | 'lstat';
  readonly path: string;
  readonly errno: number;
}

export type LogLevel = 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg';

export interface Request {
  readonly head: RequestHead;
  /** Whom the request comes from: who is at the other end of the connection, or whom a proxy there has named. */
  readonly client: Client;
  /** Who is at the other end of the connection. */
  readonly peer: Client;
  readonly server: ServerConfig;
  /** The location that was found; before find-location, the server itself stands in for it. */
  readonly location: LocationConfig;
  /** The settings in force: the location's. */
  readonly settings: Settings;
  readonly response: Response;
  readonly calls: CallCounts;
  /** Null where the connection is not encrypted. */
  readonly tls: TlsFacts | null;
  /** Summed up when it is asked for. */
  readonly activity: Activity;
  /** The decoded, normalised path; internal redirects change it. A byte string. */
  readonly uri: string;
  /** The query without "?"; internal redirects change it. */
  args: string;
  /** True after an internal redirect, error_page or try_files. */
  readonly internal: boolean;
  /** Captures of the last regular expression that matched ($1 … $9), or null. */
  captures: readonly (string | undefined)[] | null;
  /** Values of variables that were worked out once, and hold until the request ends (`map`, `geo`). */
  readonly values: Map<object, string | undefined>;
  /** When the first byte of it was read, milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970, as of this turn of the loop. */
  readonly now: number;
  /** Bytes put on the socket for this response so far, head included; and of the body alone. */
  readonly bytesSent: number;
  readonly bodyBytesSent: number;
  /** Bytes read for this request: head and body. */
  readonly requestLength: number;
  /** The file that its body is kept in, or was; '' where it is not. */
  readonly bodyFile: string;
  /** Whether the response is being sent over a pipelined request ($pipe). */
  readonly pipelined: boolean;
  readonly completed: boolean;
  /** The status that error_page has the response sent with, or 0. */
  readonly errorStatus: number;
  /** Whether there is a query, or was one that has been dropped since. */
  readonly hasArgs: boolean;

  /** A proxy has named the client: it takes the place of the proxy for the rest of the request. @param port 0 where it is not known */
  setClient(address: string, port: number): void;
  /** The path in the file system of a URI in this location, by root or alias. Without an argument: of `uri`. */
  mapPath(uri?: string): string;
  /**
   * Opens a file or folder to read, by way of the open file cache. Returns it, the negative errno, or `pending`. It is let go by the
   * server when the request ends.
   */
  open(path: string): OpenFile | number;
  /** The name of the system call that made the last `open` or `test` fail: `open`, `stat` … */
  readonly failedCall: string;
  /** Whether the path is a file (1), a folder (2), something else (3), `pending`, or a negative errno; it does not stay open. */
  test(path: string): number;
  /** As `test`, and never `pending`, though it may wait for a disk: for what comes when the response is over. */
  testNow(path: string): number;
  /** A path without links and dots in it, or the negative errno. It may wait for a disk. */
  realPath(path: string): string | number;
  /** The mode of the path that `test` has found (inode(7)). */
  readonly testedMode: number;
  /** The bytes of the body, to be changed by a filter: for small ones. Null where they cannot be had without waiting for a disk. */
  readBody(): Buffer | null;
  /**
   * What a small file holds (`auth_basic_user_file`): read again when it has changed. Returns it, the negative errno, or `pending`.
   */
  readText(path: string): TextFile | number;
  /**
   * Reads a folder: each name but the hidden ones is told to `take`, in no order, until that returns false. Links are followed.
   * @param kindsOnly whether sizes and times are of no interest
   * @returns what has failed, or null
   */
  readFolder(path: string, kindsOnly: boolean, take: (entry: FolderEntry) => boolean): Turns<FolderFailure | null>;
  /** Does what takes longer than one turn. The handler returns what this returns; the outcome of the work is that of the handler. */
  inTurns(work: Turns<Outcome>): Outcome;
  readonly changes: FileChanges;
  /**
   * Has the body of the request written to a file as it comes. The handler returns what this returns; `done` says its outcome, once the
   * body is there. Whatever keeps it from coming ends the request.
   */
  receiveBody(done: (body: ReceivedBody) => Outcome): Outcome;
  /** Asks for memory for a large answer, until the request ends (a negative number gives some back). False: no more is to be had. */
  claim(bytes: number): boolean;
  /** Where it is in the script of its server or location. */
  readonly script: ScriptState;
  /** Changes `uri` and `args`; from then on the request is an internal one. */
  rewrite(uri: string, args: string): void;
  /** Looks for a location anew, by `uri`; the caller returns `Outcome.Restart`. */
  relocate(): void;
  /** Has the settings of the location's block of `if` with this number hold. */
  enterBranch(index: number): void;
  /** Changes `uri` and stays in this location: the next phase sees the new one (a file that try_files found). */
  setUri(uri: string): void;
  /** Points the request at another URI, internally; the caller returns `Outcome.Restart`. `keepArgs` leaves the query alone. */
  redirect(uri: string, args: string): void;
  /** Points it at a named location ("@name"); false when there is none. */
  redirectNamed(name: string): boolean;
  /** Writes to the error log with nginx's trailer: client, server, request, host. */
  log(level: LogLevel, message: string): void;
  /**
   * As `log`, for a failed system call. `what` is the line up to the errno: `open() "path" failed` is written as
   * `open() "path" failed (2: No such file or directory)`. `errno` is negative, as `open` and `test` return it.
   */
  logErrno(level: LogLevel, what: string, errno: number): void;
  resume(outcome: Outcome): void;
  /** Has something done when the request has ended, in whichever way, and is logged. */
  onEnd(task: () => void): void;
  /** As `resume`, after so many milliseconds, unless the client leaves before; the handler returns `Outcome.Suspend`. */
  resumeAfter(milliseconds: number, outcome: Outcome): void;
  /**
   * Hashes a password as crypt(3) does, in a thread. `done` is told the hash or the negative errno, unless the client leaves before, and
   * is to resume the request; the handler returns `Outcome.Suspend`. False when too many wait for their hashes: then nothing is done.
   */
  crypt(password: string, setting: string, done: (hash: string | number) => void): boolean;
}

/** What a module does in the phases of one location. Absent where the location does not use the module: it then costs nothing. */
export interface Phases {
  readonly serverRewrite?: Handler;
  readonly rewrite?: Handler;
  readonly preaccess?: Handler;
  readonly access?: Handler;
  readonly precontent?: Handler;
  readonly content?: Handler;
  /** Changes the response before its head is built. It says Next, or a status that replaces the response (412, 416). */
  readonly filter?: Handler;
  readonly log?: Handler;
}

/** One feature, under nginx's name for it. */
export interface Module {
  /** As in nginx's module names: `static`, `index`, `headers`. */
  readonly name: string;
  readonly directives?: readonly AnyDirective[];
  readonly variables?: readonly Variable[];
  /** The handlers for a level with these settings; asked once for each location when the configuration is loaded. */
  phases?(settings: Settings): Phases;
}
