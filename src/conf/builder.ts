import type { Context } from './directive.js';
import {
  findDuplicate,
  isRegex,
  type LocationPattern,
  nestingMistake,
  parseLocation,
  parseMethods,
} from './location-rules.js';
import { DirectiveContext, failAt, type Shared } from './parse-context.js';
import type { OwnValues, Row, Rows } from './rows.js';
import type { Settings } from './settings.js';
import { structure } from './structure.js';
import { ConfigError, type Node } from './syntax.js';
import type { Config, LimitExcept, LocationConfig, ServerConfig } from './tree.js';

/** One level as it is read: its own values, and which directives it has had. */
class Level {
  readonly own: OwnValues;
  readonly seen = new Set<string>();
  /** Its blocks of `if`. */
  readonly branches: Level[] = [];

  constructor(
    readonly context: Context,
    /** Its block; main has none. */
    readonly node: Node | undefined,
    own: OwnValues = {},
  ) {
    this.own = own;
  }
}

interface LocationLevel extends LocationPattern {
  readonly node: Node;
  readonly level: Level;
  readonly locations: readonly LocationLevel[];
  readonly limitExcept: LimitExceptLevel | undefined;
}

interface LimitExceptLevel {
  readonly methods: readonly string[];
  readonly level: Level;
}

interface ServerLevel {
  readonly node: Node;
  readonly level: Level;
  readonly locations: readonly LocationLevel[];
}

interface HttpLevel {
  readonly level: Level;
  readonly servers: readonly ServerLevel[];
}

/** The blocks that make the tree; all other directives come from the table. */
const BLOCKS = new Map(structure.filter(({ block }) => block).map(({ name, args }) => [name, args]));

/** What the blocks that may stand on a level do. */
type BlockReaders = Readonly<Record<string, (node: Node) => void>>;

/**
 * Turns syntax into a configuration, in two passes: first every directive is checked and parsed where it stands, then the
 * levels inherit from each other, since what http says below a server counts for it too.
 */
export class Builder {
  constructor(
    private readonly rows: Rows,
    private readonly shared: Shared,
  ) {}

  build(nodes: readonly Node[]): Config {
    const main = new Level('main', undefined);
    const blocks: { events?: Node; http?: HttpLevel } = {};
    this.read(nodes, main, {
      events: node => {
        if (blocks.events) failAt(node, '"events" directive is duplicate');
        blocks.events = node;
        this.read(node.children!, new Level('events', node, main.own), {});
      },
      http: node => {
        if (blocks.http) failAt(node, '"http" directive is duplicate');
        blocks.http = this.http(node);
      },
    });
    if (!blocks.events) throw new ConfigError('no "events" section in configuration', '', 0);
    for (const row of this.rows.all) this.preset(row, main);
    if (blocks.http) this.presetHttp(blocks.http);
    this.shared.registry.settle();
    this.checkZones();
    const settings = this.rows.top(main.own);
    return {
      main: settings,
      servers: this.mergeHttp(blocks.http, settings),
      logs: this.shared.logs.all,
      zones: this.shared.zones.all,
      namedLogs: this.shared.logs.named,
      warnings: this.shared.warnings,
    };
  }

  /** A zone that is used has to be declared somewhere. */
  private checkZones(): void {
    const unknown = this.shared.zones.all.find(({ size }) => size === 0);
    if (unknown) throw new ConfigError(`zero size shared memory zone "${unknown.name}"`, '', 0);
  }

  /** Where some server says nothing of a directive and http neither, its preset holds as if http said so. */
  private presetHttp({ level, servers }: HttpLevel): void {
    for (const row of this.rows.all) {
      if (servers.some(server => server.level.own[row.key] === undefined)) this.preset(row, level);
    }
  }

  private preset(row: Row, level: Level): void {
    if (row.preset === undefined || row.contexts[0] !== level.context || level.own[row.key] !== undefined) return;
    const args = this.shared.presets.get(row.name) ?? row.preset;
    const node: Node = { name: row.name, args, file: '', line: 0 };
    level.own[row.key] = row.parse(args, this.context(node, level), undefined);
  }

  private http(http: Node): HttpLevel {
    const level = new Level('http', http);
    const servers: ServerLevel[] = [];
    this.read(http.children!, level, { server: node => servers.push(this.server(node)) });
    return { level, servers };
  }

  private server(node: Node): ServerLevel {
    const level = new Level('server', node);
    return { node, level, locations: this.locations(node.children!, level, undefined, {}) };
  }

  /** Reads a level that may hold locations. */
  private locations(
    nodes: readonly Node[],
    level: Level,
    outer: LocationPattern | undefined,
    others: BlockReaders,
  ): LocationLevel[] {
    const locations: LocationLevel[] = [];
    this.read(nodes, level, { ...others, location: node => locations.push(this.location(node, outer)) });
    const duplicate = findDuplicate(locations);
    if (duplicate) failAt(duplicate.node, `duplicate location "${duplicate.pattern}"`);
    return locations;
  }

  private location(node: Node, outer: LocationPattern | undefined): LocationLevel {
    const location = parseLocation(node.args) ?? failAt(node, `invalid location modifier "${node.args[0]}"`);
    const level = new Level('location', node);
    if (isRegex(location.kind)) {
      this.context(node, level).regex(location.pattern, location.kind === 'regex-nocase');
    }
    const mistake = outer && nestingMistake(location, outer);
    if (mistake) failAt(node, mistake);
    let limitExcept: LimitExceptLevel | undefined;
    const locations = this.locations(node.children!, level, location, {
      limit_except: block => {
        if (limitExcept) failAt(block, '"limit_except" directive is duplicate');
        limitExcept = this.limitExcept(block);
      },
    });
    return { ...location, node, level, locations, limitExcept };
  }

  private limitExcept(node: Node): LimitExceptLevel {
    const methods = parseMethods(node.args);
    if (typeof methods === 'string') failAt(node, `invalid method "${methods}"`);
    const level = new Level('limit_except', node);
    this.read(node.children!, level, {});
    return { methods, level };
  }

  private read(nodes: readonly Node[], level: Level, readers: BlockReaders): void {
    for (const node of nodes) {
      const count = BLOCKS.get(node.name);
      if (!count) {
        this.directive(node, level);
        continue;
      }
      const reader = readers[node.name] ?? failAt(node, `"${node.name}" directive is not allowed here`);
      checkShape(node, true, count);
      reader(node);
    }
  }

  private directive(node: Node, level: Level): void {
    const row = this.findRow(node, level.context);
    checkShape(node, row.block === true || row.branch === true, row.args);
    if (level.seen.has(row.name) && !row.repeatable) failAt(node, `"${row.name}" directive is duplicate`);
    level.seen.add(row.name);
    if (row.branch) this.branch(node, row, level);
    else level.own[row.key] = row.parse(node.args, this.context(node, level), level.own[row.key]);
  }

  private branch(node: Node, row: Row, level: Level): void {
    const inside = new Level(level.context === 'server' ? 'if in server' : 'if in location', node);
    const branch = { index: level.branches.length, own: inside.own as Partial<Settings> };
    level.branches.push(inside);
    const cx = new DirectiveContext(node, level.context, level.node, level.own, this.shared, branch);
    level.own[row.key] = row.parse(node.args, cx, level.own[row.key]);
    this.read(node.children!, inside, {});
  }

  private context(node: Node, level: Level): DirectiveContext {
    return new DirectiveContext(node, level.context, level.node, level.own, this.shared);
  }

  private findRow(node: Node, context: Context): Row {
    const rows = this.rows.named(node.name);
    if (rows.length === 0) failAt(node, `unknown directive "${node.name}"`);
    const row = rows.find(each => each.contexts.includes(context));
    return row ?? failAt(node, `"${node.name}" directive is not allowed here`);
  }

  private mergeHttp(http: HttpLevel | undefined, main: Settings): ServerConfig[] {
    if (!http) return [];
    const settings = this.rows.merge(http.level.own, main);
    return http.servers.map(({ node, level, locations }) => {
      const own = this.rows.merge(level.own, settings);
      return { settings: own, locations: this.mergeLocations(locations, own), file: node.file, line: node.line };
    });
  }

  private mergeLocations(locations: readonly LocationLevel[], parent: Settings): LocationConfig[] {
    return locations.map(location => {
      const settings = this.rows.merge(location.level.own, parent);
      const { kind, pattern } = location;
      const locations = this.mergeLocations(location.locations, settings);
      const branches = location.level.branches.map(each => {
        return { kind, pattern, settings: this.rows.merge(each.own, settings), locations: [] };
      });
      return { kind, pattern, settings, locations, branches, limitExcept: this.mergeExcept(location, settings) };
    });
  }

  private mergeExcept({ limitExcept }: LocationLevel, settings: Settings): LimitExcept | undefined {
    return limitExcept && { methods: limitExcept.methods, settings: this.rows.merge(limitExcept.level.own, settings) };
  }
}

/** Checks how a directive ends and how many arguments it has, in nginx's order. */
function checkShape(node: Node, block: boolean, [least, most]: readonly [number, number]): void {
  if (block && !node.children) failAt(node, `directive "${node.name}" has no opening "{"`);
  if (!block && node.children) failAt(node, `directive "${node.name}" is not terminated by ";"`);
  if (node.args.length < least || node.args.length > most) {
    failAt(node, `invalid number of arguments in "${node.name}" directive`);
  }
}
