import { translateClass, translateHex } from './regex-class.js';
import { RegexError } from './regex-error.js';
import type { Variable } from './variables.js';

/** What a request keeps of the regular expressions that matched: the captures of the last, with the names of all. */
export interface Captures extends ReadonlyArray<string | undefined> {
  groups?: Record<string, string | undefined> | undefined;
}

/**
 * Compiles a regular expression of PCRE's syntax, for byte strings.
 *
 * Where JavaScript reads a construct in another way it is rewritten (`.`, `$`, `\s`, `\h`, `\A`, `(?P<n>…)`, `(?i)` at the
 * start …). Where it has no equal (possessive quantifiers, atomic groups, recursion …) it is refused. Names of captures
 * become lower case, as nginx's variables are.
 *
 * Throws a RegexError with nginx's words: `pcre2_compile() failed: REASON in "SOURCE"`.
 */
export function compileRegex(source: string, nocase: boolean): RegExp {
  const translation = new Translator(source, nocase).run();
  try {
    return new RegExp(translation.source, translation.flags);
  } catch (error) {
    throw failure(javascriptReason(String((error as Error).message)), source);
  }
}

/** The names of the named captures, in lower case. */
export function captureNames(regex: RegExp): string[] {
  // With an empty alternative the expression matches anything, and the match lists its groups.
  return Object.keys(new RegExp(`${regex.source}|`).exec('')?.groups ?? {});
}

/** The variable that a named capture makes. Its subject holds the last match in `captures`. */
export function captureVariable(name: string): Variable {
  return {
    name,
    doc: `What the group "${name}" of a regular expression matched.`,
    get: subject => (subject as { captures: Captures | null }).captures?.groups?.[name],
  };
}

/**
 * The captures after a match: the new ones, with the named ones of an earlier match kept, as nginx keeps them (a name that
 * `server_name` captured can be used in a location that is a regular expression too).
 */
export function followCaptures(before: Captures | null, match: RegExpExecArray): Captures {
  if (before?.groups) match.groups = { ...before.groups, ...match.groups } as Record<string, string>;
  return match;
}

/** What is left of the captures when another expression does not match: the names alone. */
export function forgetNumbered(before: Captures | null): Captures | null {
  if (!before?.groups) return null;
  const kept: (string | undefined)[] & Captures = [];
  kept.groups = before.groups;
  return kept;
}

function failure(reason: string, source: string): RegexError {
  return new RegexError(`pcre2_compile() failed: ${reason} in "${source}"`);
}

/** PCRE's words for the mistakes that JavaScript's compiler finds. */
const REASONS: readonly (readonly [javascript: string, pcre: string])[] = [
  ['Unterminated group', 'missing closing parenthesis'],
  ['Unmatched', 'unmatched closing parenthesis'],
  ['Unterminated character class', 'missing terminating ] for character class'],
  ['numbers out of order', 'numbers out of order in {} quantifier'],
  ['Nothing to repeat', 'quantifier does not follow a repeatable item'],
  ['Duplicate capture group name', 'two named subpatterns have the same name (PCRE2_DUPNAMES not set)'],
  ['Range out of order', 'range out of order in character class'],
  ['Invalid capture group name', 'syntax error in subpattern name (missing terminator?)'],
];

function javascriptReason(message: string): string {
  const known = REASONS.find(([javascript]) => message.includes(javascript));
  return known ? known[1] : message.slice(message.lastIndexOf(': ') + 2);
}

/** PCRE's "$" also matches before a newline at the end. */
const END = '(?=\\n?$)';

/** Escapes outside of classes that JavaScript lacks or reads in another way. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '^',
  Z: END,
  z: '$',
  h: '[ \\t\\xa0]',
  H: '[^ \\t\\xa0]',
  v: '[\\n-\\r\\x85]',
  V: '[^\\n-\\r\\x85]',
  R: '(?:\\r\\n|[\\n-\\r\\x85])',
  N: '[^\\n]',
  s: '[\\t-\\r ]',
  S: '[^\\t-\\r ]',
  e: '\\x1b',
  a: '\\x07',
  E: '',
};

/** Letters whose escapes both languages read alike. */
const SAME_ESCAPES = 'dDwWbBnrtf';

class Translator {
  private at = 0;
  private out = '';
  private groups = 0;
  private highestReference = 0;
  private readonly names = new Set<string>();
  private readonly references: string[] = [];
  private nocase: boolean;
  private dotAll = false;

  constructor(
    private readonly source: string,
    nocase: boolean,
  ) {
    this.nocase = nocase;
  }

  run(): { source: string; flags: string } {
    this.leadingOptions();
    while (this.at < this.source.length) this.out += this.step();
    if (this.highestReference > this.groups || this.references.some(name => !this.names.has(name))) {
      this.fail('reference to non-existent subpattern');
    }
    return { source: this.out === '' ? '(?:)' : this.out, flags: this.nocase ? 'i' : '' };
  }

  private fail(reason: string): never {
    throw failure(reason, this.source);
  }

  private refuse(what: string): never {
    throw failure(`${what} has no equal in JavaScript's regular expressions`, this.source);
  }

  private leadingOptions(): void {
    const options = /^\(\?([is]+)\)/.exec(this.source);
    if (!options) return;
    if (options[1]!.includes('i')) this.nocase = true;
    if (options[1]!.includes('s')) this.dotAll = true;
    this.at = options[0].length;
  }

  private step(): string {
    const char = this.source[this.at]!;
    switch (char) {
      case '\\':
        return this.escapeSequence();
      case '[':
        return this.characterClass();
      case '(':
        return this.group();
      case '.':
        return this.take(this.dotAll ? '[^]' : '[^\\n]', 1);
      case '$':
        return this.take(END, 1);
      case '*':
      case '+':
      case '?':
      case '{':
        return this.quantifier();
      default:
        return this.take(char, 1);
    }
  }

  /** Goes on by what was read of the source, and hands back what stands for it. */
  private take(text: string, consumed: number): string {
    this.at += consumed;
    return text;
  }

  private quantifier(): string {
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.source.slice(this.at))?.[0];
    if (quantifier === undefined) return this.take('\\{', 1);
    const after = this.source[this.at + quantifier.length];
    if (after === '+') this.refuse(`the possessive quantifier "${quantifier}+"`);
    if (after === '?') return this.take(`${quantifier}?`, quantifier.length + 1);
    return this.take(quantifier, quantifier.length);
  }

  private escapeSequence(): string {
    const char = this.source[this.at + 1];
    if (char === undefined) this.fail('\\ at end of pattern');
    if (ESCAPES[char] !== undefined) return this.take(ESCAPES[char], 2);
    if (SAME_ESCAPES.includes(char) || !/[A-Za-z0-9]/.test(char)) return this.take(`\\${char}`, 2);
    if (char >= '0' && char <= '9') return this.numberedEscape();
    if (char === 'x') return this.hexEscape();
    if (char === 'k') return this.namedReference(/^\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})/);
    if (char === 'Q') return this.literal();
    this.refuse(`"\\${char}"`);
  }

  private numberedEscape(): string {
    const digits = /^\\(\d+)/.exec(this.source.slice(this.at))![1]!;
    // More digits than one are an octal code to both languages where there are too few groups.
    if (digits.length === 1) this.highestReference = Math.max(this.highestReference, Number(digits));
    return this.take(`\\${digits}`, digits.length + 1);
  }

  private hexEscape(): string {
    const { text, length } = translateHex(this.source, this.at, reason => this.fail(reason));
    return this.take(text, length);
  }

  private namedReference(form: RegExp): string {
    const reference = form.exec(this.source.slice(this.at));
    if (!reference) this.fail('syntax error in subpattern name (missing terminator?)');
    const name = (reference[1] ?? reference[2] ?? reference[3])!.toLowerCase();
    this.references.push(name);
    return this.take(`\\k<${name}>`, reference[0].length);
  }

  private literal(): string {
    const end = this.source.indexOf('\\E', this.at + 2);
    const text = this.source.slice(this.at + 2, end === -1 ? undefined : end);
    return this.take(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), text.length + (end === -1 ? 2 : 4));
  }

  private characterClass(): string {
    const { text, end } = translateClass(this.source, this.at, reason => this.fail(reason));
    return this.take(text, end - this.at);
  }

  private group(): string {
    const rest = this.source.slice(this.at);
    const named = /^\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    if (named) return this.namedGroup((named[1] ?? named[2])!.toLowerCase(), named[0].length);
    if (rest.startsWith('(?P=')) return this.namedReference(/^\(\?P=(\w+)\)/);
    if (rest.startsWith('(?#')) return this.comment();
    const plain = /^\(\?(?::|<?[=!])/.exec(rest);
    if (plain) return this.take(plain[0], plain[0].length);
    if (rest.startsWith('(?>')) this.refuse('the atomic group "(?>"');
    if (/^\(\?P?[<']\d/.test(rest)) this.fail('subpattern name must start with a non-digit');
    if (/^\(\?P?[<']/.test(rest)) this.fail('syntax error in subpattern name (missing terminator?)');
    if (rest.startsWith('(?') || rest.startsWith('(*')) this.refuse(`"${rest.slice(0, 4)}" at this place`);
    this.groups++;
    return this.take('(', 1);
  }

  private namedGroup(name: string, length: number): string {
    this.groups++;
    this.names.add(name);
    return this.take(`(?<${name}>`, length);
  }

  private comment(): string {
    const end = this.source.indexOf(')', this.at);
    if (end === -1) this.fail('missing ) after (?# comment');
    return this.take('', end + 1 - this.at);
  }
}
