import { noisySpread, summarize } from '../../tools/statistics.js';
import type { Entry, Outcome } from '../comparison.js';
import { metrics } from '../metrics.js';
import { type Report, ratiosOf } from '../report.js';
import { table } from '../table.js';
import { reportText } from '../text.js';
import type { Sample } from '../workloads/workload.js';
import type { Goal } from './rows.js';

/** What `bench --targets` has found: what `--json` prints. */
export interface TargetReport extends Report {
  readonly targets: readonly Verdict[];
}

/** A goal, and how it stands. */
export interface Verdict extends Goal {
  /** The title of its workload. */
  readonly work: string;
  /** The median of the figures, or of the rounds' ratios, as it is printed, and its spread. Absent where it was not measured. */
  readonly value?: number;
  readonly spread?: number;
  readonly isMet?: boolean;
  /** The same ratio as wrk has found it, where it has measured in the same rounds. */
  readonly wrk?: number;
}

export function verdictsOn({ workload, entries }: Outcome, goals: readonly Goal[]): Verdict[] {
  return goals.map(goal => ({ work: workload.title, ...goal, ...judge(goal, entries) }));
}

function judge(goal: Goal, entries: readonly Entry[]): Pick<Verdict, 'value' | 'spread' | 'isMet' | 'wrk'> {
  const { peer, metric, beside, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = goal;
  const samplesOf = (name: string) =>
    entries.find(each => each.peer === name && each.failure === undefined)?.samples ?? [];
  const figure = ({ values }: Sample) => values[metric];
  const ours = samplesOf(peer);
  const theirs = beside === undefined ? undefined : samplesOf(beside);
  const values = theirs === undefined ? ours.flatMap(sample => figure(sample) ?? []) : ratiosOf(ours, theirs, figure);
  if (values.length === 0) return {};
  const { median, spread } = summarize(values);
  // as it is printed: nobody is to read that 1.100 is less than 1.1
  const value = Number(median.toFixed(digitsOf(goal)));
  const byWrk = theirs === undefined ? [] : ratiosOf(ours, theirs, ({ wrk }) => wrk);
  const wrk = byWrk.length > 0 && { wrk: summarize(byWrk).median };
  return { value, spread, isMet: value >= least && value <= most, ...wrk };
}

/** The report of all that was measured, and below it a line for each goal. */
export function targetText(report: TargetReport): string {
  const lines = report.targets.map(verdict => [
    ...[verdict.work, metrics[verdict.metric].label, valueText(verdict), goalText(verdict), standing(verdict)],
  ]);
  const heads = ['target', 'figure', 'reached', 'to reach', ''];
  return `${reportText(report)}\n${table([heads, ...lines]).join('\n')}\n`;
}

function valueText(verdict: Verdict): string {
  const { value, beside, wrk } = verdict;
  if (value === undefined) return '';
  const text = value.toFixed(digitsOf(verdict));
  if (beside === undefined) return text;
  return wrk === undefined ? `${text} of ${beside}` : `${text} of ${beside} (wrk ${wrk.toFixed(2)})`;
}

function digitsOf({ beside }: Goal): number {
  return beside === undefined ? 2 : 3;
}

/** `at least 1.15 of nginx`. */
export function goalText({ least, most, beside }: Goal): string {
  const bound = least === undefined ? `at most ${most}` : `at least ${least}`;
  return beside === undefined ? bound : `${bound} of ${beside}`;
}

function standing({ isMet, spread = 0 }: Verdict): string {
  if (isMet === undefined) return 'not measured';
  return `${isMet ? 'met' : 'NOT MET'}${spread > noisySpread ? '; noise' : ''}`;
}
