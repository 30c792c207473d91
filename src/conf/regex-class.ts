/** PCRE's POSIX classes as ranges of bytes, in the C locale. */
const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  word: 'A-Za-z0-9_',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
  ascii: '\\x00-\\x7f',
};

/** Escapes within a class that JavaScript lacks or reads in another way. */
const ESCAPES: Readonly<Record<string, string>> = {
  h: ' \\t\\xa0',
  v: '\\n-\\r\\x85',
  s: '\\t-\\r ',
  e: '\\x1b',
  a: '\\x07',
};

/** Letters and digits whose escapes both languages read alike within a class. */
const SAME_ESCAPES = 'dDwWSbnrtf01234567';

/**
 * Rewrites the character class of PCRE's that begins at `start` (its "[") for JavaScript.
 *
 * @returns the class, and the index behind its "]".
 */
export function translateClass(
  source: string,
  start: number,
  fail: (reason: string) => never,
): { text: string; end: number } {
  let at = start + 1;
  let text = '[';
  if (source[at] === '^') {
    text += '^';
    at++;
  }
  // A "]" at the start stands for itself.
  if (source[at] === ']') {
    text += '\\]';
    at++;
  }
  while (source[at] !== ']') {
    if (at >= source.length) fail('missing terminating ] for character class');
    const item = classItem(source, at, fail);
    text += item.text;
    at += item.length;
  }
  return { text: `${text}]`, end: at + 1 };
}

function classItem(source: string, at: number, fail: (reason: string) => never): { text: string; length: number } {
  const char = source[at]!;
  if (char === '[') {
    const posix = /^\[:(\^?)(\w+):\]/.exec(source.slice(at));
    if (!posix) return { text: '\\[', length: 1 };
    if (!Object.hasOwn(POSIX, posix[2]!)) fail('unknown POSIX class name');
    if (posix[1] === '^') fail('a negated POSIX class has no equal in JavaScript');
    return { text: POSIX[posix[2]!]!, length: posix[0].length };
  }
  if (char !== '\\') return { text: char, length: 1 };
  const escaped = source[at + 1];
  if (escaped === undefined) fail('\\ at end of pattern');
  if (escaped === 'x') return translateHex(source, at, fail);
  if (ESCAPES[escaped] !== undefined) return { text: ESCAPES[escaped], length: 2 };
  if (SAME_ESCAPES.includes(escaped) || !/[A-Za-z0-9]/.test(escaped)) return { text: `\\${escaped}`, length: 2 };
  return fail(`"\\${escaped}" in a character class has no equal in JavaScript`);
}

/** Rewrites PCRE's `\x41`, `\x{41}` or `\x` (none to two digits) that stands at `at`. */
export function translateHex(
  source: string,
  at: number,
  fail: (reason: string) => never,
): { text: string; length: number } {
  const hex = /^\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))/.exec(source.slice(at))!;
  const code = Number.parseInt(hex[1] ?? (hex[2] || '0'), 16);
  if (code > 255) fail('character code point value in \\x{} or \\o{} is too large');
  return { text: `\\x${code.toString(16).padStart(2, '0')}`, length: hex[0].length };
}
