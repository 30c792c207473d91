/** Lists of content types that a feature is for: `gzip_types`, `charset_types`. */
import type { Context } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { asciiLower } from '../http/ascii.js';
import { row } from './rows.js';

/** Names in lower case; null takes every type. */
export type MediaTypes = ReadonlySet<string> | null;

type Key = {
  [K in keyof Settings]: [Settings[K], MediaTypes] extends [MediaTypes, Settings[K]] ? K : never;
}[keyof Settings];

/** A row for such a list. text/html is always in it, as in nginx. */
export function mediaTypes<K extends Key>(
  name: string,
  key: K,
  contexts: readonly Context[],
  preset: readonly string[],
  doc: string,
) {
  return row<Key>({
    name,
    key,
    contexts,
    args: [1, Number.POSITIVE_INFINITY],
    repeatable: true,
    initial: new Set(preset),
    default: preset.join(' '),
    doc: `${doc} "*" is every type.`,
    parse(args, _cx, before) {
      if (before === null || args.includes('*')) return null;
      return new Set([...(before ?? ['text/html']), ...args.map(asciiLower)]);
    },
  });
}

/** Whether a content type, with or without a charset, is in a list. */
export function isAmong(types: MediaTypes, contentType: string): boolean {
  if (contentType === '') return false;
  if (types === null || types.has(contentType)) return true;
  const semicolon = contentType.indexOf(';');
  return types.has(asciiLower(semicolon < 0 ? contentType : contentType.slice(0, semicolon)));
}
