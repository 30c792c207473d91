import { Refusal } from './regex-class.js';
import { RegexError } from './regex-error.js';
import { translateRegex } from './regex-translator.js';
import type { Variable } from './variables.js';

/** What a request keeps of the regular expressions that matched: the captures of the last, with the names of all. */
export interface Captures extends ReadonlyArray<string | undefined> {
  groups?: Record<string, string | undefined> | undefined;
}

/** An expression that needs groups of its own: its matches have the captures that the pattern has. */
class NumberedRegExp extends RegExp {
  /** @param visible by number, which group of the expression a capture is */
  constructor(
    source: string,
    flags: string,
    private readonly visible: readonly number[],
  ) {
    super(source, flags);
  }

  override exec(text: string): RegExpExecArray | null {
    const match = super.exec(text);
    if (match === null) return null;
    const { index, input, groups } = match;
    const numbered = this.visible.map(group => match[group]) as unknown as RegExpExecArray;
    return Object.assign(numbered, { index, input }, groups === undefined ? {} : { groups });
  }
}

/**
 * Compiles a regular expression of PCRE's syntax, for byte strings.
 *
 * Where JavaScript reads a construct in another way it is rewritten (`.`, `$`, `\s`, `\h`, `\A`, `(?P<n>…)`, `(?i)`, `a++`,
 * `(?>…)` …). Where it has no equal (recursion, conditions, Unicode's properties …) it is refused. Names of captures become
 * lower case, as nginx's variables are.
 *
 * Throws a RegexError with nginx's words: `pcre2_compile() failed: REASON in "SOURCE"`.
 */
export function compileRegex(source: string, nocase: boolean): RegExp {
  try {
    const { text, flags, visible } = translateRegex(source, nocase);
    return visible === null ? new RegExp(text, flags) : new NumberedRegExp(text, flags, visible);
  } catch (error) {
    if (error instanceof Refusal) throw failure(error.message, source);
    throw failure(javascriptReason(String((error as Error).message)), source);
  }
}

/** The names of the named captures, in lower case. */
export function captureNames(regex: RegExp): string[] {
  // With an empty alternative the expression matches anything, and the match lists its groups.
  return Object.keys(new RegExp(`${regex.source}|`).exec('')?.groups ?? {});
}

interface CaptureHolder {
  captures: Captures | null;
}

/** The variable that a named capture makes. Its subject holds the last match in `captures`. */
export function captureVariable(name: string): Variable {
  return {
    name,
    doc: `What the group "${name}" of a regular expression matched.`,
    get: subject => (subject as CaptureHolder).captures?.groups?.[name],
    // as if an expression had matched it: the next one that does takes its place
    set(subject, value) {
      const { captures } = subject as CaptureHolder;
      const changed: Captures = [...(captures ?? [])];
      changed.groups = { ...captures?.groups, [name]: value };
      (subject as CaptureHolder).captures = changed;
    },
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
