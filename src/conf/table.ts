import { Builder } from './builder.js';
import type { AnyDirective } from './directive.js';
import { LogFiles } from './logs.js';
import { failAt } from './parse-context.js';
import { Rows } from './rows.js';
import type { Node } from './syntax.js';
import type { Config } from './tree.js';
import { type Variable, VariableRegistry } from './variables.js';
import { Zones } from './zones.js';

export interface BuildOptions {
  /** What relative paths of logs and documents are relative to (`-p`). */
  readonly prefix: string;
  /** The folder of the main file, for what is relative to it; the prefix where it is left out. */
  readonly folder?: string;
  /** The directives of `-g`, where they are not among the nodes already. */
  readonly globals?: readonly Node[];
  /** Arguments that take the place of a directive's own `preset`, by its name (`-e` is one for error_log). */
  readonly presets?: ReadonlyMap<string, readonly string[]>;
}

/** All directives and variables of the server: it knows which configurations are right, and what they mean. */
export class DirectiveTable {
  private readonly rows: Rows;

  constructor(
    directives: readonly AnyDirective[],
    private readonly variables: readonly Variable[],
  ) {
    this.rows = new Rows(directives);
  }

  /**
   * Checks a configuration and works out what holds on each level: a level's own value, else its parent's, else the
   * directive's `initial`, or what the directive's `merge` says.
   *
   * @param nodes what `parseConfig` returned
   * Throws a ConfigError with nginx's message.
   */
  build(nodes: readonly Node[], options: BuildOptions): Config {
    const all = [...(options.globals ?? []), ...nodes];
    const prefix = withSlash(options.prefix);
    const builder = new Builder(this.rows, {
      prefix,
      folder: options.folder === undefined ? prefix : withSlash(options.folder),
      registry: new VariableRegistry(this.variables),
      logs: new LogFiles(),
      zones: new Zones(),
      warnings: [],
      formats: collectFormats(all),
      presets: options.presets ?? new Map(),
    });
    return builder.build(all);
  }
}

function withSlash(folder: string): string {
  return folder.endsWith('/') ? folder : `${folder}/`;
}

/** Each `log_format` of http by its name, wherever it stands: it may be used above its definition, unlike in nginx. */
function collectFormats(nodes: readonly Node[]): Map<string, readonly string[]> {
  const formats = new Map<string, readonly string[]>();
  for (const http of nodes.filter(node => node.name === 'http')) {
    for (const node of http.children ?? []) {
      // One with too few arguments is refused by its row of the table.
      if (node.name !== 'log_format' || node.args.length < 2) continue;
      const [name, ...format] = node.args;
      if (formats.has(name!)) failAt(node, `duplicate "log_format" name "${name}"`);
      formats.set(name!, format);
    }
  }
  return formats;
}
