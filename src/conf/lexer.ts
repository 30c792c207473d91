import { COMMAND_LINE, ConfigError } from './syntax.js';

/** The words up to a ";", "{" or "}", or the end of the text. */
export interface Statement {
  readonly words: readonly string[];
  readonly end: ';' | '{' | '}' | 'eof';
  /** The line of the end. */
  readonly line: number;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const DOLLAR = 36;
const SINGLE_QUOTE = 39;
const CLOSING_PARENTHESIS = 41;
const SEMICOLON = 59;
const BACKSLASH = 92;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

/** nginx reads configurations through a buffer of this size, and a parameter must fit in it. */
const MAX_WORD = 4096;

/** Reads one file (or the text of `-g`) statement by statement, by nginx's lexical rules. */
export class Lexer {
  private at = 0;
  private currentLine: number;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {
    this.currentLine = file === COMMAND_LINE ? 0 : 1;
  }

  /** The line that has been reached; 0 on the command line. */
  get line(): number {
    return this.currentLine;
  }

  /** Throws a ConfigError at the line that has been reached. */
  fail(reason: string, line = this.currentLine): never {
    throw new ConfigError(reason, this.file, line);
  }

  next(): Statement {
    const words: string[] = [];
    for (;;) {
      this.skipBlank();
      if (this.at >= this.text.length) return this.endOfText(words);
      const code = this.text.charCodeAt(this.at);
      if (code === SEMICOLON || code === OPENING_BRACE) {
        const end = code === SEMICOLON ? ';' : '{';
        if (words.length === 0) this.fail(`unexpected "${end}"`);
        return this.statement(words, end);
      }
      if (code === CLOSING_BRACE) {
        if (words.length > 0) this.fail('unexpected "}"');
        return this.statement(words, '}');
      }
      words.push(code === DOUBLE_QUOTE || code === SINGLE_QUOTE ? this.quoted(code) : this.word());
    }
  }

  private statement(words: readonly string[], end: ';' | '{' | '}'): Statement {
    this.at++;
    return { words, end, line: this.currentLine };
  }

  private endOfText(words: readonly string[]): Statement {
    if (words.length > 0) this.failAtEnd();
    return { words, end: 'eof', line: this.currentLine };
  }

  private failAtEnd(): never {
    this.fail(
      this.file === COMMAND_LINE
        ? 'unexpected end of parameter, expecting ";"'
        : 'unexpected end of file, expecting ";" or "}"',
    );
  }

  private skipBlank(): void {
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (code === HASH) this.skipComment();
      else if (isBlank(code)) this.advance(code);
      else return;
    }
  }

  private skipComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end === -1 ? this.text.length : end;
  }

  private advance(code: number): void {
    this.at++;
    if (code === LF && this.currentLine > 0) this.currentLine++;
  }

  /** A word without quotes. A quote within it stands for itself, and so does the brace of `${name}`. */
  private word(): string {
    const start = this.at;
    const startLine = this.currentLine;
    let afterDollar = false;
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (isBlank(code) || code === SEMICOLON || (code === OPENING_BRACE && !afterDollar)) {
        return resolveEscapes(this.text.slice(start, this.at));
      }
      afterDollar = code === DOLLAR;
      this.step(code);
      if (this.at - start >= MAX_WORD) {
        this.fail(`too long parameter "${this.text.slice(start, start + 10)}..." started`, startLine);
      }
    }
    return this.failAtEnd();
  }

  private quoted(quote: number): string {
    const start = ++this.at;
    const startLine = this.currentLine;
    while (this.at < this.text.length) {
      const code = this.text.charCodeAt(this.at);
      if (code === quote) {
        const word = resolveEscapes(this.text.slice(start, this.at++));
        this.checkAfterQuote();
        return word;
      }
      this.step(code);
      if (this.at - start >= MAX_WORD) {
        const mark = String.fromCharCode(quote);
        this.fail(`too long parameter, probably missing terminating "${mark}" character`, startLine);
      }
    }
    return this.failAtEnd();
  }

  /** Goes on by one character, or by two where a backslash takes the next one with it. */
  private step(code: number): void {
    this.advance(code);
    if (code === BACKSLASH && this.at < this.text.length) this.advance(this.text.charCodeAt(this.at));
  }

  private checkAfterQuote(): void {
    if (this.at >= this.text.length) this.failAtEnd();
    const code = this.text.charCodeAt(this.at);
    // nginx lets a ")" follow, for the conditions of `if`.
    if (isBlank(code) || code === SEMICOLON || code === OPENING_BRACE || code === CLOSING_PARENTHESIS) return;
    this.fail(`unexpected "${this.text[this.at]}"`);
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CR || code === LF;
}

/** Resolves `\"  \'  \\  \t  \r  \n`; before any other character the backslash stays. */
function resolveEscapes(raw: string): string {
  if (!raw.includes('\\')) return raw;
  let out = '';
  for (let i = 0; i < raw.length; i++) {
    const replacement = raw[i] === '\\' ? escapeOf(raw[i + 1]) : undefined;
    if (replacement === undefined) out += raw[i];
    else {
      out += replacement;
      i++;
    }
  }
  return out;
}

function escapeOf(char: string | undefined): string | undefined {
  switch (char) {
    case '"':
    case "'":
    case '\\':
      return char;
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    default:
      return undefined;
  }
}
