/** `log_format`: the text of a log line, compiled to what builds it. */
import type { ParseContext } from '../conf/directive.js';
import type { Complex } from '../conf/variables.js';
import type { Request } from './module.js';

/** nginx's built-in format. */
export const COMBINED: readonly string[] = [
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"',
];

type Quoting = 'default' | 'json' | 'none';

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SHORT_JSON: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' };

function hex(code: number): string {
  return (code < 0x10 ? '0' : '') + code.toString(16).toUpperCase();
}

/** nginx's default: quotes, backslashes and all that is not printable ASCII as \xXX. */
function escapeDefault(text: string): string {
  let out = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= FIRST_PRINTABLE && code <= LAST_PRINTABLE && code !== QUOTE && code !== BACKSLASH) continue;
    out += `${text.slice(done, i)}\\x${hex(code)}`;
    done = i + 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

/** For the inside of a JSON string (RFC 8259 section 7); bytes above ASCII stay as they are. */
export function escapeJson(text: string): string {
  let out = '';
  let done = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= FIRST_PRINTABLE && code !== QUOTE && code !== BACKSLASH) continue;
    const escaped = code >= FIRST_PRINTABLE ? `\\${text[i]}` : (SHORT_JSON[code] ?? `\\u00${hex(code)}`);
    out += text.slice(done, i) + escaped;
    done = i + 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

function escapeNone(text: string): string {
  return text;
}

const ESCAPES = { default: escapeDefault, json: escapeJson, none: escapeNone };

/** One variable of a line. It remembers its last value: most repeat from one request to the next. */
class Piece {
  private last = '';
  private escaped = '';

  constructor(
    private readonly value: Complex,
    private readonly quote: (text: string) => string,
    private readonly absent: string,
  ) {}

  text(request: Request): string {
    const value = this.value.value(request);
    if (value === undefined) return this.absent;
    if (value === this.last) return this.escaped;
    this.escaped = this.quote(value);
    this.last = value;
    return this.escaped;
  }
}

/** A compiled format. */
export class LogFormat {
  /** What the pieces of the last line came to, and that line: a busy client's requests differ in nothing within a second. */
  private readonly texts: string[];
  private last = '';

  /** `literals` is one longer than `pieces`: they take turns, beginning and ending with a literal. */
  constructor(
    private readonly literals: readonly string[],
    private readonly pieces: readonly Piece[],
  ) {
    this.texts = pieces.map(() => '');
  }

  /** The line for a request, with its newline. */
  line(request: Request): string {
    const { pieces, texts } = this;
    let isNew = this.last === '';
    for (let i = 0; i < pieces.length; i++) {
      const text = pieces[i]!.text(request);
      if (text === texts[i]) continue;
      texts[i] = text;
      isNew = true;
    }
    if (isNew) this.last = this.joined();
    return this.last;
  }

  private joined(): string {
    const { literals, texts } = this;
    let out = literals[0]!;
    for (let i = 0; i < texts.length; i++) out = out + texts[i]! + literals[i + 1]!;
    return out;
  }
}

/** A variable in the text, or a "$" that begins none. */
const REFERENCE = /\$(?:\{[^}]*\}?|[1-9]|\w+)?/g;

/**
 * Compiles the arguments of `log_format` after its name.
 * @param args `escape=` first if there is one, then texts that are joined; a variable's name ends with its text
 * Throws nginx's messages at the directive's place.
 */
export function compileFormat(args: readonly string[], cx: ParseContext): LogFormat {
  const { quoting, texts } = splitEscape(args, cx);
  const literals: string[] = [];
  const pieces: Piece[] = [];
  let literal = '';
  for (const text of texts) {
    let from = 0;
    for (const { 0: reference, index } of text.matchAll(REFERENCE)) {
      if (reference === '$') cx.fail('invalid parameter "$"');
      literals.push(literal + text.slice(from, index));
      pieces.push(new Piece(cx.complex(reference), ESCAPES[quoting], quoting === 'default' ? '-' : ''));
      literal = '';
      from = index + reference.length;
    }
    literal += text.slice(from);
  }
  literals.push(`${literal}\n`);
  return new LogFormat(literals, pieces);
}

function splitEscape(args: readonly string[], cx: ParseContext): { quoting: Quoting; texts: readonly string[] } {
  if (!args[0]?.startsWith('escape=')) return { quoting: 'default', texts: args };
  const word = args[0].slice('escape='.length);
  if (word !== 'default' && word !== 'json' && word !== 'none') {
    return cx.fail(`unknown log format escaping "${word}"`);
  }
  return { quoting: word, texts: args.slice(1) };
}
