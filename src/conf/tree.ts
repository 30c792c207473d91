import type { LogTarget, NamedLogs } from './directive.js';
import type { Settings } from './settings.js';
import type { Zone } from './zones.js';

/** How a location is matched, in nginx's terms: none, `=`, `^~`, `~`, `~*`, `@name`. */
export type LocationKind = 'prefix' | 'exact' | 'preferred' | 'regex' | 'regex-nocase' | 'named';

export interface LocationConfig {
  readonly kind: LocationKind;
  /** The pattern as written, without its modifier. For a server that stands in for a location: ''. */
  readonly pattern: string;
  readonly settings: Settings;
  readonly locations: readonly LocationConfig[];
  /** What holds instead where a condition is true (`if`), in the order of the file. */
  readonly branches?: readonly LocationConfig[];
  /** What holds instead for requests of other methods (`limit_except`). */
  readonly limitExcept?: LimitExcept | undefined;
}

export interface LimitExcept {
  /** Those that the location's own settings are for. */
  readonly methods: readonly string[];
  readonly settings: Settings;
}

export interface ServerConfig {
  readonly settings: Settings;
  readonly locations: readonly LocationConfig[];
  readonly file: string;
  readonly line: number;
}

/** A whole configuration, checked and merged. */
export interface Config {
  readonly main: Settings;
  readonly servers: readonly ServerConfig[];
  readonly logs: readonly LogTarget[];
  readonly zones: readonly Zone[];
  /** Those whose names come out of requests. */
  readonly namedLogs: NamedLogs;
  /** What directives have to say that is no mistake. */
  readonly warnings: readonly string[];
}
