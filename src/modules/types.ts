/** Content types: `types`, `default_type`, and the type of a URI by its extension. */
import { createRequire } from 'node:module';
import type { ParseContext } from '../conf/directive.js';
import type { Settings } from '../conf/settings.js';
import { asciiLower } from '../http/ascii.js';
import type { Module } from './module.js';
import { EVERYWHERE, row } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    /** Types by extension in lower case; null, where none are configured, is the registry of mime-types. */
    types: ReadonlyMap<string, string> | null;
    defaultType: string;
  }
}

const DOT = 46;
const SLASH = 47;
/** Extensions come from URIs, so anybody could fill a cache without a bound. */
const MAX_CACHED = 1024;
/** Loaded with the first question: it takes as long as much of the start. */
let registry: typeof import('mime-types') | null = null;
/** '' stands for an extension that is not registered. */
const registered = new Map<string, string>();

/** The extension after the last "." of the last part of the path; '' if none, and for a name such as ".profile". */
function extensionOf(uri: string): string {
  for (let at = uri.length - 1; at > 0; at--) {
    const code = uri.charCodeAt(at);
    if (code === SLASH) return '';
    if (code === DOT) return uri.charCodeAt(at - 1) === SLASH ? '' : uri.slice(at + 1);
  }
  return '';
}

function lookUp(extension: string): string {
  const known = registered.get(extension);
  if (known !== undefined) return known;
  registry ??= createRequire(import.meta.url)('mime-types') as typeof import('mime-types');
  const type = registry.lookup(extension) || '';
  if (registered.size >= MAX_CACHED) registered.clear();
  registered.set(extension, type);
  return type;
}

/**
 * The content type of a URI, by its extension in any case.
 *
 * Where no `types` are configured, nginx knows three; here the registry of mime-types stands in. It differs from the
 * mime.types file that nginx brings in a few names only: text/javascript (RFC 9239) for application/javascript,
 * application/xml for text/xml, image/vnd.microsoft.icon for image/x-icon, and names for exe, dll, deb, dmg and iso.
 */
export function contentTypeOf(settings: Settings, uri: string): string {
  const extension = extensionOf(uri);
  if (extension === '') return settings.defaultType;
  if (settings.types === null) return lookUp(extension) || settings.defaultType;
  return settings.types.get(extension) ?? settings.types.get(asciiLower(extension)) ?? settings.defaultType;
}

function parseTypes(cx: ParseContext, before: ReadonlyMap<string, string> | null | undefined): Map<string, string> {
  const types = new Map(before ?? []);
  for (const node of cx.node.children ?? []) {
    for (const extension of node.args) types.set(asciiLower(extension), node.name);
  }
  return types;
}

export const types: Module = {
  name: 'types',
  directives: [
    row<'types'>({
      name: 'types',
      key: 'types',
      contexts: EVERYWHERE,
      args: [0, 0],
      block: true,
      repeatable: true,
      initial: null,
      doc: 'Content types and their extensions. Unlike nginx, all registered types are known where there is none.',
      parse: (_args, cx, before) => parseTypes(cx, before),
    }),
    row<'defaultType'>({
      name: 'default_type',
      key: 'defaultType',
      contexts: EVERYWHERE,
      args: [1, 1],
      initial: 'text/plain',
      default: 'text/plain',
      doc: 'The content type where the extension says none.',
      parse: args => args[0]!,
    }),
  ],
};
