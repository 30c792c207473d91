import type { Settings } from './settings.js';
import type { Node } from './syntax.js';
import type { Complex, Settable, Variable } from './variables.js';
import type { Zone, ZoneUse } from './zones.js';

/** Where a directive may stand. `events` holds settings of main; `limit_except` is a block within a location, and so is `if`. */
export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'limit_except'
  | 'if in server'
  | 'if in location';

/** How lines are written to a log file. */
export interface LogOptions {
  /** Bytes gathered before they are written; 0 writes each line at once. */
  readonly buffer: number;
  /** Milliseconds after which gathered bytes are written all the same; 0 is never. */
  readonly flush: number;
  /** What is gathered is compressed: 1 to 9; 0 is not. */
  readonly gzip: number;
}

/** A log that the configuration names. The server opens it, and puts the real `write` in place. */
export interface LogTarget extends LogOptions {
  /** Full path; of a syslog server, what the configuration says. */
  readonly path: string;
  /** Null for a file. */
  readonly syslog: SyslogServer | null;
  /**
   * Writes one line (a byte string with its newline). It never throws: a log that cannot be written is not a reason to stop serving.
   * @param severity for syslog: 0 (emergency) to 7 (debug); what the configuration says where it is left out
   */
  write(line: string, severity?: number): void;
}

/** Who takes lines by the protocol of syslog (RFC 3164), and what they say of themselves. */
export interface SyslogServer {
  /** An address, a name, or the path of a unix socket (port 0). */
  readonly host: string;
  readonly port: number;
  /** 0 to 23. */
  readonly facility: number;
  readonly severity: number;
  readonly tag: string;
  /** Whether each line names this host. */
  readonly namesHost: boolean;
  /** Where the configuration says so. */
  readonly file: string;
  readonly line: number;
}

/** How long files stay open whose names come out of requests (`open_log_file_cache`). */
export interface LogFileCache {
  /** Files at most; 0 keeps none open. */
  readonly max: number;
  /** Milliseconds without use after which a file is closed. */
  readonly inactive: number;
  /** Uses within that time from which on it is kept. */
  readonly minUses: number;
  /** Milliseconds after which it is checked whether the file is still there under its name. */
  readonly valid: number;
}

/** The logs whose names come out of requests. The server puts the real `write` in place. */
export interface NamedLogs {
  /** Appends a line to the file of this full path. @returns 0, or the negative errno where it cannot be opened */
  write(path: string, line: string, cache: LogFileCache): number;
}

/** What a directive's `parse` is given beside its arguments. */
export interface ParseContext {
  readonly node: Node;
  readonly context: Context;
  /** The block that the directive stands in: its arguments say which location (`alias`). Undefined in main. */
  readonly parent: Node | undefined;
  /** The settings of this level that were parsed so far (own ones only), for directives that look at their neighbours. */
  readonly own: Partial<Settings>;
  /** The block of a directive that is a `branch`: the how manieth on its level, and its own settings, which are read afterwards. */
  readonly branch?: { readonly index: number; readonly own: Partial<Settings> } | undefined;
  /** Throws a ConfigError at the directive's place: `reason in FILE:LINE`. */
  fail(reason: string): never;
  /** Says something that is no mistake, as a line of the error log: `reason in FILE:LINE`. */
  warn(reason: string): void;
  /** The same for a line within the directive's block. */
  at(node: Node): ParseContext;
  /** Makes a variable that the directive names (`map`); one of the server's own names is an error at the directive's place. */
  define(variable: Variable): void;
  /**
   * The same for a variable that requests are given values of (`set`); `variable.get` is what it is before. One of the server's own
   * that can be set is that one.
   */
  settable(variable: Variable): Settable;
  /** Compiles text with `$variables`; an unknown variable is an error at the directive's place. */
  complex(text: string): Complex;
  /**
   * Compiles a regular expression as nginx's PCRE would read it, and makes its named captures known as variables; one that
   * cannot be compiled is an error at the directive's place.
   */
  regex(source: string, nocase: boolean): RegExp;
  /** A path relative to the prefix (`-p`) made absolute. */
  prefixPath(path: string): string;
  /** A path relative to the folder of the main configuration file made absolute. */
  confPath(path: string): string;
  /** The log file of this path, relative to the prefix; the same path twice is one target. Differing options are an error, as in nginx. */
  log(path: string, options?: LogOptions): LogTarget;
  /** The log of a syslog server. @param text what the configuration says */
  syslog(text: string, server: SyslogServer): LogTarget;
  readonly namedLogs: NamedLogs;
  /** The memory of this name that all workers share; a size of 0 leaves it to another directive to say. Conflicts are errors. */
  zone(name: string, use: ZoneUse, size: number): Zone;
  /** The arguments (after the name) of the `log_format` of this name, defined anywhere in http; undefined if there is none. */
  logFormat(name: string): readonly string[] | undefined;
}

/**
 * One row of the directive table: the only place that knows a directive. Parsing, `-t`, the reference page and `-V` read
 * it. `key` names the property of Settings that the directive fills; `name` is nginx's.
 */
export interface Directive<K extends keyof Settings = keyof Settings> {
  readonly name: string;
  readonly key: K;
  readonly contexts: readonly Context[];
  /** How many arguments: [least, most]. A flag takes exactly one, `on` or `off`. */
  readonly args: readonly [min: number, max: number];
  /** True when the directive has a block that `parse` reads itself from `cx.node.children` (`types`). */
  readonly block?: boolean;
  /** True when the block holds directives for some requests of the level, to be read as a level below it (`if`). */
  readonly branch?: boolean;
  /** May be given more than once on one level; `parse` then gets the value so far. Otherwise the second is `"x" directive is duplicate`. */
  readonly repeatable?: boolean;
  /** The value where nothing is configured. */
  readonly initial: Settings[K];
  /** The default as the reference page prints it; absent where there is none. */
  readonly default?: string;
  /** The arguments that hold as if they were written on the outermost level, where nothing else is. */
  readonly preset?: readonly string[];
  /** One line for the reference page, and where it differs from nginx. */
  readonly doc: string;
  parse(args: readonly string[], cx: ParseContext, before: Settings[K] | undefined): Settings[K];
  /** How a level takes over its parent's value; without it: its own value, else its parent's. */
  merge?(own: Settings[K] | undefined, parent: Settings[K]): Settings[K];
}

/** The table's rows as modules export them, whatever their keys. */
export type AnyDirective = { [K in keyof Settings]: Directive<K> }[keyof Settings];
