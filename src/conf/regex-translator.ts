import { byteText, ClassReader, escapedByte, fail, refuse, SETS } from './regex-class.js';

/** What takes the place of PCRE's options in an expression: they hold up to the end of the group that they stand in. */
interface Options {
  readonly nocase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly extended: boolean;
}

/** A group that is open. */
interface Group {
  /** Where it begins in what was written. */
  readonly start: number;
  readonly end: string;
  /** What holds behind it. */
  readonly options: Options;
}

export interface Translation {
  readonly text: string;
  readonly flags: string;
  /** By the number of a capture, which group it is; null where there are no others. */
  readonly visible: readonly number[] | null;
}

/** "$" also matches before a newline at the end. */
const END = '(?=\\n?$)';

/** Escapes that are no byte and no set. */
const ESCAPES: Readonly<Record<string, string>> = {
  A: '^',
  Z: END,
  z: '$',
  b: '\\b',
  B: '\\B',
  R: '(?:\\r\\n|[\\n-\\r\\x85])',
  N: '[^\\n]',
};

/**
 * Groups are numbered when all of them are known. Up to then a mark stands before each that captures (`v` with the number it has in
 * the pattern, `h` for one that is ours) and in the place of each reference to one (`V`, `H`).
 */
const MARK = '\ue000';
const MARKS = /\ue000([vhVH])(\d+);/g;

export function translateRegex(source: string, nocase: boolean): Translation {
  return new Translator(source, nocase).run();
}

class Translator {
  private at = 0;
  private out = '';
  /** Where the last thing in `out` begins that a quantifier may follow. */
  private atom = 0;
  private captures = 0;
  private hidden = 0;
  private highestReference = 0;
  private quoting = false;
  /** A reference stands where case does not count: JavaScript has to compare without it. */
  private comparesNocase = false;
  private alwaysNocase: boolean;
  private options: Options;
  private readonly open: Group[] = [];
  /** The number of each name. */
  private readonly names = new Map<string, number>();
  private readonly namedReferences: string[] = [];

  constructor(
    private readonly source: string,
    nocase: boolean,
  ) {
    this.options = { nocase, dotAll: false, multiline: false, extended: false };
    this.alwaysNocase = nocase;
  }

  run(): Translation {
    while (this.at < this.source.length) this.step();
    if (this.open.length > 0) fail('missing closing parenthesis');
    if (this.highestReference > this.captures || this.namedReferences.some(name => !this.names.has(name))) {
      fail('reference to non-existent subpattern');
    }
    if (this.comparesNocase && !this.alwaysNocase)
      refuse('a back reference where only a part of the pattern ignores case');
    return this.numbered();
  }

  /** Puts numbers in the place of the marks. */
  private numbered(): Translation {
    const groups = [...this.out.matchAll(MARKS)]
      .map(([, kind, number]) => kind + number!)
      .filter(key => /^[vh]/.test(key));
    const numberOf = (key: string) => groups.indexOf(key) + 1;
    const text = this.out.replace(MARKS, (_, kind: string, number: string) => {
      if (kind === 'v' || kind === 'h') return '';
      const name = kind === 'V' ? [...this.names].find(([, each]) => each === Number(number))?.[0] : undefined;
      return name === undefined ? `(?:\\${numberOf(kind.toLowerCase() + number)})` : `\\k<${name}>`;
    });
    const visible =
      this.hidden === 0 ? null : [0, ...Array.from({ length: this.captures }, (_, i) => numberOf(`v${i + 1}`))];
    return { text: text === '' ? '(?:)' : text, flags: this.comparesNocase ? 'i' : '', visible };
  }

  private step(): void {
    const { source, at } = this;
    const char = source[at]!;
    if (this.quoting) this.quoted(char);
    else if (this.options.extended && /[\t-\r #]/.test(char)) this.skipComment();
    else if (char === '\\') this.escape();
    else if (char === '[') this.characterClass();
    else if (char === '(') this.openGroup();
    else if (char === ')') this.closeGroup();
    else if (char === '|') this.write('|', 1);
    else if (char === '.') this.write(this.options.dotAll ? '[^]' : '[^\\n]', 1);
    else if (char === '^') this.write(this.options.multiline ? '(?:^|(?<=\\n)(?!$))' : '^', 1);
    else if (char === '$') this.write(this.options.multiline ? '(?=\\n|$)' : END, 1);
    else if ('*+?{'.includes(char)) this.quantifier();
    else this.write(byteText(char.charCodeAt(0), this.options.nocase), 1);
  }

  /** Writes what may be quantified, and goes on in the source. */
  private write(text: string, consumed: number): void {
    this.atom = this.out.length;
    this.out += text;
    this.at += consumed;
  }

  private quoted(char: string): void {
    if (this.source.startsWith('\\E', this.at)) {
      this.quoting = false;
      this.at += 2;
    } else this.write(byteText(char.charCodeAt(0), this.options.nocase), 1);
  }

  private skipComment(): void {
    const end = this.source[this.at] === '#' ? this.source.indexOf('\n', this.at) : this.at;
    this.at = end === -1 ? this.source.length : end + 1;
  }

  private quantifier(): void {
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.source.slice(this.at))?.[0];
    if (quantifier === undefined) {
      this.write('\\{', 1);
      return;
    }
    this.at += quantifier.length;
    const after = this.source[this.at];
    if (after === '+' || after === '?') this.at++;
    this.out += quantifier + (after === '?' ? '?' : '');
    if (after !== '+') return;
    const repeated = this.out.slice(this.atom);
    this.out = this.out.slice(0, this.atom) + this.atomic(repeated);
  }

  /** What is matched once and not tried again: a look ahead at it, and then what it has captured. */
  private atomic(text: string): string {
    const number = ++this.hidden;
    return `(?=${MARK}h${number};(${text}))${MARK}H${number};`;
  }

  private escape(): void {
    const { source, at } = this;
    const letter = source[at + 1] ?? '';
    if (letter === 'Q' || letter === 'E') {
      this.quoting = letter === 'Q';
      this.at += 2;
    } else if (SETS[letter] !== undefined) this.write(`[${SETS[letter]}]`, 2);
    else if (ESCAPES[letter] !== undefined) this.write(ESCAPES[letter], 2);
    else if (letter === 'k') this.namedReference(/^\\k(?:<(\w+)>|'(\w+)'|\{(\w+)\})/);
    else if (letter === 'g') this.reference();
    else if (letter >= '1' && letter <= '9') this.numberedEscape();
    else this.byte();
  }

  private byte(): void {
    const found = escapedByte(this.source, this.at);
    if (found === undefined) refuse(`"\\${this.source[this.at + 1]}"`);
    this.write(byteText(found.code, this.options.nocase), found.length);
  }

  /** A reference, or an octal code where there are too few groups. */
  private numberedEscape(): void {
    const digits = /^\\(\d+)/.exec(this.source.slice(this.at))![1]!;
    if (digits.length > 1 && Number(digits) > this.captures && /^[0-7]/.test(digits)) this.byte();
    else this.refer(Number(digits), digits.length + 1);
  }

  /** `\g1`, `\g{1}`, `\g{-1}`, `\g{name}`. */
  private reference(): void {
    const found = /^\\g(?:(-?\d+)|\{(-?\d+)\})/.exec(this.source.slice(this.at));
    if (!found) {
      if (/^\\g[<']/.test(this.source.slice(this.at))) refuse('"\\g" with a subpattern to call');
      this.namedReference(/^\\g(?:\{(\w+)\})/);
      return;
    }
    const number = Number(found[1] ?? found[2]);
    const absolute = number < 0 ? this.captures + 1 + number : number;
    if (absolute < 1) fail('reference to non-existent subpattern');
    this.refer(absolute, found[0].length);
  }

  private namedReference(form: RegExp): void {
    const found = form.exec(this.source.slice(this.at));
    if (!found) fail('syntax error in subpattern name (missing terminator?)');
    const name = found
      .slice(1)
      .find(each => each !== undefined)!
      .toLowerCase();
    this.namedReferences.push(name);
    this.comparesNocase ||= this.options.nocase;
    this.write(`\\k<${name}>`, found[0].length);
  }

  private refer(number: number, consumed: number): void {
    this.highestReference = Math.max(this.highestReference, number);
    this.comparesNocase ||= this.options.nocase;
    this.write(`${MARK}V${number};`, consumed);
  }

  private characterClass(): void {
    const { text, end } = new ClassReader(this.source, this.at, this.options.nocase).read();
    this.write(text, end - this.at);
  }

  private openGroup(): void {
    const rest = this.source.slice(this.at);
    const named = /^\(\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest);
    const plain = /^\(\?(?::|<?[=!])/.exec(rest);
    const options = /^\(\?([imsx]*(?:-[imsx]+)?)([:)])/.exec(rest);
    if (named) this.capture((named[1] ?? named[2])!.toLowerCase(), named[0].length);
    else if (rest.startsWith('(?P=')) this.namedReference(/^\(\?P=(\w+)\)/);
    else if (rest.startsWith('(?#')) this.comment();
    else if (rest.startsWith('(?>')) this.begin(`(?=${MARK}h${++this.hidden};(`, `))${MARK}H${this.hidden};`, 3);
    else if (plain) this.begin(plain[0], ')', plain[0].length);
    else if (options) this.setOptions(options[1]!, options[2]!, options[0].length);
    else if (/^\(\?P?[<']\d/.test(rest)) fail('subpattern name must start with a non-digit');
    else if (/^\(\?P?[<']/.test(rest)) fail('syntax error in subpattern name (missing terminator?)');
    else if (rest.startsWith('(?') || rest.startsWith('(*')) refuse(`"${rest.slice(0, 4)}" at this place`);
    else this.capture('', 1);
  }

  private begin(text: string, end: string, consumed: number): void {
    this.open.push({ start: this.out.length, end, options: this.options });
    this.write(text, consumed);
  }

  private capture(name: string, consumed: number): void {
    const number = ++this.captures;
    if (name !== '' && !this.names.has(name)) this.names.set(name, number);
    this.begin(`${MARK}v${number};(${name === '' ? '' : `?<${name}>`}`, ')', consumed);
  }

  private closeGroup(): void {
    const group = this.open.pop() ?? fail('unmatched closing parenthesis');
    this.write(group.end, 1);
    this.atom = group.start;
    this.options = group.options;
  }

  /** `(?i-s)` for what follows in this group, `(?i-s:` for a group. */
  private setOptions(letters: string, ending: string, consumed: number): void {
    if (ending === ':') this.begin('(?:', ')', consumed);
    else this.at += consumed;
    const [on = '', off = ''] = letters.split('-');
    const value = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter);
    const { nocase, dotAll, multiline, extended } = this.options;
    const atStart = this.out === '' && ending === ')';
    this.options = {
      nocase: value('i', nocase),
      dotAll: value('s', dotAll),
      multiline: value('m', multiline),
      extended: value('x', extended),
    };
    this.alwaysNocase = this.options.nocase && (atStart || this.alwaysNocase);
  }

  private comment(): void {
    const end = this.source.indexOf(')', this.at);
    if (end === -1) fail('missing ) after (?# comment');
    this.at = end + 1;
  }
}
