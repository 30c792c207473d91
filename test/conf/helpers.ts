/** Configurations in memory, and a directive table of a few of nginx's directives for the tests of src/conf. */
import type { AnyDirective, Context, ParseContext } from '../../src/conf/directive.js';
import { type ConfigSource, type ParsedConfig, parseConfig } from '../../src/conf/parser.js';
import { parseServerName } from '../../src/conf/server-names.js';
import type { Settings } from '../../src/conf/settings.js';
import { DirectiveTable } from '../../src/conf/table.js';
import type { Config, LocationConfig, LocationKind, ServerConfig } from '../../src/conf/tree.js';
import { parseFlag, parseInteger } from '../../src/conf/values.js';
import type { Variable } from '../../src/conf/variables.js';

/** A directive whatever its type: the tests' own keys are no part of Settings. */
export interface TestRow {
  name: string;
  key: string;
  contexts: readonly Context[];
  args: readonly [number, number];
  block?: boolean;
  repeatable?: boolean;
  initial: unknown;
  preset?: readonly string[];
  parse(args: readonly string[], cx: ParseContext, before: unknown): unknown;
  merge?(own: unknown, parent: unknown): unknown;
}

export function asDirectives(rows: readonly TestRow[]): AnyDirective[] {
  return rows.map(row => ({ doc: '', ...row })) as unknown as AnyDirective[];
}

/** Files by full path; a glob's "*" stands for anything but "/". */
export function memorySource(files: Record<string, string>): ConfigSource {
  return {
    read(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
      return text;
    },
    glob(pattern) {
      const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
      const regex = new RegExp(`^${escaped}$`);
      return Object.keys(files)
        .filter(path => regex.test(path))
        .reverse();
    },
  };
}

export const MAIN_FILE = '/etc/conf/nginx.conf';

export function parse(text: string, more: Record<string, string> = {}, globals?: string): ParsedConfig {
  return parseConfig(MAIN_FILE, memorySource({ ...more, [MAIN_FILE]: text }), globals);
}

const HTTP: readonly Context[] = ['http', 'server', 'location'];

function text(name: string, key: string, contexts: readonly Context[], args: readonly [number, number]): TestRow {
  return { name, key, contexts, args, initial: null, parse: words => words.join(' ') };
}

function flag(name: string, key: string): TestRow {
  return {
    name,
    key,
    contexts: HTTP,
    args: [1, 1],
    initial: false,
    parse: ([word], cx) =>
      parseFlag(word!) ?? cx.fail(`invalid value "${word}" in "${name}" directive, it must be "on" or "off"`),
  };
}

const ACCESS_LOG: TestRow = {
  name: 'access_log',
  key: 'accessLog',
  contexts: HTTP,
  args: [1, 3],
  repeatable: true,
  initial: [],
  parse([path, format, buffer], cx, before) {
    if (path === 'off') return [];
    const words = format === undefined || format === 'combined' ? ['-'] : cx.logFormat(format);
    if (!words) return cx.fail(`unknown log format "${format}"`);
    const target = cx.log(
      path!,
      buffer ? { buffer: Number.parseInt(buffer.slice(7), 10), flush: 0, gzip: 0 } : undefined,
    );
    return [...((before as unknown[]) ?? []), { target, words }];
  },
};

export const ROWS: readonly TestRow[] = [
  text('pid', 'pid', ['main'], [1, 1]),
  text('user', 'user', ['main'], [1, 2]),
  text('worker_processes', 'workerProcesses', ['main'], [1, 1]),
  text('worker_connections', 'workerConnections', ['events'], [1, 1]),
  flag('sendfile', 'sendfile'),
  flag('tcp_nodelay', 'tcpNodelay'),
  {
    ...text('keepalive_requests', 'keepaliveRequests', HTTP, [1, 1]),
    initial: 1000,
    parse: ([word], cx) => parseInteger(word!) ?? cx.fail('"keepalive_requests" directive invalid number'),
  },
  { ...text('root', 'root', HTTP, [1, 1]), parse: ([word], cx) => cx.complex(cx.prefixPath(word!)) },
  { ...text('return', 'return', ['server', 'location'], [1, 2]), parse: (words, cx) => cx.complex(words.at(-1)!) },
  {
    ...text('add_header', 'headers', HTTP, [2, 3]),
    repeatable: true,
    initial: [],
    parse: ([name, value], cx, before) => [...((before as unknown[]) ?? []), [name, cx.complex(value!)]],
  },
  {
    ...text('server_name', 'serverName', ['server'], [1, 100]),
    repeatable: true,
    initial: [],
    parse: (words, cx, before) => {
      const own = (before as unknown[]) ?? [];
      try {
        return [...own, ...words.map(word => parseServerName(word, (source, nocase) => cx.regex(source, nocase)))];
      } catch (error) {
        const { name, message } = error as Error;
        if (name === 'ServerNameError') return cx.fail(message);
        throw error;
      }
    },
  },
  {
    ...text('types', 'types', HTTP, [0, 0]),
    block: true,
    repeatable: true,
    parse: (_words, cx) => cx.node.children!.map(node => [node.name, ...node.args]),
  },
  { ...text('log_format', 'logFormats', ['http'], [2, 100]), repeatable: true, parse: () => null },
  ACCESS_LOG,
];

const VARIABLE_NAMES = ['uri', 'host', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Variables that read properties of a plain object; `http_` and `arg_` are families. */
export const VARIABLES: readonly Variable[] = [
  ...VARIABLE_NAMES.map(name => ({
    name,
    doc: '',
    get: (subject: object) => (subject as Record<string, string | undefined>)[name],
  })),
  { name: 'http_', prefix: true, doc: '', get: (_subject, suffix) => `<${suffix}>` },
];

export const TABLE = new DirectiveTable(asDirectives(ROWS), VARIABLES);

export function build(text: string, more: Record<string, string> = {}, globals?: string): Config {
  return TABLE.build(parse(text, more, globals).nodes, { prefix: '/srv' });
}

/** Builds what stands in http, behind an events section. */
export function buildHttp(text: string): Config {
  return build(`events {} http { ${text} }`);
}

/** The values of a level, whatever their keys. */
export function values(level: { readonly settings: Settings }): Record<string, unknown> {
  return level.settings as unknown as Record<string, unknown>;
}

export function location(
  kind: LocationKind,
  pattern: string,
  locations: readonly LocationConfig[] = [],
): LocationConfig {
  return { kind, pattern, locations, settings: {} as Settings };
}

/** A server that is told from others by its line. */
export function server(line: number): ServerConfig {
  return { settings: {} as Settings, locations: [], file: MAIN_FILE, line };
}
