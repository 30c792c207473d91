/** `map`: a variable whose value depends on a text, by a table. */
import type { ParseContext } from '../conf/directive.js';
import { NameTable } from '../conf/name-table.js';
import { followCaptures } from '../conf/regex.js';
import type { Complex } from '../conf/variables.js';
import { asciiLower } from '../http/ascii.js';
import { hashSizes } from './accepted.js';
import { type BlockLine, defineComputed, definition, linesOf, variableName } from './computed.js';
import type { Module, Request } from './module.js';

/** The block of one `map`. */
class Table {
  hostnames = false;
  isVolatile = false;
  private fallback: Complex | null = null;
  private readonly strings = new NameTable<Complex>();
  private readonly regexes: { readonly regex: RegExp; readonly value: Complex }[] = [];

  add({ words, cx }: BlockLine): void {
    const [key, text] = words as [string, string];
    if (words.length === 1 && key === 'hostnames') this.hostnames = true;
    else if (words.length === 1 && key === 'volatile') this.isVolatile = true;
    else if (words.length !== 2) cx.fail('invalid number of the map parameters');
    else if (key === 'default') this.addDefault(cx.complex(text), cx);
    else if (key.startsWith('~')) this.addRegex(key.slice(1), cx.complex(text), cx);
    else this.addString(key, cx.complex(text), cx);
  }

  /** What the value is evaluated from comes of the first regular expression that matches, where no string is equal. */
  find(text: string, request: Request): string {
    const subject = this.hostnames && text.endsWith('.') ? text.slice(0, -1) : text;
    const value = this.strings.find(asciiLower(subject)) ?? this.findRegex(subject, request) ?? this.fallback;
    return value === null ? '' : value.evaluate(request);
  }

  private addDefault(value: Complex, cx: ParseContext): void {
    if (this.fallback !== null) cx.fail('duplicate default map parameter');
    this.fallback = value;
  }

  private addRegex(source: string, value: Complex, cx: ParseContext): void {
    const nocase = source.startsWith('*');
    this.regexes.push({ regex: cx.regex(nocase ? source.slice(1) : source, nocase), value });
  }

  /** A backslash in front lets a string be one that means something else here: `\default`, `\~x`. */
  private addString(key: string, value: Complex, cx: ParseContext): void {
    const text = key.startsWith('\\') ? key.slice(1) : key;
    const name = asciiLower(text);
    if (!this.hostnames) {
      if (!this.strings.addExact(name, value)) cx.fail(`conflicting parameter "${name}"`);
      return;
    }
    const added = this.strings.add(name, value);
    if (added === 'invalid') cx.fail(`invalid hostname or wildcard "${text}"`);
    if (added === 'conflicting') cx.fail(`conflicting parameter "${name}"`);
  }

  private findRegex(subject: string, request: Request): Complex | undefined {
    if (subject === '') return undefined;
    for (const { regex, value } of this.regexes) {
      const match = regex.exec(subject);
      if (match === null) continue;
      request.captures = followCaptures(request.captures, match);
      return value;
    }
    return undefined;
  }
}

function defineMap(args: readonly string[], cx: ParseContext): void {
  const source = cx.complex(args[0]!);
  const name = variableName(args[1]!, cx);
  const table = new Table();
  for (const line of linesOf(cx)) table.add(line);
  defineComputed(name, cx, request => table.find(source.evaluate(request), request), table.isVolatile);
}

export const map: Module = {
  name: 'map',
  directives: [
    definition(
      'map',
      [2, 2],
      'A variable by the value of a text: strings in any case, hostnames with wildcards, ~regex, default, volatile.',
      defineMap,
    ),
    ...hashSizes('map', ['http']),
  ],
};
