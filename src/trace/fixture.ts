/** Recorded traces in strace-fixtures/: folded, for people to read and for new recordings to be checked against. */
import { fold } from './fold.js';
import { foldedLines } from './fold-text.js';
import { grammar } from './grammar.js';
import type { NormalTrace } from './steps.js';

/** What a fixture holds. */
export interface Fixture {
  /** The folded requests, a heading before each. */
  readonly lines: readonly string[];
  /** Its grammar: the kinds of its steps, in the order of their first appearance. */
  readonly kinds: readonly string[];
}

const divider = '# The kinds of steps in it:';

/** What a fixture of this trace holds. */
export function fixtureOf(trace: Pick<NormalTrace, 'requests'>): Fixture {
  const lines = trace.requests.flatMap(({ method, uri, status, steps }) => {
    const words = [method, uri, status === 0 ? '' : `${status}`].filter(word => word !== '');
    return [`${words.join(' ') || 'a request whose beginning is not in the trace'}:`, ...foldedLines(fold(steps))];
  });
  return { lines, kinds: grammar(trace.requests.flatMap(request => request.steps)).kinds };
}

/**
 * The text of a fixture's file.
 * @param note where it is from, in a line
 */
export function fixtureText(note: string, trace: Pick<NormalTrace, 'requests'>): string {
  const { lines, kinds } = fixtureOf(trace);
  return `# ${note}\n${lines.join('\n')}\n${divider}\n${kinds.join('\n')}\n`;
}

/** Reads the file of a fixture. */
export function readFixture(text: string): Fixture {
  const all = text.split('\n').filter(line => line !== '');
  const at = all.indexOf(divider);
  const lines = all.slice(0, at < 0 ? all.length : at).filter(line => !line.startsWith('#'));
  return { lines, kinds: at < 0 ? [] : all.slice(at + 1) };
}
