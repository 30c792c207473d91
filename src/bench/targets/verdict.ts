import type { Machine } from '../../tools/machine.js';
import { quantile, type Summary, summarize } from '../../tools/statistics.js';
import { wrapped } from '../../tools/terminal-lines.js';
import type { Entry, Outcome } from '../comparison.js';
import { machineLine } from '../machine-line.js';
import { type MetricName, metrics } from '../metrics.js';
import { table } from '../table.js';
import { figureText } from '../text.js';
import type { Plan } from '../workloads/workload.js';
import type { Goal } from './rows.js';

/** What `bench --targets` has found: what `--json` prints. */
export interface TargetReport {
  /** ISO 8601. */
  readonly date: string;
  /** It was interrupted: what was measured until then. */
  readonly partial: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly plan: Plan;
  readonly rows: readonly RowVerdict[];
}

export interface RowVerdict {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** By server, what was measured. */
  readonly figures: Readonly<Record<string, Partial<Record<MetricName, Summary>>>>;
  readonly goals: readonly Verdict[];
  /** By server, or '' for all. */
  readonly failures: Readonly<Record<string, string>>;
}

/** A goal, and how it stands. */
export interface Verdict extends Goal {
  /** The figure itself, or the median of the rounds' ratios. Absent where it was not measured. */
  readonly value?: number;
  readonly isMet?: boolean;
}

export function verdictOn({ workload, entries, skipped }: Outcome, goals: readonly Goal[], plan: Plan): RowVerdict {
  const failed = entries.flatMap(({ peer, failure }) => (failure === undefined ? [] : [[peer, failure] as const]));
  return {
    ...{ name: workload.name, title: workload.title, about: workload.about(plan) },
    figures: Object.fromEntries(entries.map(entry => [entry.peer, figuresOf(entry, workload.metrics)])),
    goals: goals.map(goal => judge(goal, entries)),
    failures: Object.fromEntries(skipped === undefined ? failed : [...failed, ['', skipped]]),
  };
}

function figuresOf({ samples }: Entry, names: readonly MetricName[]): Partial<Record<MetricName, Summary>> {
  const found = names.map(name => [name, samples.flatMap(({ values }) => values[name] ?? [])] as const);
  return Object.fromEntries(
    found.filter(([, values]) => values.length > 0).map(([name, values]) => [name, summarize(values)]),
  );
}

function judge(goal: Goal, entries: readonly Entry[]): Verdict {
  const { peer, metric, beside, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = goal;
  const samplesOf = (name: string) =>
    entries.find(each => each.peer === name && each.failure === undefined)?.samples ?? [];
  const others = beside === undefined ? null : samplesOf(beside);
  // of each round: a machine that gets slower from one to the next does so for both
  const values = samplesOf(peer).flatMap((sample, round) => {
    const [ours, theirs] = [sample.values[metric], others === null ? 1 : others[round]?.values[metric]];
    return ours === undefined || theirs === undefined ? [] : [ours / theirs];
  });
  if (values.length === 0) return goal;
  const value = quantile(values, 0.5);
  return { ...goal, value, isMet: value >= least && value <= most };
}

/** Whether something has failed: the exit code is then 1. A target that is not met is no failure. */
export function hasFailed({ rows }: TargetReport): boolean {
  return rows.some(({ failures }) => Object.keys(failures).length > 0);
}

const lineWidth = 110;

export function targetText({ date, partial, machine, versions, plan, rows }: TargetReport): string {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`.trim());
  const lines = [
    `Zerocopy beside others, and its targets, ${date}${partial ? ': PARTIAL, it was interrupted' : ''}`,
    `machine  ${machineLine(machine)}`,
    `servers  ${programs.join(', ')}; one worker each, with an access log (lighttpd writes its own in blocks)`,
    `rounds   ${plan.rounds} in turn; median ± spread (interquartile range / median); ratios are medians of the rounds' ratios`,
    ...rows.flatMap(row => ['', ...rowLines(row)]),
    '',
    ...table(summaryOf(rows)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function rowLines({ title, about, figures, failures }: RowVerdict): string[] {
  const names = [...new Set(Object.values(figures).flatMap(each => Object.keys(each) as MetricName[]))];
  const measured = Object.entries(figures).filter(([, each]) => Object.keys(each).length > 0);
  const cells = measured.map(([peer, each]) => [`  ${peer}`, ...names.map(name => figureText(each[name], name))]);
  return [
    title,
    ...wrapped(about, lineWidth, '  ').map(({ text }) => text),
    ...(cells.length === 0 ? [] : table([['', ...names.map(name => metrics[name].label)], ...cells])),
    ...Object.entries(failures).map(
      ([peer, reason]) => `  ${peer === '' ? 'not measured' : `${peer}: not ranked`}: ${reason}`,
    ),
  ];
}

/** One line for each goal. */
function summaryOf(rows: readonly RowVerdict[]): string[][] {
  const lines = rows.flatMap(({ title, goals }) =>
    goals.map(goal => [title, metrics[goal.metric].label, valueText(goal), goalText(goal), standing(goal)]),
  );
  return [['work', 'figure', 'reached', 'target', ''], ...lines];
}

function valueText({ value, beside }: Verdict): string {
  return value === undefined ? '' : `${value.toFixed(2)}${beside === undefined ? '' : ` of ${beside}`}`;
}

function goalText({ least, most }: Goal): string {
  return least === undefined ? `at most ${most}` : `at least ${least}`;
}

function standing({ isMet }: Verdict): string {
  if (isMet === undefined) return 'not measured';
  return isMet ? 'met' : 'NOT MET';
}
