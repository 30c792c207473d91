import type { Node } from './syntax.js';
import type { LocationKind } from './tree.js';

/** What `location` says in its arguments. */
export interface LocationPattern {
  readonly kind: LocationKind;
  readonly pattern: string;
}

/** Modifiers, of which the longer stand before those that they begin with. */
const MODIFIERS: readonly (readonly [modifier: string, kind: LocationKind])[] = [
  ['~*', 'regex-nocase'],
  ['^~', 'preferred'],
  ['~', 'regex'],
  ['=', 'exact'],
];

/**
 * Reads the arguments of `location`: a pattern, with its modifier before it or glued to it.
 *
 * @returns undefined when there are two and the first is no modifier.
 */
export function parseLocation(args: readonly string[]): LocationPattern | undefined {
  if (args.length === 2) {
    const apart = MODIFIERS.find(([modifier]) => modifier === args[0]);
    return apart && { kind: apart[1], pattern: args[1]! };
  }
  const text = args[0]!;
  if (text.startsWith('@')) return { kind: 'named', pattern: text };
  const glued = MODIFIERS.find(([modifier]) => text.startsWith(modifier));
  return glued ? { kind: glued[1], pattern: text.slice(glued[0].length) } : { kind: 'prefix', pattern: text };
}

/** The methods that nginx knows the names of. */
const METHODS = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'MKCOL', 'COPY', 'MOVE', 'OPTIONS', 'PROPFIND', 'PROPPATCH'],
  ...['LOCK', 'UNLOCK', 'PATCH'],
];

/** Reads the arguments of `limit_except`: GET stands for HEAD too. A string is the first that is no method. */
export function parseMethods(args: readonly string[]): readonly string[] | string {
  const methods = args.map(word => word.toUpperCase());
  const unknown = methods.findIndex(method => !METHODS.includes(method));
  if (unknown !== -1) return args[unknown]!;
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}

export function isRegex(kind: LocationKind): boolean {
  return kind === 'regex' || kind === 'regex-nocase';
}

/** Why a location may not stand within another, in nginx's words; undefined when it may. */
export function nestingMistake(inner: LocationPattern, outer: LocationPattern): string | undefined {
  if (outer.kind === 'exact' || outer.kind === 'named') {
    return `location "${inner.pattern}" cannot be inside the ${outer.kind} location "${outer.pattern}"`;
  }
  if (inner.kind === 'named') return `named location "${inner.pattern}" can be on the server level only`;
  if (!isRegex(inner.kind) && !inner.pattern.startsWith(outer.pattern)) {
    return `location "${inner.pattern}" is outside location "${outer.pattern}"`;
  }
  return undefined;
}

/** The first location that repeats one beside it: two exact ones, or two prefixes whether `^~` or not. */
export function findDuplicate<T extends LocationPattern & { readonly node: Node }>(
  locations: readonly T[],
): T | undefined {
  const seen = new Set<string>();
  return locations.find(({ kind, pattern }) => {
    if (isRegex(kind) || kind === 'named') return false;
    const key = kind === 'exact' ? `=${pattern}` : `^${pattern}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
