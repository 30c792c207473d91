/** Compares two traces of the same request: what differs, and whether it matters. */
import { alignItems } from './align.js';
import { differencesOf } from './differences.js';
import { fold } from './fold.js';
import type { Comparison, Difference, NormalTrace, RequestSteps, Row, Severity } from './steps.js';

const weights: Readonly<Record<Severity, number>> = { same: 0, cosmetic: 1, matters: 2 };

/**
 * Aligns two traces, request by request, and says what differs.
 * @param names what to call them in sentences
 * @returns differences with the gravest first. 'same' ones are such as look different and are not; 'cosmetic' ones change
 *   neither what the client gets nor what it costs to any extent; the others matter.
 */
export function compare(
  a: NormalTrace,
  b: NormalTrace,
  names: readonly [string, string] = ['the first', 'the second'],
): Comparison {
  const rows: Row[][] = [];
  const differences: Difference[] = [];
  const pairs = Math.min(a.requests.length, b.requests.length);
  if (a.requests.length !== b.requests.length) differences.push(requestCount(a, b, names));
  for (let i = 0; i < pairs; i++) {
    const [left, right] = [a.requests[i], b.requests[i]];
    rows.push(alignItems(fold(left.steps), fold(right.steps)));
    const where = pairs > 1 ? `request ${i + 1}` : '';
    differences.push(...differencesOf(left, right, names).map(one => at(one, where)));
  }
  differences.sort((x, y) => weights[y.severity] - weights[x.severity]);
  const severity = differences[0]?.severity ?? 'same';
  return {
    names,
    differences,
    rows: rows.flat(),
    severity,
    verdict: verdictOf(differences, severity, a.requests[0], b.requests[0]),
  };
}

function at(difference: Difference, request: string): Difference {
  return request === '' ? difference : { ...difference, where: `${request}, ${difference.where}` };
}

function requestCount(a: NormalTrace, b: NormalTrace, names: readonly [string, string]): Difference {
  return {
    kind: 'counts',
    severity: 'matters',
    where: 'the whole trace',
    text: `${names[0]} shows ${a.requests.length} requests, ${names[1]} ${b.requests.length}: only those that both have are compared.`,
  };
}

function verdictOf(
  differences: readonly Difference[],
  severity: Severity,
  a: RequestSteps | undefined,
  b: RequestSteps | undefined,
): string {
  if (a === undefined || b === undefined) return 'There is no request in one of the traces: nothing to compare.';
  if (differences.length === 0) return 'The same calls in the same order.';
  if (severity === 'same') return 'The same work: where the calls differ, they ask the kernel for the same.';
  const count = differences.filter(one => one.severity === severity).length;
  const one = count === 1;
  return severity === 'cosmetic'
    ? `The same work, with ${count} small difference${one ? '' : 's'} that ${one ? 'changes' : 'change'} neither the answer nor its cost to any extent.`
    : `${count} difference${one ? '' : 's'} that matter${one ? 's' : ''}: ${differences[0].text}`;
}
