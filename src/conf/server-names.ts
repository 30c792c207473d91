import { NameTable } from './name-table.js';
import { compileRegex } from './regex.js';
import type { ServerConfig } from './tree.js';

/** One name of a server, as `server_name` gives it. */
export interface ServerName {
  /** In lower case; a regular expression as written, with its "~". */
  readonly text: string;
  /** `*.x` and `.x` are leading wildcards, `x.*` a trailing one. */
  readonly kind: 'exact' | 'leading' | 'trailing' | 'regex';
  readonly regex?: RegExp;
}

/** A name that cannot be one: `message` is nginx's reason, without the place in the file. */
export class ServerNameError extends Error {
  override readonly name = 'ServerNameError';
}

/**
 * Reads one argument of `server_name`.
 *
 * @param compile compiles what follows "~"; a directive passes `cx.regex`, which makes named captures known.
 * Throws a ServerNameError, or what `compile` throws.
 */
export function parseServerName(
  text: string,
  compile: (source: string, nocase: boolean) => RegExp = compileRegex,
): ServerName {
  if (text.startsWith('~')) {
    const source = text.slice(1);
    if (source === '') throw new ServerNameError(`empty regex in server name "${text}"`);
    // Hosts are compared in lower case: a pattern in upper case could never match otherwise.
    return { text, kind: 'regex', regex: compile(source, /[A-Z]/.test(source)) };
  }
  const name = text.toLowerCase();
  if ((name.startsWith('*') && (name.length < 3 || name[1] !== '.')) || name === '.') {
    throw new ServerNameError(`server name "${text}" is invalid`);
  }
  const kind = wildcardKind(name);
  const fixed = kind === 'exact' ? name : fixedPart(name);
  if (fixed.includes('*') || fixed.includes('..') || (kind !== 'exact' && (fixed.startsWith('.') || fixed === ''))) {
    throw new ServerNameError(`invalid server name or wildcard "${text}"`);
  }
  return { text: name, kind };
}

function wildcardKind(name: string): 'exact' | 'leading' | 'trailing' {
  if (name.startsWith('*.') || name.startsWith('.')) return 'leading';
  return name.endsWith('.*') ? 'trailing' : 'exact';
}

/** A wildcard without its "*." , "." or ".*". */
function fixedPart(name: string): string {
  if (name.startsWith('*.')) return name.slice(2);
  return name.startsWith('.') ? name.slice(1) : name.slice(0, -2);
}

/**
 * The servers of one listening address by their names: exact ones first, then the longest leading wildcard, the longest
 * trailing wildcard, the first regular expression, and else the default (nginx's server_name).
 */
export class ServerNames {
  /** What the regular expression matched that the last `find` chose by; null when it chose by something else. */
  captures: RegExpExecArray | null = null;
  /** nginx's warnings: `conflicting server name "x" on ADDRESS, ignored`. */
  readonly warnings: string[] = [];
  private readonly table = new NameTable<ServerConfig>();
  private readonly regexes: { regex: RegExp; server: ServerConfig }[] = [];

  /**
   * @param address as warnings name it: `0.0.0.0:80`
   * @param entries in the order of the configuration
   * @param fallback the default server of the address
   */
  constructor(
    address: string,
    entries: readonly { readonly names: readonly ServerName[]; readonly server: ServerConfig }[],
    private readonly fallback: ServerConfig,
  ) {
    for (const { names, server } of entries) {
      for (const name of names) {
        if (!this.add(name, server)) {
          this.warnings.push(`conflicting server name "${name.text}" on ${address}, ignored`);
        }
      }
    }
  }

  /** The server for a host: in lower case, without port; '' where the request names none. */
  find(host: string): ServerConfig {
    this.captures = null;
    return this.table.find(host) ?? this.findRegex(host) ?? this.fallback;
  }

  private add(name: ServerName, server: ServerConfig): boolean {
    if (name.kind !== 'regex') return this.table.add(name.text, server) === 'added';
    this.regexes.push({ regex: name.regex!, server });
    return true;
  }

  private findRegex(host: string): ServerConfig | undefined {
    // nginx tries no regular expression where the request has no host.
    if (host === '') return undefined;
    for (let i = 0; i < this.regexes.length; i++) {
      const match = this.regexes[i]!.regex.exec(host);
      if (match) {
        this.captures = match;
        return this.regexes[i]!.server;
      }
    }
    return undefined;
  }
}
