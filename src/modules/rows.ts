/**
 * Makers of directive rows that most directives are: a flag, a size, a time, a number, one word of several. The
 * messages for a bad value are nginx's.
 */
import type { AnyDirective, Context, Directive, ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { parseEnum, parseFlag, parseInteger, parseSize, parseTime } from '../conf/values.js';
import type { Complex } from '../conf/variables.js';

/** The contexts of most directives: inherited from http to server to location. */
export const EVERYWHERE: readonly Context[] = ['http', 'server', 'location'];
/** Of those that may stand in an `if` too. */
export const EVERYWHERE_AND_IF: readonly Context[] = [...EVERYWHERE, 'if in location'];
/** Of the directives that count before a location is known. */
export const SERVER_LEVEL: readonly Context[] = ['http', 'server'];

/** The keys of Settings whose values are of exactly this type. */
type KeysOf<T> = {
  [K in keyof Settings]: [Settings[K], T] extends [T, Settings[K]] ? K : never;
}[keyof Settings];

/** Checks a row against its key's type; the table takes rows whatever their keys. */
export function row<K extends keyof Settings>(directive: Directive<K>): AnyDirective {
  return directive as unknown as AnyDirective;
}

/** A row that takes one argument and has one value. `read` returns undefined for text that is not allowed. */
function single<K extends keyof Settings>(
  name: string,
  key: K,
  contexts: readonly Context[],
  initial: Settings[K],
  preset: string,
  doc: string,
  read: (text: string) => Settings[K] | undefined,
  complaint: (name: string, text: string) => string,
): AnyDirective {
  return row<K>({
    name,
    key,
    contexts,
    args: [1, 1],
    initial,
    default: preset,
    doc,
    parse(args, cx) {
      const value = read(args[0]!);
      return value === undefined ? cx.fail(complaint(name, args[0]!)) : value;
    },
  });
}

function notFlag(name: string, text: string): string {
  return `invalid value "${text}" in "${name}" directive, it must be "on" or "off"`;
}

/** nginx's words for a value that cannot be read as a size or a time. */
export function invalidValue(name: string): string {
  return `"${name}" directive invalid value`;
}

function invalidNumber(name: string): string {
  return `"${name}" directive invalid number`;
}

function notInList(_name: string, text: string): string {
  return `invalid value "${text}"`;
}

/** `on` or `off`. */
export function flag(
  name: string,
  key: KeysOf<boolean>,
  contexts: readonly Context[],
  preset: 'on' | 'off',
  doc: string,
): AnyDirective {
  return single(name, key, contexts, preset === 'on', preset, doc, parseFlag, notFlag);
}

/** A size in bytes, of which `preset` is the text of the default (`2m`). */
export function size(
  name: string,
  key: KeysOf<number>,
  contexts: readonly Context[],
  preset: string,
  doc: string,
  read: (text: string) => number | undefined = parseSize,
): AnyDirective {
  return single(name, key, contexts, read(preset)!, preset, doc, read, invalidValue);
}

/** A time, kept in milliseconds. With 's' the unit ms is refused, as nginx does where it counts in seconds. */
export function time(
  name: string,
  key: KeysOf<number>,
  contexts: readonly Context[],
  preset: string,
  doc: string,
  precision: 'ms' | 's' = 'ms',
): AnyDirective {
  const read = (text: string) => parseTime(text, precision);
  return single(name, key, contexts, read(preset)!, preset, doc, read, invalidValue);
}

/** A whole number of at least 0; `initial` only where the default is no number that a user could write. */
export function count(
  name: string,
  key: KeysOf<number>,
  contexts: readonly Context[],
  preset: string,
  doc: string,
  initial = Number(preset),
): AnyDirective {
  return single(name, key, contexts, initial, preset, doc, text => parseInteger(text), invalidNumber);
}

/** One word of several. */
export function choice<K extends keyof Settings, T extends Settings[K] & string>(
  name: string,
  key: K,
  contexts: readonly Context[],
  words: readonly T[],
  preset: T,
  doc: string,
): AnyDirective {
  return single<K>(name, key, contexts, preset, preset, doc, text => parseEnum<T>(text, words), notInList);
}

/** A number of buffers and the size of each, as `output_buffers` and `large_client_header_buffers` take them. */
export interface Buffers {
  readonly count: number;
  /** Bytes. */
  readonly size: number;
}

/** Reads `NUMBER SIZE`, neither of them 0. */
export function parseBuffers(name: string, args: readonly string[], cx: ParseContext): Buffers {
  const number = parseInteger(args[0]!, 1);
  const bytes = parseSize(args[1]!);
  if (number === undefined || !bytes) return cx.fail(invalidValue(name));
  return { count: number, size: bytes };
}

/** Text without variables, for the initial value of a setting that may hold some. */
export function constantText(text: string): Complex {
  return { text, constant: text, evaluate: () => text, value: () => text };
}
