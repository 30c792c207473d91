/** Texts as one can look at them. */

/** Marks that would turn the direction of what follows them, and characters that no document may hold. */
const misleading = /[\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]/gu;
const controls = /[\0-\x1f\x7f-\x9f]/g;
const combining = /\p{Mn}|\p{Me}|\p{Cf}/u;
const emoji = /\p{Emoji_Presentation}/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Text as one can look at it: byte strings that are UTF-8 as the characters that they stand for, and what would not be seen,
 * or would mislead, as `\x1b` or `\u202e`.
 */
export function visible(text: string): string {
  return decoded(text)
    .replace(controls, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(misleading, char => `\\u${char.charCodeAt(0).toString(16)}`);
}

/** The characters that a byte string stands for; a text that is no UTF-8, or no byte string, as it is. */
export function decoded(text: string): string {
  let isAscii = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return text;
    if (code > 0x7f) isAscii = false;
  }
  if (isAscii) return text;
  try {
    return utf8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}

/** The columns of a terminal that a visible text takes at most: two for a character that may be wide (UAX #11). */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += columnsOfOne(char);
  return columns;
}

/** The beginning of a visible text, in no more than so many columns of a terminal; `...` says that it was cut. */
export function cutTo(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const mark = '...'.slice(0, Math.max(0, columns));
  let room = columns - mark.length;
  let kept = '';
  for (const char of text) {
    room -= columnsOfOne(char);
    if (room < 0) break;
    kept += char;
  }
  return kept + mark;
}

function columnsOfOne(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (combining.test(char)) return 0;
  return (code >= 0x1100 && code <= 0x115f) || code >= 0x2e80 || emoji.test(char) ? 2 : 1;
}
