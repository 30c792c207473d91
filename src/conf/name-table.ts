/**
 * Values by names of hosts: exact ones first, then the longest leading wildcard (`*.x`, or `.x` which is `x` too), then the
 * longest trailing one (`x.*`), as nginx looks them up. All names are in lower case.
 */
export class NameTable<T> {
  private readonly exact = new Map<string, T>();
  private readonly leading = new Map<string, T>();
  private readonly trailing = new Map<string, T>();

  get isEmpty(): boolean {
    return this.exact.size + this.leading.size + this.trailing.size === 0;
  }

  /** @returns false when the name is there already */
  addExact(name: string, value: T): boolean {
    return put(this.exact, name, value);
  }

  /** Adds a name that may be a wildcard. */
  add(name: string, value: T): 'added' | 'conflicting' | 'invalid' {
    const stars = name.split('*').length - 1;
    if (stars > 1 || name.includes('..') || name.includes('\0')) return 'invalid';
    const added = this.addWildcard(name, value);
    if (added !== null) return added ? 'added' : 'conflicting';
    if (stars > 0) return 'invalid';
    return this.addExact(name, value) ? 'added' : 'conflicting';
  }

  find(name: string): T | undefined {
    return this.exact.get(name) ?? this.findLeading(name) ?? this.findTrailing(name);
  }

  /** Null where it is none; else whether it was new. */
  private addWildcard(name: string, value: T): boolean | null {
    if (name.length > 1 && name.startsWith('.')) {
      const fixed = name.slice(1);
      // it is two names in one: it is put in both places or in none
      return !this.leading.has(fixed) && put(this.exact, fixed, value) && put(this.leading, fixed, value);
    }
    if (name.length < 3) return null;
    if (name.startsWith('*.')) return put(this.leading, name.slice(2), value);
    return name.endsWith('.*') ? put(this.trailing, name.slice(0, -2), value) : null;
  }

  private findLeading(name: string): T | undefined {
    if (this.leading.size === 0) return undefined;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const value = this.leading.get(name.slice(dot + 1));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private findTrailing(name: string): T | undefined {
    if (this.trailing.size === 0) return undefined;
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const value = this.trailing.get(name.slice(0, dot));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

function put<T>(map: Map<string, T>, name: string, value: T): boolean {
  if (map.has(name)) return false;
  map.set(name, value);
  return true;
}
