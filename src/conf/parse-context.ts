import type { Context, LogOptions, LogTarget, NamedLogs, ParseContext, SyslogServer } from './directive.js';
import type { LogFiles } from './logs.js';
import { captureNames, captureVariable, compileRegex } from './regex.js';
import { RegexError } from './regex-error.js';
import type { OwnValues } from './rows.js';
import type { Settings } from './settings.js';
import { ConfigError, type Node } from './syntax.js';
import { type Complex, type Settable, type Variable, VariableError, type VariableRegistry } from './variables.js';
import type { Zone, Zones, ZoneUse } from './zones.js';

/** What all directives of one configuration share. */
export interface Shared {
  /** Ends in "/". */
  readonly prefix: string;
  /** Of the main file. Ends in "/". */
  readonly folder: string;
  readonly registry: VariableRegistry;
  readonly logs: LogFiles;
  readonly zones: Zones;
  /** What directives have to say that is no mistake, each with its place. */
  readonly warnings: string[];
  /** The arguments after the name of each `log_format`, by name. */
  readonly formats: ReadonlyMap<string, readonly string[]>;
  /** What takes the place of rows' presets, by directive. */
  readonly presets: ReadonlyMap<string, readonly string[]>;
}

/** Throws a ConfigError at a directive's place. */
export function failAt(node: Node, reason: string): never {
  throw new ConfigError(reason, node.file, node.line);
}

/** What one directive is given when it is parsed. */
export class DirectiveContext implements ParseContext {
  readonly own: Partial<Settings>;

  constructor(
    readonly node: Node,
    readonly context: Context,
    readonly parent: Node | undefined,
    own: OwnValues,
    private readonly shared: Shared,
    readonly branch?: ParseContext['branch'],
  ) {
    this.own = own as Partial<Settings>;
  }

  fail(reason: string): never {
    return failAt(this.node, reason);
  }

  warn(reason: string): void {
    this.shared.warnings.push(new ConfigError(reason, this.node.file, this.node.line).message);
  }

  at(node: Node): ParseContext {
    return new DirectiveContext(node, this.context, this.parent, this.own as OwnValues, this.shared);
  }

  define(variable: Variable): void {
    try {
      this.shared.registry.define(variable);
    } catch (error) {
      this.translate(error);
    }
  }

  settable(variable: Variable): Settable {
    try {
      return this.shared.registry.settable(variable);
    } catch (error) {
      return this.translate(error);
    }
  }

  complex(text: string): Complex {
    try {
      return this.shared.registry.compile(text, reason => this.fail(reason));
    } catch (error) {
      return this.translate(error);
    }
  }

  regex(source: string, nocase: boolean): RegExp {
    try {
      const regex = compileRegex(source, nocase);
      for (const name of captureNames(regex)) this.shared.registry.declare(name, captureVariable(name));
      return regex;
    } catch (error) {
      return this.translate(error);
    }
  }

  prefixPath(path: string): string {
    return path.startsWith('/') ? path : this.shared.prefix + path;
  }

  confPath(path: string): string {
    return path.startsWith('/') ? path : this.shared.folder + path;
  }

  get namedLogs(): NamedLogs {
    return this.shared.logs.named;
  }

  syslog(text: string, server: SyslogServer): LogTarget {
    return this.shared.logs.syslog(text, server);
  }

  log(path: string, options?: LogOptions): LogTarget {
    const target = this.shared.logs.target(this.prefixPath(path), options);
    return target ?? this.fail(`${this.node.name} "${path}" already defined with conflicting parameters`);
  }

  zone(name: string, use: ZoneUse, size: number): Zone {
    const zone = this.shared.zones.find(name, use, size);
    return typeof zone === 'string' ? this.fail(zone) : zone;
  }

  logFormat(name: string): readonly string[] | undefined {
    return this.shared.formats.get(name);
  }

  /** Gives the errors of the compilers the directive's place. */
  private translate(error: unknown): never {
    if (error instanceof RegexError || error instanceof VariableError) return this.fail(error.message);
    throw error;
  }
}
