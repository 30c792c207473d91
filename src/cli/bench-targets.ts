import { Comparison, type ProgressReport } from '../bench/comparison.js';
import { startGoal, type TargetRow, targetRows } from '../bench/targets/rows.js';
import { measureStarts } from '../bench/targets/start.js';
import { hasFailed, type RowVerdict, type TargetReport, targetText, verdictOn } from '../bench/targets/verdict.js';
import type { Plan } from '../bench/workloads/workload.js';
import { Workplace } from '../bench/workplace.js';
import { describeMachine } from '../tools/machine.js';
import { Interrupt } from '../tools/signals.js';
import { planOf } from './bench-comparison.js';
import type { BenchOptions } from './bench-options.js';
import { raiseFileLimit, Steps } from './bench-steps.js';
import { UsageError } from './failure.js';

/** `zerocopy bench --targets`: what this server is to reach beside others, and whether it does. */
export async function benchTargets(options: BenchOptions): Promise<void> {
  const wrong = (['tls', 'only', 'html', 'check-with-wrk'] as const).find(name => options[name]);
  if (wrong !== undefined) throw new UsageError(`--${wrong} does not go with --targets`);
  const chosen = chooseRows(options.workload);
  raiseFileLimit();
  const plan = planOf(options);
  const interrupt = new Interrupt();
  const report = await measure(chosen, plan, interrupt.signal);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : targetText(report));
  process.exitCode = interrupt.code || (hasFailed(report) ? 1 : 0);
}

interface Chosen {
  readonly rows: readonly TargetRow[];
  readonly start: boolean;
}

const startName = 'start';

/** @throws UsageError */
function chooseRows(text: string | undefined): Chosen {
  if (text === undefined) return { rows: targetRows, start: true };
  const names = text.split(',').map(name => name.trim());
  const all = [...targetRows.map(({ workload }) => workload.name), startName];
  const unknown = names.find(name => !all.includes(name));
  if (unknown !== undefined) throw new UsageError(`--workload "${unknown}": with --targets there is ${all.join(', ')}`);
  return { rows: targetRows.filter(({ workload }) => names.includes(workload.name)), start: names.includes(startName) };
}

async function measure({ rows, start }: Chosen, plan: Plan, signal: AbortSignal): Promise<TargetReport> {
  const date = new Date().toISOString();
  const machine = describeMachine();
  const steps = new Steps();
  const progress: ProgressReport = (step, detail) => steps.show(step, detail);
  const place = new Workplace();
  const verdicts: RowVerdict[] = [];
  try {
    for (const row of rows) {
      if (signal.aborted) break;
      verdicts.push(await measureRow(row, plan, place, progress, signal));
    }
    if (start && !signal.aborted) {
      verdicts.push(verdictOn(await measureStarts(plan.rounds, place, progress, signal), [startGoal], plan));
    }
  } finally {
    steps.clear();
    place.remove();
  }
  return { date, machine, plan, partial: signal.aborted, versions: await versionsOf(rows), rows: verdicts };
}

async function measureRow(
  { workload, peers, goals }: TargetRow,
  plan: Plan,
  place: Workplace,
  progress: ProgressReport,
  signal: AbortSignal,
): Promise<RowVerdict> {
  const candidates = peers.flatMap(kind => {
    const program = kind.find();
    return program === undefined ? [] : [{ kind, program }];
  });
  const comparison = new Comparison({ candidates, workloads: [workload], plan }, place, progress, signal);
  await comparison.run();
  return verdictOn(comparison.outcomes[0]!, goals, plan);
}

/** Of those that are installed. */
async function versionsOf(rows: readonly TargetRow[]): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const kind of rows.flatMap(({ peers }) => peers)) {
    const program = kind.find();
    if (program !== undefined) versions[kind.name] ??= await kind.version(program);
  }
  return versions;
}
