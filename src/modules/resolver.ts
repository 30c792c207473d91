/** Who resolves names: the system does, whatever a configuration says. */
import type { Module } from './module.js';
import { EVERYWHERE, row, time } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    resolver: readonly string[];
    /** Milliseconds. */
    resolverTimeout: number;
  }
}

export const resolver: Module = {
  name: 'resolver',
  directives: [
    row<'resolver'>({
      name: 'resolver',
      key: 'resolver',
      contexts: EVERYWHERE,
      args: [1, Number.POSITIVE_INFINITY],
      initial: [],
      doc: 'Taken, and not asked: the only names that are looked up, those of OCSP responders, are resolved by the system.',
      parse: args => args,
    }),
    time(
      'resolver_timeout',
      'resolverTimeout',
      EVERYWHERE,
      '30s',
      'Taken, and without effect: asking a responder takes a minute at most.',
    ),
  ],
};
