/** An option in yargs' terms, as far as it is read here. */
interface PlainOption {
  readonly type: 'string' | 'boolean' | 'array';
  readonly alias?: string;
  readonly default?: unknown;
}

export interface PlainLine {
  /** What is no option. */
  readonly words: string[];
  /** By the names of the table, with its defaults; an array is empty where it has none. */
  readonly options: Record<string, unknown>;
}

/**
 * Reads the arguments of a command without loading yargs, which takes longer than Node's own start: options of the table as
 * `--name value` or `--name=value`, each once (an array several times), and words.
 * @returns null for everything else (help, mistakes), which is for yargs to read and to explain
 */
export function readPlainLine(args: readonly string[], table: Readonly<Record<string, PlainOption>>): PlainLine | null {
  const words: string[] = [];
  const given: Record<string, unknown> = {};
  const arrays = Object.fromEntries(namesOf(table, 'array').map(name => [name, [] as string[]]));
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === '') return null;
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const name = nameOf(word, equals, table);
    if (name === undefined || Object.hasOwn(given, name)) return null;
    if (table[name].type === 'boolean') {
      if (equals >= 0) return null;
      given[name] = true;
      continue;
    }
    const value = equals < 0 ? args[++at] : word.slice(equals + 1);
    if (value === undefined || value === '' || (value.startsWith('-') && value !== '-')) return null;
    if (table[name].type === 'array') arrays[name].push(value);
    else given[name] = value;
  }
  return { words, options: { ...defaultsOf(table), ...arrays, ...given } };
}

function nameOf(word: string, equals: number, table: Readonly<Record<string, PlainOption>>): string | undefined {
  if (!word.startsWith('--')) return Object.keys(table).find(name => table[name].alias === word.slice(1));
  const name = word.slice(2, equals < 0 ? undefined : equals);
  return Object.hasOwn(table, name) ? name : undefined;
}

function namesOf(table: Readonly<Record<string, PlainOption>>, type: PlainOption['type']): string[] {
  return Object.keys(table).filter(name => table[name].type === type);
}

function defaultsOf(table: Readonly<Record<string, PlainOption>>): Record<string, unknown> {
  const withDefault = Object.entries(table).filter(([, option]) => option.default !== undefined);
  return Object.fromEntries(withDefault.map(([name, option]) => [name, option.default]));
}
