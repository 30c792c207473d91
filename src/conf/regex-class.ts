/** Why an expression is not taken, without the expression itself. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** As PCRE's message for a mistake. */
export function fail(reason: string): never {
  throw new Refusal(reason);
}

/** For what PCRE reads and JavaScript cannot. */
export function refuse(what: string): never {
  throw new Refusal(`${what} has no equal in JavaScript's regular expressions`);
}

/** PCRE's POSIX classes as ranges of bytes, in the C locale. */
const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: 'A-Za-z0-9_',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
  ascii: '\\x00-\\x7f',
};

/** Escapes that stand for several bytes, within and outside of a class. */
export const SETS: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'A-Za-z0-9_',
  s: '\\t-\\r ',
  h: ' \\t\\xa0',
  v: '\\n-\\r\\x85',
  D: complement('0-9'),
  W: complement('A-Za-z0-9_'),
  S: complement('\\t-\\r '),
  H: complement(' \\t\\xa0'),
  V: complement('\\n-\\r\\x85'),
};

const LETTERS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

/** All bytes that are not in a set. */
function complement(set: string): string {
  const inside = new RegExp(`[${set}]`);
  let text = '';
  for (let code = 0; code < 256; code++) if (!inside.test(String.fromCharCode(code))) text += hex(code);
  return text;
}

function hex(code: number): string {
  return `\\x${code.toString(16).padStart(2, '0')}`;
}

/** A byte as it stands in an expression, in both cases where case does not count. Beyond ASCII there is no case, as in the C locale. */
export function byteText(code: number, nocase: boolean): string {
  const other = otherCase(code);
  if (nocase && other !== code) return `[${hex(code)}${hex(other)}]`;
  const char = String.fromCharCode(code);
  return /[\w ]/.test(char) && code < 0x80 ? char : hex(code);
}

function otherCase(code: number): number {
  return /[A-Za-z]/.test(String.fromCharCode(code)) ? code ^ 0x20 : code;
}

/**
 * The escape at `at` that stands for one byte: a letter's, `\x41`, `\x{41}`, `\o{101}`, `\101`, `\cA`, or a sign's own.
 * @returns undefined for one that does not
 */
export function escapedByte(source: string, at: number): { code: number; length: number } | undefined {
  const letter = source[at + 1];
  if (letter === undefined) return fail('\\ at end of pattern');
  if (LETTERS[letter] !== undefined) return { code: LETTERS[letter], length: 2 };
  const rest = source.slice(at);
  const hexadecimal = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))/.exec(rest);
  if (hexadecimal) return byteOf(Number.parseInt(hexadecimal[1] ?? (hexadecimal[2] || '0'), 16), hexadecimal[0].length);
  const octal = /^\\(?:o\{([0-7]+)\}|([0-7]{1,3}))/.exec(rest);
  if (octal) return byteOf(Number.parseInt(octal[1] ?? octal[2]!, 8), octal[0].length);
  if (letter === 'c' && /^\\c[ -~]/.test(rest))
    return { code: (rest.charCodeAt(2) & (rest[2]! >= 'a' ? 0x5f : 0x7f)) ^ 0x40, length: 3 };
  return /[A-Za-z0-9]/.test(letter) ? undefined : { code: letter.charCodeAt(0), length: 2 };
}

function byteOf(code: number, length: number): { code: number; length: number } {
  return code > 255 ? fail('character code point value in \\x{} or \\o{} is too large') : { code, length };
}

/** What is read of a class at a time: a byte, or a set of them (`code` is -1). */
interface Item {
  readonly code: number;
  readonly text: string;
}

/** Reads a character class of PCRE's, and writes it for JavaScript. */
export class ClassReader {
  private at: number;
  private quoting = false;

  constructor(
    private readonly source: string,
    start: number,
    private readonly nocase: boolean,
  ) {
    this.at = start + 1;
  }

  /** @returns the class, and the index behind its "]" */
  read(): { text: string; end: number } {
    let text = '[';
    if (this.source[this.at] === '^') {
      text += '^';
      this.at++;
    }
    // a "]" at the start stands for itself
    for (let first = true; first || !this.isEnd(); first = false) {
      const item = this.item();
      if (item !== null) text += this.rangeOf(item);
    }
    return { text: `${text}]`, end: this.at + 1 };
  }

  private isEnd(): boolean {
    if (this.at >= this.source.length) fail('missing terminating ] for character class');
    return this.source[this.at] === ']' && !this.quoting;
  }

  /** The text of an item, or of the range that it begins. */
  private rangeOf({ code, text }: Item): string {
    const isRange = code >= 0 && !this.quoting && /^-[^\]]/.test(this.source.slice(this.at));
    if (!isRange) return code < 0 ? text : this.range(code, code);
    this.at++;
    const last = this.item();
    if (last === null || last.code < 0) return `${this.range(code, code)}\\-${last?.text ?? ''}`;
    return code > last.code ? fail('range out of order in character class') : this.range(code, last.code);
  }

  private range(from: number, to: number): string {
    let text = from === to ? hex(from) : `${hex(from)}-${hex(to)}`;
    if (!this.nocase) return text;
    for (let code = from; code <= to; code++) if (otherCase(code) !== code) text += hex(otherCase(code));
    return text;
  }

  /** Null for what stands for nothing: the marks of a quotation. */
  private item(): Item | null {
    const { source, at } = this;
    if (at >= source.length) fail('missing terminating ] for character class');
    const rest = source.slice(at, at + 2);
    if (rest === '\\E' || (rest === '\\Q' && !this.quoting)) {
      this.quoting = rest === '\\Q';
      this.at += 2;
      return null;
    }
    if (this.quoting) return this.byte(source.charCodeAt(at), 1);
    if (source[at] === '[') return this.posix();
    return source[at] === '\\' ? this.escape() : this.byte(source.charCodeAt(at), 1);
  }

  private byte(code: number, length: number): Item {
    this.at += length;
    return { code, text: '' };
  }

  private posix(): Item {
    const found = /^\[:(\^?)(\w+):\]/.exec(this.source.slice(this.at));
    if (!found) return this.byte(0x5b, 1);
    const [all, negation, name] = found as unknown as [string, string, string];
    const cased = this.nocase && (name === 'upper' || name === 'lower') ? 'alpha' : name;
    if (!Object.hasOwn(POSIX, name)) fail('unknown POSIX class name');
    this.at += all.length;
    const set = POSIX[cased]!;
    return { code: -1, text: negation === '' ? set : complement(set) };
  }

  private escape(): Item {
    const letter = this.source[this.at + 1]!;
    if (SETS[letter] !== undefined) {
      this.at += 2;
      return { code: -1, text: SETS[letter] };
    }
    if (letter === 'b') return this.byte(8, 2);
    const found = escapedByte(this.source, this.at);
    return found ? this.byte(found.code, found.length) : refuse(`"\\${letter}" in a character class`);
  }
}
