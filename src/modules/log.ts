/** Access logs: `access_log`, `log_format` and `open_log_file_cache`. */
import { climbs } from '../conf/climbs.js';
import type { LogFileCache, LogOptions, LogTarget, NamedLogs, ParseContext } from '../conf/directive.js';
import { parseInteger, parseSize, parseTime } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { ENOTDIR } from './errno.js';
import { COMBINED, compileFormat, type LogFormat } from './log-format.js';
import { type Handler, type Module, Outcome, type Request } from './module.js';
import { EVERYWHERE, EVERYWHERE_AND_IF, row } from './rows.js';
import { isSyslog, parseSyslog } from './syslog.js';

/** A log file whose name comes out of the request. */
interface NamedTarget {
  readonly path: Complex;
  readonly logs: NamedLogs;
}

/** One `access_log`. */
export interface AccessLog {
  readonly target: LogTarget | NamedTarget;
  readonly format: LogFormat;
  /** Where it comes to '' or "0", nothing is logged; null logs every request. */
  readonly condition: Complex | null;
}

declare module '../conf/settings.js' {
  interface Settings {
    accessLog: readonly AccessLog[];
    /** The names that are defined. */
    logFormat: readonly string[];
    openLogFileCache: LogFileCache;
  }
}

/** `off` on this level: further logs of it are checked, and not kept. */
const OFF: readonly AccessLog[] = [];

const writeLogs: Handler = request => {
  const logs = request.settings.accessLog;
  for (let i = 0; i < logs.length; i++) {
    const { target, format, condition } = logs[i]!;
    if (condition !== null) {
      const value = condition.evaluate(request);
      if (value === '' || value === '0') continue;
    }
    const line = format.line(request);
    if ('logs' in target) writeNamed(request, target, line);
    else target.write(line);
  }
  return Outcome.Next;
};

/**
 * A client must not be able to make files by naming hosts that are not served: as nginx, only where the root that the request is
 * served from is there. Beyond nginx, no value climbs up from the folder that the configuration names.
 */
function writeNamed(request: Request, { path, logs }: NamedTarget, line: string): void {
  const file = path.evaluate(request);
  if (climbs(file) && !climbs(path.text)) {
    request.log('crit', `open() "${file}" refused: a value in the name of the log leads out of its folder`);
    return;
  }
  const root = request.mapPath('');
  const found = request.testNow(root);
  if (found === 1 || found === 3 || found < 0) {
    request.logErrno('crit', `testing "${root}" existence failed`, found < 0 ? found : ENOTDIR);
    return;
  }
  const result = logs.write(file, line, request.settings.openLogFileCache);
  if (result < 0) request.logErrno('crit', `open() "${file}" failed`, result);
}

/** What may follow the format's name. */
interface Options {
  buffer: number;
  flush: number;
  gzip: number;
  condition: Complex | null;
}

/** As nginx: the level of the fastest, and a buffer that is worth it. */
const FASTEST = 1;
const GZIP_BUFFER = 64 * 1024;

function readOption(word: string, options: Options, cx: ParseContext): void {
  const value = word.slice(word.indexOf('=') + 1);
  if (word.startsWith('buffer=')) options.buffer = parseSize(value) || cx.fail(`invalid buffer size "${value}"`);
  else if (word.startsWith('flush='))
    options.flush = parseTime(value, 'ms') || cx.fail(`invalid flush time "${value}"`);
  else if (word.startsWith('if=')) options.condition = cx.complex(value);
  else if (word === 'gzip') options.gzip = FASTEST;
  else if (word.startsWith('gzip=')) {
    options.gzip = parseInteger(value, 1, 9) ?? cx.fail(`invalid compression level "${value}"`);
  } else cx.fail(`invalid parameter "${word}"`);
}

/** Where the lines go. */
function targetOf(path: string, { buffer, flush, gzip }: LogOptions, cx: ParseContext): AccessLog['target'] {
  if (isSyslog(path)) {
    if (buffer > 0) cx.fail('logs to syslog cannot be buffered');
    return cx.syslog(path, parseSyslog(path, cx));
  }
  const name = cx.complex(path);
  if (name.constant !== undefined) return cx.log(path, { buffer, flush, gzip });
  if (buffer > 0) cx.fail('buffered logs cannot have variables in name');
  return { path: path.startsWith('/') ? name : cx.complex(cx.prefixPath(path)), logs: cx.namedLogs };
}

function parseLog(args: readonly string[], cx: ParseContext): AccessLog {
  const [path, name = 'combined'] = args as [string, string?];
  const format = name === 'combined' ? COMBINED : cx.logFormat(name);
  if (format === undefined) return cx.fail(`unknown log format "${name}"`);
  const options: Options = { buffer: 0, flush: 0, gzip: 0, condition: null };
  for (const word of args.slice(2)) readOption(word, options, cx);
  if (options.gzip > 0) options.buffer ||= GZIP_BUFFER;
  if (options.flush > 0 && options.buffer === 0) cx.fail(`no buffer is defined for access_log "${path}"`);
  return { target: targetOf(path, options, cx), format: compileFormat(format, cx), condition: options.condition };
}

function parseAccessLog(
  args: readonly string[],
  cx: ParseContext,
  before: readonly AccessLog[] | undefined,
): readonly AccessLog[] {
  if (args[0] === 'off') return args.length === 1 ? OFF : cx.fail(`invalid parameter "${args[1]}"`);
  const log = parseLog(args, cx);
  return before === OFF ? OFF : [...(before ?? []), log];
}

function parseLogFormat(args: readonly string[], cx: ParseContext, before: readonly string[] | undefined): string[] {
  const name = args[0]!;
  if (name === 'combined' || before?.includes(name)) cx.fail(`duplicate "log_format" name "${name}"`);
  compileFormat(args.slice(1), cx);
  return [...(before ?? []), name];
}

const NO_CACHE: LogFileCache = { max: 0, inactive: 10_000, minUses: 1, valid: 60_000 };

function parseCache(args: readonly string[], cx: ParseContext): LogFileCache {
  if (args[0] === 'off') return args.length === 1 ? NO_CACHE : cx.fail(`invalid parameter "${args[1]}"`);
  const cache = { ...NO_CACHE };
  for (const word of args) {
    const [key, value = ''] = word.split('=', 2);
    const fail = () => cx.fail(`invalid "open_log_file_cache" parameter "${word}"`);
    if (key === 'max') cache.max = parseInteger(value) ?? fail();
    else if (key === 'min_uses') cache.minUses = parseInteger(value, 1) ?? fail();
    else if (key === 'inactive' || key === 'valid') cache[key] = parseTime(value, 's') ?? fail();
    else fail();
  }
  return cache.max > 0 ? cache : cx.fail('"open_log_file_cache" must have "max" parameter');
}

const PHASES = { log: writeLogs };
const NONE = {};

export const log: Module = {
  name: 'log',
  directives: [
    row<'logFormat'>({
      name: 'log_format',
      key: 'logFormat',
      contexts: ['http'],
      args: [2, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [],
      doc: 'A name for the text of a log line; escape=default, json or none. "combined" is built in.',
      parse: parseLogFormat,
    }),
    row<'accessLog'>({
      name: 'access_log',
      key: 'accessLog',
      contexts: [...EVERYWHERE_AND_IF, 'limit_except'],
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [],
      preset: ['logs/access.log'],
      default: 'logs/access.log combined',
      doc: 'PATH or syslog:server=… [FORMAT [buffer=] [gzip=] [flush=] [if=]], or off. A path may hold variables.',
      parse: parseAccessLog,
    }),
    row<'openLogFileCache'>({
      name: 'open_log_file_cache',
      key: 'openLogFileCache',
      contexts: EVERYWHERE,
      args: [1, 4],
      initial: NO_CACHE,
      default: 'off',
      doc: 'How many logs whose paths hold variables stay open: max=N [inactive=10s] [min_uses=1] [valid=60s], or off.',
      parse: parseCache,
    }),
  ],
  phases: settings => (settings.accessLog.length === 0 ? NONE : PHASES),
};
