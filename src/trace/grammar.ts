/** What may happen in a trace, for those that differ from run to run in nothing but counts. */
import { kindOf } from './fold.js';
import type { Grammar, Step } from './steps.js';

/** The kinds of steps, in the order in which each is seen first, and which kind followed which. */
export function grammar(steps: readonly Step[]): Grammar {
  const kinds = new Set<string>();
  const transitions = new Set<string>();
  let before: string | null = null;
  for (const step of steps) {
    const kind = kindOf(step);
    kinds.add(kind);
    if (before !== null) transitions.add(`${before} -> ${kind}`);
    before = kind;
  }
  return { kinds: [...kinds], transitions: [...transitions].sort() };
}

/**
 * What tells two grammars apart.
 * @returns a line for each kind that only one of them has (`- ` the first, `+ ` the second). Transitions are not compared:
 *   how much a socket takes at once is the kernel's choice, and a rare one may not be seen in a run.
 */
export function grammarDifferences(a: Grammar, b: Pick<Grammar, 'kinds'>): string[] {
  const left = new Set(a.kinds);
  const right = new Set(b.kinds);
  return [
    ...a.kinds.filter(kind => !right.has(kind)).map(kind => `- ${kind}`),
    ...b.kinds.filter(kind => !left.has(kind)).map(kind => `+ ${kind}`),
  ];
}
