/**
 * The values that directives take. Each function returns undefined for text that is not such a value, so that the
 * directive can fail with nginx's message: `"x" directive invalid value`, `"x" directive invalid number` …
 */
const KILO = 1024;
const MEGA = KILO * 1024;
const GIGA = MEGA * 1024;
const ZERO = 48;
const NINE = 57;

/** `on` or `off` in any case. nginx's message for others: `invalid value "y" in "x" directive, it must be "on" or "off"`. */
export function parseFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === 'on') return true;
  return word === 'off' ? false : undefined;
}

/** One of `names`, in any case, as `names` spells it. nginx's message for others: `invalid value "y"`. */
export function parseEnum<const T extends string>(text: string, names: readonly T[]): T | undefined {
  const word = text.toLowerCase();
  return names.find(name => name.toLowerCase() === word);
}

/** A whole number, digits only, between the bounds. nginx's message for others: `"x" directive invalid number`. */
export function parseInteger(text: string, least = 0, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === '') return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < ZERO || code > NINE) return undefined;
  }
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

/** A size in bytes, with k (1024) or m in either case: nginx's ngx_parse_size. nginx's message: `"x" directive invalid value`. */
export function parseSize(text: string): number | undefined {
  const unit = text.slice(-1).toLowerCase();
  return unit === 'g' ? undefined : parseOffset(text);
}

/** As parseSize, and with g too: what nginx takes for positions and lengths of files. */
export function parseOffset(text: string): number | undefined {
  const unit = sizeUnit(text.slice(-1));
  const value = parseInteger(unit === 1 ? text : text.slice(0, -1));
  if (value === undefined) return undefined;
  return value * unit <= Number.MAX_SAFE_INTEGER ? value * unit : undefined;
}

function sizeUnit(letter: string): number {
  switch (letter) {
    case 'k':
    case 'K':
      return KILO;
    case 'm':
    case 'M':
      return MEGA;
    case 'g':
    case 'G':
      return GIGA;
    default:
      return 1;
  }
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Units in the order in which they may follow each other, the largest first, in milliseconds. */
const TIME_UNITS: readonly (readonly [letters: string, ms: number])[] = [
  ['y', 365 * DAY],
  ['M', 30 * DAY],
  ['w', 7 * DAY],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
];
const YEAR_RANK = 0;
const MONTH_RANK = 1;
const SECOND_RANK = 6;
const MILLISECOND_RANK = 7;

/**
 * A time, as nginx writes it: `90`, `1h30m`, `"1h 30m"`, each unit once and the larger before the smaller. A bare number
 * is seconds, as everywhere in nginx.
 *
 * @param precision which of nginx's two kinds the directive is: 'ms' (keepalive_timeout, send_timeout) takes the unit ms,
 *   and no months and years; 's' (expires) takes months and years, and no ms.
 * @returns milliseconds in both cases; undefined when it is no time.
 */
export function parseTime(text: string, precision: 'ms' | 's'): number | undefined {
  let total = 0;
  let rank = -1;
  let found = false;
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const end = skipDigits(text, at);
    const value = parseInteger(text.slice(at, end));
    if (value === undefined) return undefined;
    found = true;
    if (end === text.length) {
      total += value * SECOND;
      break;
    }
    const unit = unitAt(text, end);
    if (unit <= rank || unit === -1 || !unitFits(unit, precision)) return undefined;
    rank = unit;
    total += value * TIME_UNITS[unit]![1];
    at = skipSpaces(text, text[end] === ' ' ? end : end + TIME_UNITS[unit]![0].length);
  }
  return found && total <= Number.MAX_SAFE_INTEGER ? total : undefined;
}

function unitFits(rank: number, precision: 'ms' | 's'): boolean {
  return precision === 's' ? rank !== MILLISECOND_RANK : rank !== YEAR_RANK && rank !== MONTH_RANK;
}

/** The rank of the unit that begins at `at`; a space there means that the number before it was seconds. */
function unitAt(text: string, at: number): number {
  if (text[at] === ' ') return SECOND_RANK;
  if (text.startsWith('ms', at)) return MILLISECOND_RANK;
  return TIME_UNITS.findIndex(([letters]) => letters === text[at]);
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at++;
  return at;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}
