/** Named values within one text: the query's, and those of Cookie. */

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const SPACE = 0x20;
const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const COMMA = 0x2c;

/** Whether the text has the name at this place, in any case; `name` is in lower case. */
function hasNameAt(text: string, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = text.charCodeAt(at + i);
    const lower = code >= UPPER_A && code <= UPPER_Z ? code | 0x20 : code;
    if (lower !== name.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * The value of the first pair of this name.
 * @param text such as "a=1&b=2"
 * @param separator what stands between two pairs, without the spaces that may follow it
 * @param name in lower case; it is found in any case, as nginx finds it
 * @returns the value as sent, or undefined
 */
export function pairValue(text: string, separator: string, name: string): string | undefined {
  let at = 0;
  while (at < text.length) {
    while (text.charCodeAt(at) === SPACE) at++;
    const next = text.indexOf(separator, at);
    const end = next === -1 ? text.length : next;
    if (text.charCodeAt(at + name.length) === EQUALS && hasNameAt(text, at, name)) {
      return text.slice(at + name.length + 1, end);
    }
    at = end + 1;
  }
  return undefined;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at++;
  return at;
}

/**
 * The value of the first cookie of this name, as nginx reads the header: with spaces on both sides of "=", up to ";". A comma ends a pair
 * of another name too.
 * @param text such as "a=1; b=2"
 * @param name in lower case; it is found in any case
 */
export function cookieValue(text: string, name: string): string | undefined {
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const equals = skipSpaces(text, at + name.length);
    if (text.charCodeAt(equals) === EQUALS && hasNameAt(text, at, name)) {
      const start = skipSpaces(text, equals + 1);
      const end = text.indexOf(';', start);
      return text.slice(start, end === -1 ? text.length : end);
    }
    while (at < text.length && text.charCodeAt(at) !== SEMICOLON && text.charCodeAt(at) !== COMMA) at++;
    at = skipSpaces(text, at + 1);
  }
  return undefined;
}
