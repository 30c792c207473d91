import type { AnyDirective, Context, ParseContext } from './directive.js';
import type { Settings } from './settings.js';

/**
 * A directive as the table handles it: the types of its key and its value belong to its module, and are no concern here.
 */
export interface Row {
  readonly name: string;
  readonly key: string;
  readonly contexts: readonly Context[];
  readonly args: readonly [min: number, max: number];
  readonly block?: boolean;
  readonly branch?: boolean;
  readonly repeatable?: boolean;
  readonly initial: unknown;
  readonly preset?: readonly string[];
  parse(args: readonly string[], cx: ParseContext, before: unknown): unknown;
  merge?(own: unknown, parent: unknown): unknown;
}

/** Values by key: what is set on one level, before anything is inherited. */
export type OwnValues = Record<string, unknown>;

/** The rows of the table: by name, and as the properties of Settings that they fill. */
export class Rows {
  /** In the order of the table. */
  readonly all: readonly Row[];
  private readonly byName = new Map<string, Row[]>();
  /** One row a key, in the order of the properties. Where several fill one key, the first with a `merge` merges. */
  private readonly properties: readonly Row[];
  private readonly create: (values: readonly unknown[]) => Settings;

  constructor(directives: readonly AnyDirective[]) {
    const rows = directives as unknown as readonly Row[];
    this.all = rows;
    const byKey = new Map<string, Row>();
    for (const row of rows) {
      this.byName.set(row.name, [...this.named(row.name), row]);
      const first = byKey.get(row.key);
      if (!first) byKey.set(row.key, row);
      else if (!first.merge && row.merge) byKey.set(row.key, { ...first, merge: row.merge });
    }
    this.properties = [...byKey.values()];
    this.create = settingsMaker([...byKey.keys()]);
  }

  /** The rows of this name: usually one, and more where a directive means different things in different contexts. */
  named(name: string): readonly Row[] {
    return this.byName.get(name) ?? [];
  }

  /** The settings of main: its own values, else what holds where nothing is configured. */
  top(own: OwnValues): Settings {
    return this.create(this.properties.map(row => inherit(row, own[row.key], row.initial)));
  }

  /** The settings of a level: its own values, else its parent's. */
  merge(own: OwnValues, parent: Settings): Settings {
    const above = parent as unknown as OwnValues;
    return this.create(this.properties.map(row => inherit(row, own[row.key], above[row.key])));
  }
}

function inherit(row: Row, own: unknown, parent: unknown): unknown {
  if (row.merge) return row.merge(own, parent);
  return own === undefined ? parent : own;
}

/**
 * The one function that makes Settings objects. It is compiled from a constructor that names every property, because V8
 * gives all objects of one constructor the same hidden class, with their properties in the object; an object that is
 * filled key by key in a loop turns into a dictionary after a dozen or so. The keys come from the directive table, never
 * from a configuration.
 */
function settingsMaker(keys: readonly string[]): (values: readonly unknown[]) => Settings {
  const lines = keys.map((key, i) => `this[${JSON.stringify(key)}] = values[${i}];`);
  const Made = new Function('values', lines.join('\n')) as unknown as new (values: readonly unknown[]) => Settings;
  // Nothing tells them from plain objects but their hidden class.
  Made.prototype = Object.prototype;
  // An object with and one without numbers: V8 then expects anything in each property, and no value that comes later
  // (a fraction where whole numbers were) can give objects another hidden class.
  for (const anything of [null, 0]) new Made(keys.map(() => anything));
  return values => new Made(values);
}
