/** How strace writes arguments: strings, structs, arrays and annotated descriptors, read without recursion and in one pass. */

/** Where the annotation of a descriptor that opens at `at` ends (behind its last `>`); -1 where it does not. */
function annotationEnd(text: string, at: number): number {
  // in sockets (`TCP:[a->b]`) an arrow is no end; in a path there is no arrow, for strace escapes its `>`
  const isPath = text[at + 1] === '/';
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const char = text[i];
    if (char === '<') depth += 1;
    else if (char === '>' && (isPath || text[i - 1] !== '-') && --depth === 0) {
      return text.startsWith('(deleted)', i + 1) ? i + 10 : i + 1;
    }
  }
  return -1;
}

function isAnnotation(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (text[at + 1] === '<' || text[at + 1] === ' ' || text[at + 1] === '.') return false;
  return (before >= 0x30 && before <= 0x39) || text.endsWith('AT_FDCWD', at);
}

/** Behind the quote that ends the string which begins at `at`; -1 where it has no end. */
function stringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i += 1;
    else if (char === '"') return i + 1;
  }
  return -1;
}

/** Where to go on behind what cannot hold a separator (a string, a comment, an annotation); `at` itself where there is none. */
function skipOpaque(text: string, at: number): number {
  const char = text[at];
  if (char === '"') return stringEnd(text, at);
  if (char === '<' && isAnnotation(text, at)) return annotationEnd(text, at);
  if (char === '/' && text[at + 1] === '*') {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? -1 : end + 2;
  }
  return at;
}

export interface Arguments {
  readonly args: readonly string[];
  /** Where the closing parenthesis is. */
  readonly end: number;
}

/**
 * Splits the arguments of a call.
 * @param text a line of strace
 * @param open where its opening parenthesis is
 * @returns null where they do not end
 */
export function splitArguments(text: string, open: number): Arguments | null {
  const args: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let i = open + 1; i < text.length; ) {
    const next = skipOpaque(text, i);
    if (next < 0) return null;
    if (next > i) {
      i = next;
      continue;
    }
    const char = text[i];
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' && depth === 0) {
      const last = text.slice(start, i).trim();
      if (last !== '' || args.length > 0) args.push(last);
      return { args, end: i };
    } else if (char === ')' || char === ']' || char === '}') depth -= 1;
    else if (char === ',' && depth === 0) {
      args.push(text.slice(start, i).trim());
      start = i + 1;
    }
    i += 1;
  }
  return null;
}

/** The values of all fields of this name, at any depth, in order: `iov_len` of each part of an iovec. */
export function fieldsOf(text: string, name: string): string[] {
  const values: string[] = [];
  const sought = `${name}=`;
  for (let i = 0; i < text.length; ) {
    const next = skipOpaque(text, i);
    if (next < 0) return values;
    if (next > i) {
      i = next;
    } else if (text.startsWith(sought, i) && !/\w/.test(text[i - 1] ?? '')) {
      const end = valueEnd(text, i + sought.length);
      values.push(text.slice(i + sought.length, end));
      i = end;
    } else {
      i += 1;
    }
  }
  return values;
}

function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; ) {
    const next = skipOpaque(text, i);
    if (next < 0) return text.length;
    if (next > i) {
      i = next;
      continue;
    }
    const char = text[i];
    if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (char === ')' || char === ']' || char === '}') {
      if (depth === 0) return i;
      depth -= 1;
    } else if (char === ',' && depth === 0) return i;
    i += 1;
  }
  return text.length;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f', a: '\x07', b: '\b' };

/** The bytes of a string as strace quotes it, each a character; undefined where the argument is no string. */
export function unquote(argument: string | undefined): string | undefined {
  if (argument?.[0] !== '"') return undefined;
  const end = stringEnd(argument, 0);
  const quoted = argument.slice(1, end < 0 ? argument.length : end - 1);
  if (!quoted.includes('\\')) return quoted;
  return quoted.replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/g, (_, hex, octal, char) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return escapes[char] ?? char;
  });
}

/** A number as strace writes it, alone or in brackets: `12`, `-1`, `0x7f00`, `[2097152] => [4194304]` (the first); undefined for all else. */
export function numberOf(argument: string | undefined): number | undefined {
  const found = /^\[?(-?(?:0x[0-9a-f]+|\d+))\b/.exec(argument ?? '');
  if (found === null) return undefined;
  const digits = found[1];
  return digits.startsWith('-0x') ? -Number(digits.slice(1)) : Number(digits);
}

/** A descriptor, and what `-y` says that it is. */
export function descriptorOf(argument: string | undefined): { fd?: number; path?: string } {
  if (argument === undefined) return {};
  const found = /^(-?\d+|0x[0-9a-f]+|AT_FDCWD)(?:<(.*)>(\(deleted\))?)?$/s.exec(argument);
  if (found === null) return {};
  const path = found[2] === undefined ? {} : { path: found[2] };
  return found[1] === 'AT_FDCWD' ? path : { fd: Number(found[1]), ...path };
}

/** The names among flags that are joined with `|`; numbers are no names. */
export function namesOf(argument: string | undefined): string[] {
  return (argument ?? '').split('|').filter(name => /^[A-Z][A-Z0-9_]*$/.test(name));
}
