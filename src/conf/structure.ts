import type { Context } from './directive.js';

/** A directive that makes the tree itself, and is in no module's table. */
export interface Structure {
  readonly name: string;
  readonly contexts: readonly Context[] | readonly ['any'];
  readonly args: readonly [least: number, most: number];
  readonly block: boolean;
  readonly doc: string;
}

export const structure: readonly Structure[] = [
  {
    ...{ name: 'events', contexts: ['main'], args: [0, 0], block: true },
    doc: 'How a worker waits for its connections; it has to be there.',
  },
  { name: 'http', contexts: ['main'], args: [0, 0], block: true, doc: 'All that is served.' },
  {
    ...{ name: 'server', contexts: ['http'], args: [0, 0], block: true },
    doc: 'What is served at some addresses (listen) and under some names (server_name).',
  },
  {
    ...{ name: 'location', contexts: ['server', 'location'], args: [1, 2], block: true },
    doc: 'What is served below a path: PREFIX, = PATH, ^~ PREFIX, ~ REGEX, ~* REGEX, or @NAME for redirects alone.',
  },
  {
    ...{ name: 'limit_except', contexts: ['location'], args: [1, Number.POSITIVE_INFINITY], block: true },
    doc: 'What holds for all methods but these (GET means HEAD too): access, auth_basic, logs.',
  },
  {
    ...{ name: 'include', contexts: ['any'], args: [1, 1], block: false },
    doc: 'Directives of other files, by a path with * and ?, relative to that of the configuration.',
  },
];
