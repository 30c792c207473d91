import { compileRegex } from './regex.js';
import type { LocationConfig } from './tree.js';

/** A location as it is looked up. */
interface Entry {
  readonly location: LocationConfig;
  /** The locations within it; null where there are none. */
  readonly inside: Level | null;
  /** `^~`: regular expressions beside it are not tried. */
  readonly preferred: boolean;
}

interface PrefixEntry extends Entry {
  readonly pattern: string;
  /** The index of the longest other prefix that this one begins with, or -1. */
  shorter: number;
}

interface RegexEntry extends Entry {
  readonly regex: RegExp;
}

/** The locations that stand side by side in a server or in a location. */
interface Level {
  readonly exact: ReadonlyMap<string, Entry> | null;
  /** Sorted by pattern. */
  readonly prefixes: readonly PrefixEntry[];
  readonly regexes: readonly RegexEntry[];
}

/** How a search of one level ended. */
const NOT_FOUND = 0;
const PREFIX_FOUND = 1;
/** An exact location or a regular expression: nothing else is tried. */
const SETTLED = 2;

/**
 * The locations of one server, to be looked up by URI, in nginx's order (nginx's `location`): an exact match ends the
 * search; else the longest prefix is remembered, and the locations within it are searched; then, unless it has `^~`, the
 * regular expressions in their order; else the longest prefix is taken.
 */
export class LocationTree {
  /** What the regular expressions matched that the last `find` passed; null when it passed none. */
  captures: RegExpExecArray | null = null;
  private readonly top: Level | null;
  private readonly named = new Map<string, LocationConfig>();
  private found: LocationConfig | null = null;

  /** @param locations those of a server that was built: their regular expressions compile. */
  constructor(locations: readonly LocationConfig[]) {
    this.top = buildLevel(locations);
    for (const location of locations) {
      // Of two named alike the first is taken.
      if (location.kind === 'named' && !this.named.has(location.pattern)) this.named.set(location.pattern, location);
    }
  }

  /** The location for a decoded, normalised path; null when none matches and the server's own settings hold. */
  find(uri: string): LocationConfig | null {
    this.captures = null;
    this.found = null;
    if (this.top !== null) this.search(this.top, uri);
    return this.found;
  }

  /** The location of this name ("@" included); null when there is none. */
  findNamed(name: string): LocationConfig | null {
    return this.named.get(name) ?? null;
  }

  private search(level: Level, uri: string): number {
    const exact = level.exact?.get(uri);
    if (exact !== undefined) {
      this.found = exact.location;
      return SETTLED;
    }
    const prefix = longestPrefix(level.prefixes, uri);
    if (prefix !== null) {
      this.found = prefix.location;
      if (prefix.inside !== null && this.search(prefix.inside, uri) === SETTLED) return SETTLED;
      if (prefix.preferred) return PREFIX_FOUND;
    }
    if (this.searchRegexes(level.regexes, uri)) return SETTLED;
    return prefix === null ? NOT_FOUND : PREFIX_FOUND;
  }

  private searchRegexes(regexes: readonly RegexEntry[], uri: string): boolean {
    for (let i = 0; i < regexes.length; i++) {
      const entry = regexes[i]!;
      const match = entry.regex.exec(uri);
      if (match !== null) {
        this.captures = match;
        this.found = entry.location;
        if (entry.inside !== null) this.search(entry.inside, uri);
        return true;
      }
    }
    return false;
  }
}

function buildLevel(locations: readonly LocationConfig[]): Level | null {
  const exact = new Map<string, Entry>();
  const prefixes: PrefixEntry[] = [];
  const regexes: RegexEntry[] = [];
  for (const location of locations) {
    const { kind, pattern } = location;
    const entry = { location, inside: buildLevel(location.locations), preferred: kind === 'preferred' };
    if (kind === 'exact') exact.set(pattern, entry);
    else if (kind === 'prefix' || kind === 'preferred') prefixes.push({ ...entry, pattern, shorter: -1 });
    else if (kind !== 'named') regexes.push({ ...entry, regex: compileRegex(pattern, kind === 'regex-nocase') });
  }
  if (exact.size + prefixes.length + regexes.length === 0) return null;
  linkPrefixes(prefixes);
  return { exact: exact.size > 0 ? exact : null, prefixes, regexes };
}

/** Sorts the prefixes and tells each which shorter one covers it. */
function linkPrefixes(prefixes: PrefixEntry[]): void {
  prefixes.sort((a, b) => (a.pattern < b.pattern ? -1 : 1));
  for (let i = 1; i < prefixes.length; i++) {
    let shorter = i - 1;
    while (shorter !== -1 && !prefixes[i]!.pattern.startsWith(prefixes[shorter]!.pattern)) {
      shorter = prefixes[shorter]!.shorter;
    }
    prefixes[i]!.shorter = shorter;
  }
}

/**
 * The longest prefix of the URI: the last pattern that sorts at or before the URI, or one that covers that pattern. All
 * that sorts between a prefix of the URI and the URI begins with that prefix, so no other pattern can be it.
 */
function longestPrefix(prefixes: readonly PrefixEntry[], uri: string): PrefixEntry | null {
  let low = 0;
  let high = prefixes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prefixes[middle]!.pattern <= uri) low = middle + 1;
    else high = middle;
  }
  for (let i = low - 1; i !== -1; i = prefixes[i]!.shorter) {
    if (uri.startsWith(prefixes[i]!.pattern)) return prefixes[i]!;
  }
  return null;
}
