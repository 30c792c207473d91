import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoText } from '../../native/errno.js';
import { glob } from '../../native/glob.js';
import { type ConfigSource, type ParsedConfig, parseConfig } from '../conf/parser.js';
import { COMMAND_LINE, type Node } from '../conf/syntax.js';
import { DirectiveTable } from '../conf/table.js';
import type { Config } from '../conf/tree.js';
import { modules } from '../modules/all.js';

/** What the command line says of a configuration. */
export interface ConfigOptions {
  /** Full path of the main file. */
  readonly file: string;
  /** The folder that relative paths in it start from, with its slash. */
  readonly prefix: string;
  /** The text of `-g`. */
  readonly globals: string;
  /** The error log where the configuration names none (`-e`); absent for the built-in default. */
  readonly errorLog?: string;
  /** `--console`: the address of the console, whatever the configuration says of it. */
  readonly console?: string;
  /** The text of the main file, where there is no such file: `file` is then what messages name. */
  readonly text?: string;
}

const table = new DirectiveTable(
  modules.flatMap(module => module.directives ?? []),
  modules.flatMap(module => module.variables ?? []),
);

const source: ConfigSource = {
  read(path) {
    try {
      return readFileSync(Buffer.from(path, 'latin1'), 'latin1');
    } catch (error) {
      const { errno, syscall } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      // a folder can be opened
      throw new Error(`${syscall === 'read' ? 'pread' : 'open'}() "${path}" failed (${errnoText(-errno)})`);
    }
  },
  glob,
};

/**
 * Reads a configuration and all that it includes.
 * @throws ConfigError with nginx's message
 */
export function readConfig(options: ConfigOptions): ParsedConfig {
  const { file: main, text, globals } = options;
  const from: ConfigSource =
    text === undefined ? source : { ...source, read: path => (path === main ? text : source.read(path)) };
  const parsed = parseConfig(main, from, globals);
  return options.console === undefined ? parsed : { ...parsed, nodes: withConsole(parsed.nodes, options.console) };
}

function withConsole(nodes: readonly Node[], address: string): Node[] {
  const own: Node = { name: 'console', args: [address], file: COMMAND_LINE, line: 0 };
  return [own, ...nodes.filter(({ name }) => name !== own.name)];
}

/** What a configuration means depends on: where its file is, and what the command line says. */
export type BuildPlace = Pick<ConfigOptions, 'file' | 'prefix' | 'errorLog'>;

/**
 * Checks what was read, and works out what holds where.
 * @throws ConfigError with nginx's message
 */
export function buildConfig(nodes: readonly Node[], { file, prefix, errorLog }: BuildPlace): Config {
  const presets = new Map(errorLog === undefined ? [] : [['error_log', [errorLog]]]);
  return table.build(nodes, { prefix, folder: dirname(file), presets });
}
