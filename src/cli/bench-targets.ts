import { wrkVersionOf } from '../bench/clients/wrk.js';
import {
  type Candidate,
  Comparison,
  type ComparisonSettings,
  type Outcome,
  type ProgressReport,
} from '../bench/comparison.js';
import { cores } from '../bench/pinning.js';
import { hasFailed, reportOf } from '../bench/report.js';
import { type Goal, startGoal, type TargetRow, targetRows, targetWorkloads } from '../bench/targets/rows.js';
import { measureStarts, startWorkload } from '../bench/targets/start.js';
import { type TargetReport, targetText, type Verdict, verdictsOn } from '../bench/targets/verdict.js';
import { Workplace } from '../bench/workplace.js';
import { describeMachine } from '../tools/machine.js';
import { Interrupt } from '../tools/signals.js';
import { version } from '../version.js';
import { factsOf, installed, planOf, wrkOf } from './bench-comparison.js';
import type { BenchOptions } from './bench-options.js';
import { raiseFileLimit, Steps } from './bench-steps.js';
import { UsageError } from './failure.js';

/** `zerocopy bench --targets`: what this server is to reach beside others, and whether it does. */
export async function benchTargets(options: BenchOptions): Promise<void> {
  const wrong = (['tls', 'only', 'html'] as const).find(name => options[name]);
  if (wrong !== undefined) throw new UsageError(`--${wrong} does not go with --targets`);
  const chosen = chooseRows(options.workload);
  raiseFileLimit();
  const wrk = wrkOf(options['check-with-wrk'], false);
  const settings = { plan: planOf(withDownloads(options)), ...(wrk !== undefined && { wrk }) };
  const interrupt = new Interrupt();
  const report = await measure(chosen, settings, interrupt.signal);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : targetText(report));
  process.exitCode = interrupt.code || (hasFailed(report) ? 1 : 0);
}

/** There are few servers: each may have five downloads of 1 GB in a round, which are less at the mercy of chance than two. */
function withDownloads(options: BenchOptions): BenchOptions {
  return options.quick || options.download !== undefined ? options : { ...options, download: '5g' };
}

interface Chosen {
  readonly rows: readonly TargetRow[];
  readonly start: boolean;
}

/** @throws UsageError */
function chooseRows(text: string | undefined): Chosen {
  if (text === undefined) return { rows: targetRows, start: true };
  const names = text.split(',').map(name => name.trim());
  const all = targetWorkloads.map(({ name }) => name);
  const unknown = names.find(name => !all.includes(name));
  if (unknown !== undefined) throw new UsageError(`--workload "${unknown}": with --targets there is ${all.join(', ')}`);
  return {
    rows: targetRows.filter(({ workload }) => names.includes(workload.name)),
    start: names.includes(startWorkload.name),
  };
}

async function measure(
  { rows, start }: Chosen,
  settings: Pick<ComparisonSettings, 'plan' | 'wrk'>,
  signal: AbortSignal,
): Promise<TargetReport> {
  const { plan, wrk } = settings;
  const date = new Date().toISOString();
  const machine = describeMachine();
  const steps = new Steps();
  const progress: ProgressReport = (step, detail) => steps.show(step, detail);
  const place = new Workplace();
  const { candidates, missing } = installed(rows.flatMap(({ peers }) => peers));
  const outcomes: Outcome[] = [];
  const targets: Verdict[] = [];
  const add = (outcome: Outcome, goals: readonly Goal[]) => {
    outcomes.push(outcome);
    targets.push(...verdictsOn(outcome, goals));
  };
  try {
    for (const { workload, peers, goals } of rows) {
      if (signal.aborted) break;
      const theirs = installed(peers).candidates;
      const comparison = new Comparison(
        { ...settings, candidates: theirs, workloads: [workload] },
        place,
        progress,
        signal,
      );
      await comparison.run();
      add(comparison.outcomes[0]!, goals);
    }
    if (start && !signal.aborted) add(await measureStarts(plan.rounds, place, progress, signal), [startGoal]);
  } finally {
    steps.clear();
    place.remove();
  }
  const bound = cores();
  return {
    ...{ date, machine, missing, plan, targets, partial: signal.aborted },
    peers: await Promise.all(differing(candidates).map(factsOf)),
    versions: { zerocopy: version, ...(wrk !== undefined && { wrk: await wrkVersionOf(wrk) }) },
    ...(bound !== undefined && { cores: bound }),
    workloads: outcomes.map(outcome => reportOf(outcome, plan)),
  };
}

/** One of each name and settings: many rows have the same servers. */
function differing(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map(each => [`${each.kind.name}: ${each.kind.settings}`, each])).values()];
}
