/** Access logs: `access_log` and `log_format`. */
import type { LogTarget, ParseContext } from '../conf/directive.js';
import { parseSize, parseTime } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';
import { COMBINED, compileFormat, type LogFormat } from './log-format.js';
import { type Handler, type Module, Outcome } from './module.js';
import { EVERYWHERE, row } from './rows.js';

/** One `access_log`. */
export interface AccessLog {
  readonly target: LogTarget;
  readonly format: LogFormat;
  /** Where it comes to '' or "0", nothing is logged; null logs every request. */
  readonly condition: Complex | null;
}

declare module '../conf/settings.js' {
  interface Settings {
    accessLog: readonly AccessLog[];
    /** The names that are defined. */
    logFormat: readonly string[];
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
    target.write(format.line(request));
  }
  return Outcome.Next;
};

/** What may follow the format's name. */
interface Options {
  buffer: number;
  flush: number;
  condition: Complex | null;
}

function readOption(word: string, options: Options, cx: ParseContext): void {
  const value = word.slice(word.indexOf('=') + 1);
  if (word.startsWith('buffer=')) options.buffer = parseSize(value) || cx.fail(`invalid buffer size "${value}"`);
  else if (word.startsWith('flush='))
    options.flush = parseTime(value, 'ms') || cx.fail(`invalid flush time "${value}"`);
  else if (word.startsWith('if=')) options.condition = cx.complex(value);
  else if (word === 'gzip' || word.startsWith('gzip=')) {
    cx.fail('the "gzip" parameter of the "access_log" directive is not built in this version');
  } else cx.fail(`invalid parameter "${word}"`);
}

function refusePath(path: string, cx: ParseContext): void {
  if (path.startsWith('syslog:')) cx.fail(`"${path}" is not built in this version: "access_log" takes a file`);
  if (cx.complex(path).constant === undefined) {
    cx.fail(`variables in the path of "access_log" are not built in this version`);
  }
}

function parseLog(args: readonly string[], cx: ParseContext): AccessLog {
  const [path, name = 'combined'] = args as [string, string?];
  refusePath(path, cx);
  const format = name === 'combined' ? COMBINED : cx.logFormat(name);
  if (format === undefined) return cx.fail(`unknown log format "${name}"`);
  const options: Options = { buffer: 0, flush: 0, condition: null };
  for (const word of args.slice(2)) readOption(word, options, cx);
  if (options.flush > 0 && options.buffer === 0) cx.fail(`no buffer is defined for access_log "${path}"`);
  const { buffer, flush, condition } = options;
  return { target: cx.log(path, { buffer, flush }), format: compileFormat(format, cx), condition };
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
      contexts: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      repeatable: true,
      initial: [],
      preset: ['logs/access.log'],
      default: 'logs/access.log combined',
      doc: 'PATH [FORMAT [buffer=] [flush=] [if=]], or off.',
      parse: parseAccessLog,
    }),
  ],
  phases: settings => (settings.accessLog.length === 0 ? NONE : PHASES),
};
