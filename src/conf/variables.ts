/**
 * Variables and the compilation of text that holds them. The configuration does not know what a request is: a variable
 * reads a Subject, and the server's request is one.
 */
export type Subject = object;

export interface Variable {
  /** Without "$". A name that ends in "_" with `prefix` set stands for a family: `http_`, `arg_`, `cookie_`. */
  readonly name: string;
  readonly prefix?: boolean;
  /** One line for the reference page. */
  readonly doc: string;
  /** The value, or undefined where there is none (logged as "-", else empty). `suffix` is what follows a prefix name. */
  get(subject: Subject, suffix: string): string | undefined;
  /** Where a configuration may give it a value. */
  set?(subject: Subject, value: string): void;
}

/** A variable that a request can be given a value of. */
export interface Settable {
  set(subject: Subject, value: string): void;
}

/** What a subject keeps of the variables that it was given values of. */
interface Holder {
  readonly values: Map<object, string | undefined>;
}

/** A variable that the configuration names. What it means may be said more than once, and it may be given a value by a request. */
class DeclaredVariable implements Variable, Settable {
  readonly name: string;
  readonly doc: string;
  isSettable = false;
  /** It was named by `set` alone so far: what another directive says it means takes the place of that. */
  isWeak = false;

  constructor(public source: Variable) {
    this.name = source.name;
    this.doc = source.doc;
  }

  get(subject: Subject, suffix: string): string | undefined {
    const given = this.isSettable ? (subject as Holder).values.get(this) : undefined;
    return given ?? this.source.get(subject, suffix);
  }

  set(subject: Subject, value: string): void {
    if (this.source.set !== undefined) this.source.set(subject, value);
    else (subject as Holder).values.set(this, value);
  }
}

/** Text that was compiled once, to be evaluated for each request. */
export interface Complex {
  readonly text: string;
  /** The value, when no variable is in it. */
  readonly constant: string | undefined;
  evaluate(subject: Subject): string;
  /** As `evaluate`, but undefined when the text is one variable alone and that has no value. */
  value(subject: Subject): string | undefined;
}

/** A variable in a text. It is filled in later when its name was not known yet. */
interface Slot {
  variable: Variable;
  suffix: string;
}

class Constant implements Complex {
  constructor(
    readonly text: string,
    readonly constant: string,
  ) {}

  evaluate(): string {
    return this.constant;
  }

  value(): string {
    return this.constant;
  }
}

class Single implements Complex {
  readonly constant = undefined;

  constructor(
    readonly text: string,
    private readonly slot: Slot,
  ) {}

  evaluate(subject: Subject): string {
    return this.slot.variable.get(subject, this.slot.suffix) ?? '';
  }

  value(subject: Subject): string | undefined {
    return this.slot.variable.get(subject, this.slot.suffix);
  }
}

/** `literals` is one longer than `slots`: they take turns, beginning and ending with a literal. */
class Mixed implements Complex {
  readonly constant = undefined;

  constructor(
    readonly text: string,
    private readonly literals: readonly string[],
    private readonly slots: readonly Slot[],
  ) {}

  evaluate(subject: Subject): string {
    let out = this.literals[0]!;
    for (let i = 0; i < this.slots.length; i++) {
      const slot = this.slots[i]!;
      const value = slot.variable.get(subject, slot.suffix);
      if (value !== undefined) out += value;
      out += this.literals[i + 1]!;
    }
    return out;
  }

  value(subject: Subject): string {
    return this.evaluate(subject);
  }
}

/** Why a text could not be compiled: `message` is nginx's reason, without the place in the file. */
export class VariableError extends Error {
  override readonly name = 'VariableError';
}

/** Stands in a slot until `settle` has found the variable. */
const UNSETTLED: Variable = { name: '', doc: '', get: () => undefined };

const CLOSING_BRACE = 125;

/** The variables that a configuration may use, and the compiler of text that holds them. */
export class VariableRegistry {
  private readonly byName = new Map<string, Variable>();
  private readonly families: Variable[];
  /** Those that the configuration names. */
  private readonly declared = new Map<string, DeclaredVariable>();
  private readonly unsettled: { slot: Slot; name: string; fail: (reason: string) => void }[] = [];

  constructor(variables: readonly Variable[]) {
    for (const variable of variables) {
      if (!variable.prefix) this.byName.set(variable.name, variable);
    }
    this.families = variables.filter(variable => variable.prefix);
    this.families.sort((a, b) => b.name.length - a.name.length);
  }

  /** The variable of this name (without "$", in any case), and what follows the name of its family. */
  find(name: string): { variable: Variable; suffix: string } | undefined {
    const lower = name.toLowerCase();
    const variable = this.byName.get(lower);
    if (variable) return { variable, suffix: '' };
    const family = this.families.find(each => lower.length > each.name.length && lower.startsWith(each.name));
    return family && { variable: family, suffix: lower.slice(family.name.length) };
  }

  /**
   * Adds a variable that the configuration itself names, as a named capture does. The same name may be declared again.
   * Throws a VariableError when a module's variable has the name.
   */
  declare(name: string, variable: Variable): void {
    const lower = name.toLowerCase();
    const before = this.declared.get(lower);
    if (before !== undefined) {
      if (before.isWeak) before.source = variable;
      before.isWeak = false;
      return;
    }
    if (this.byName.has(lower)) throw new VariableError(`the duplicate "${lower}" variable`);
    const own = new DeclaredVariable(variable);
    this.declared.set(lower, own);
    this.byName.set(lower, own);
  }

  /** As `declare`, but where the name is declared already, this is what it means from now on, wherever it is used. */
  define(variable: Variable): void {
    this.declare(variable.name, variable);
    this.declared.get(variable.name.toLowerCase())!.source = variable;
  }

  /** As `declare`, for a variable that requests are given values of; one of a module's that can be set is that one. */
  settable(variable: Variable): Settable {
    const lower = variable.name.toLowerCase();
    const own = this.byName.get(lower);
    const before = this.declared.get(lower);
    if (before === undefined && own?.set !== undefined) return own as Settable;
    if (before === undefined) this.declare(variable.name, variable);
    const declared = this.declared.get(lower)!;
    declared.isSettable = true;
    declared.isWeak ||= before === undefined;
    return declared;
  }

  /**
   * Compiles text with `$name`, `${name}` and `$1` … `$9`.
   *
   * @param later where the text may use a variable that is declared further down: it is told of a name that is still
   *   unknown at `settle`. Without it an unknown name throws at once.
   * Throws a VariableError: `unknown "x" variable`, `invalid variable name`, `the closing bracket in "x" variable is missing`.
   */
  compile(text: string, later?: (reason: string) => void): Complex {
    const literals: string[] = [];
    const slots: Slot[] = [];
    let from = 0;
    for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', from)) {
      literals.push(text.slice(from, at));
      const reference = referenceAt(text, at + 1);
      slots.push(this.slot(reference.name, later));
      from = reference.end;
    }
    literals.push(text.slice(from));
    if (slots.length === 0) return new Constant(text, text);
    if (slots.length === 1 && literals[0] === '' && literals[1] === '') return new Single(text, slots[0]!);
    return new Mixed(text, literals, slots);
  }

  /** Fills in the variables that were declared after their use. To be called once the whole configuration is read. */
  settle(): void {
    for (const { slot, name, fail } of this.unsettled.splice(0)) {
      const found = this.find(name);
      if (found) {
        slot.variable = found.variable;
        slot.suffix = found.suffix;
      } else fail(unknown(name));
    }
  }

  private slot(name: string, later: ((reason: string) => void) | undefined): Slot {
    const found = this.find(name);
    if (found) return found;
    if (!later) throw new VariableError(unknown(name));
    const slot = { variable: UNSETTLED, suffix: '' };
    this.unsettled.push({ slot, name, fail: later });
    return slot;
  }
}

function unknown(name: string): string {
  return `unknown "${name.toLowerCase()}" variable`;
}

/** The variable's name that begins after the "$", and where the text goes on. */
function referenceAt(text: string, at: number): { name: string; end: number } {
  if (text[at] === '{') {
    const end = skipName(text, at + 1);
    const name = text.slice(at + 1, end);
    if (end === at + 1 && (end === text.length || text[end] === '}')) throw new VariableError('invalid variable name');
    if (text.charCodeAt(end) !== CLOSING_BRACE) {
      throw new VariableError(`the closing bracket in "${name}" variable is missing`);
    }
    return { name, end: end + 1 };
  }
  const first = text[at] ?? '';
  if (first >= '1' && first <= '9') return { name: first, end: at + 1 };
  const end = skipName(text, at);
  if (end === at) throw new VariableError('invalid variable name');
  return { name: text.slice(at, end), end };
}

function skipName(text: string, from: number): number {
  let at = from;
  while (at < text.length && isNameCode(text.charCodeAt(at))) at++;
  return at;
}

function isNameCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}
