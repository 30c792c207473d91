import { Lexer, type Statement } from './lexer.js';
import { COMMAND_LINE, ConfigError, type Node } from './syntax.js';

/** Where the text of configuration files comes from. */
export interface ConfigSource {
  /**
   * The file's text as a byte string. It throws an Error that has the errno's name in `code`, or whose message is the one
   * to print: `open() "…" failed (2: No such file or directory)`.
   */
  read(path: string): string;
  /** The full paths that match a pattern (glob(7)), in any order. */
  glob(pattern: string): string[];
}

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

export interface ParsedConfig {
  readonly nodes: readonly Node[];
  /** Every file that was read, once each, in the order of reading (for `-T`). */
  readonly files: readonly ConfigFile[];
}

/** More than anybody nests, and few enough that no text can exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Reads a configuration and all that it includes.
 *
 * @param path the full path of the main file; `include` is relative to its folder.
 * @param globalDirectives the text of `-g`; its directives come before those of the file.
 * Throws a ConfigError with nginx's message.
 */
export function parseConfig(path: string, source: ConfigSource, globalDirectives = ''): ParsedConfig {
  const parser = new Parser(path.slice(0, path.lastIndexOf('/') + 1), source);
  const globals = parser.parseText(globalDirectives, COMMAND_LINE, 0);
  const nodes = parser.parseFile(path, { file: '', line: 0 }, 0);
  return { nodes: [...globals, ...nodes], files: [...parser.files.values()] };
}

/** Reads the text of `-g`, which can include no file here. Throws a ConfigError: `… in command line`. */
export function parseGlobalDirectives(text: string): Node[] {
  return new Parser('', null).parseText(text, COMMAND_LINE, 0);
}

interface Place {
  readonly file: string;
  readonly line: number;
}

/** A text that is being read, and how deep in blocks and includes. */
interface Scope {
  readonly lexer: Lexer;
  readonly file: string;
  readonly depth: number;
}

/**
 * Reads the whole syntax before any directive is looked at. nginx does both at once: where a text has mistakes of both
 * kinds, it may report the other one first.
 */
class Parser {
  readonly files = new Map<string, ConfigFile>();

  constructor(
    private readonly folder: string,
    private readonly source: ConfigSource | null,
  ) {}

  parseFile(path: string, from: Place, depth: number): Node[] {
    return this.parseText(this.read(path, from), path, depth);
  }

  parseText(text: string, file: string, depth: number): Node[] {
    const scope = { lexer: new Lexer(text, file), file, depth };
    const nodes: Node[] = [];
    for (;;) {
      const statement = scope.lexer.next();
      if (statement.end === 'eof') return nodes;
      if (statement.end === '}') scope.lexer.fail('unexpected "}"');
      this.add(statement, scope, nodes);
    }
  }

  private parseBlock(scope: Scope): Node[] {
    const { lexer, depth } = scope;
    if (depth > MAX_DEPTH) lexer.fail(`blocks are nested more than ${MAX_DEPTH} deep`);
    const nodes: Node[] = [];
    for (;;) {
      const statement = lexer.next();
      if (statement.end === 'eof') lexer.fail('unexpected end of file, expecting "}"');
      if (statement.end === '}') return nodes;
      this.add(statement, scope, nodes);
    }
  }

  /** Adds what a statement stands for: a directive, one with a block, or the directives of included files. */
  private add(statement: Statement, scope: Scope, nodes: Node[]): void {
    const [name = '', ...args] = statement.words;
    const { lexer, file, depth } = scope;
    const node = { name, args, file, line: statement.line };
    if (name === 'include') {
      if (statement.end === '{') lexer.fail('directive "include" is not terminated by ";"');
      nodes.push(...this.include(node, scope));
    } else if (statement.end === '{') {
      if (file === COMMAND_LINE) lexer.fail('block directives are not supported in -g option');
      nodes.push({ ...node, children: this.parseBlock({ lexer, file, depth: depth + 1 }) });
    } else nodes.push(node);
  }

  private include(node: Node, { lexer, depth }: Scope): Node[] {
    if (node.args.length !== 1) lexer.fail('invalid number of arguments in "include" directive');
    if (depth >= MAX_DEPTH) lexer.fail(`includes are nested more than ${MAX_DEPTH} deep: does a file include itself?`);
    if (this.source === null) return lexer.fail('"include" is not possible here');
    const name = node.args[0]!;
    const pattern = name.startsWith('/') ? name : this.folder + name;
    const paths = /[*?[]/.test(pattern) ? this.source.glob(pattern).sort() : [pattern];
    return paths.flatMap(path => this.parseFile(path, node, depth + 1));
  }

  private read(path: string, from: Place): string {
    const known = this.files.get(path);
    if (known) return known.text;
    try {
      const text = this.source!.read(path);
      this.files.set(path, { path, text });
      return text;
    } catch (error) {
      throw new ConfigError(readFailure(path, error), from.file, from.line);
    }
  }
}

/** nginx's words for the errors that reading a file meets. */
function readFailure(path: string, error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  switch (code) {
    case 'ENOENT':
      return `open() "${path}" failed (2: No such file or directory)`;
    case 'EACCES':
      return `open() "${path}" failed (13: Permission denied)`;
    case 'EISDIR':
      return `pread() "${path}" failed (21: Is a directory)`;
    default:
      return message ?? String(error);
  }
}
