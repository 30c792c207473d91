import { describeMachine } from '../tools/machine.js';
import { banner, findProgram } from '../tools/programs.js';
import { version } from '../version.js';
import { compare } from './compare.js';
import type { Recorder } from './record.js';
import { recordScenario } from './record-scenario.js';
import type { Check, PairComparison, Recording, TraceReport } from './report.js';
import type { Mode, Scenario, ScenarioSettings } from './scenario.js';
import { chooseWay, nginxWay, type Way } from './ways.js';

export interface RunOptions {
  readonly scenario: Scenario;
  readonly settings: ScenarioSettings;
  readonly modes: readonly Mode[];
  readonly recorder: Recorder | 'auto';
  readonly against: 'nginx' | undefined;
  readonly commandLine: string;
  /** Told what goes on. */
  readonly progress: (text: string) => void;
}

/** A report, and what was asked for and could not be had: each with how to get it. */
export interface Outcome {
  readonly report: TraceReport;
  readonly missing: readonly string[];
}

/**
 * Runs a scenario, records it in each mode, and judges the recordings.
 * @throws MissingError when strace was asked for and cannot be used
 */
export async function runScenario(options: RunOptions): Promise<Outcome> {
  const { scenario, settings, modes, progress } = options;
  const { way, notes } = await chooseWay(options.recorder);
  const nginx = options.against === 'nginx' ? await nginxWay() : { missing: '' };
  const missing = 'missing' in nginx && nginx.missing !== '' ? [nginx.missing] : [];
  const ways = { zerocopy: way, ...('way' in nginx ? { nginx: nginx.way } : {}) };
  const hasNginx = 'nginx' in ways;
  const recordings: Recording[] = [];
  const checks: Check[] = [];
  for (const mode of modes) {
    for (const [program, way] of Object.entries(ways) as ['zerocopy' | 'nginx', Way][]) {
      const label = `${hasNginx ? `${program}, ` : ''}sendfile ${mode}`;
      const recording = await recordScenario({ scenario, settings, program, mode, way, label, progress });
      recordings.push(recording);
      checks.push(...scenario.check(recording, settings, mode).map(check => named(label, check)));
    }
  }
  const comparisons = comparePairs(recordings, hasNginx);
  checks.push(...comparisons.filter(({ expectsSame }) => expectsSame).map(pair => sameAnswers(recordings, pair)));
  return {
    report: {
      ...(await heading(options, hasNginx)),
      recordings,
      comparisons,
      checks,
      notes: [...missing, ...notes],
      buffers: null,
      copies: scenario.copies?.(recordings) ?? null,
    },
    missing,
  };
}

/** What every report begins with. */
export async function heading(
  { scenario, settings, commandLine }: RunOptions,
  hasNginx: boolean,
): Promise<Pick<TraceReport, 'scenario' | 'commandLine' | 'date' | 'machine' | 'servers'>> {
  return {
    scenario: { name: scenario.name, title: scenario.title(settings), about: scenario.about },
    commandLine,
    date: new Date().toISOString(),
    machine: describeMachine(),
    servers: { zerocopy: version, ...(hasNginx ? { nginx: await nginxVersion() } : {}) },
  };
}

async function nginxVersion(): Promise<string> {
  const said = await banner(findProgram('nginx') ?? 'nginx', '-v');
  return /nginx\/(\S+)/.exec(said)?.[1] ?? 'unknown';
}

const named = (label: string, check: Check): Check => ({ ...check, name: `${label}: ${check.name}` });

/** Zerocopy against nginx in each mode, and the modes of Zerocopy against each other. */
function comparePairs(recordings: readonly Recording[], hasNginx: boolean): PairComparison[] {
  const pairs: [number, number, boolean][] = [];
  const ours = recordings.flatMap(({ program }, at) => (program === 'zerocopy' ? [at] : []));
  if (hasNginx) pairs.push(...ours.map((at): [number, number, boolean] => [at, at + 1, true]));
  if (ours.length === 2) pairs.push([ours[0], ours[1], false]);
  return pairs.map(([a, b, expectsSame]) => pairOf(recordings, a, b, expectsSame));
}

/** @param expectsSame whether a difference speaks against one of them */
export function pairOf(recordings: readonly Recording[], a: number, b: number, expectsSame: boolean): PairComparison {
  const [one, other] = [recordings[a], recordings[b]];
  return { a, b, expectsSame, comparison: compare(one.normal, other.normal, [one.label, other.label]) };
}

/** The texts of error pages are each server's own: their length is not compared. */
function sameAnswers(recordings: readonly Recording[], { a, b }: PairComparison): Check {
  const [one, other] = [a, b].map(at => {
    const { answers, classification } = recordings[at];
    const words = answers.map(({ status, bytes }) => `${status}${status < 400 ? ` with ${bytes} bytes` : ''}`);
    return `${words.join(', ')}; the file goes by ${paths[classification.sendfile]}`;
  });
  const name = `${recordings[a].label} and ${recordings[b].label}: the same answers, by the same way`;
  return { name, ok: one === other, detail: one === other ? one : `${one} / ${other}` };
}

const paths = { on: 'sendfile', off: 'read and write', mixed: 'both ways', none: 'neither way' } as const;
