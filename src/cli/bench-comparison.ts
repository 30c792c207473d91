import { writeFileSync } from 'node:fs';
import { autocannonVersion } from '../bench/clients/cannon.js';
import { findWrk, wrkVersionOf } from '../bench/clients/wrk.js';
import { type Candidate, Comparison, type ComparisonSettings } from '../bench/comparison.js';
import { comparisonPage } from '../bench/html/page.js';
import { peerKinds, quickPeers } from '../bench/peers/all.js';
import type { PeerKind } from '../bench/peers/peer.js';
import { cores } from '../bench/pinning.js';
import { hasFailed, type PeerFacts, type Report, reportOf } from '../bench/report.js';
import { targetWorkloads } from '../bench/targets/rows.js';
import { reportText } from '../bench/text.js';
import { quickWorkloads, workloads } from '../bench/workloads/all.js';
import type { Plan, Workload } from '../bench/workloads/workload.js';
import { Workplace } from '../bench/workplace.js';
import { describeMachine } from '../tools/machine.js';
import { Interrupt } from '../tools/signals.js';
import { version } from '../version.js';
import type { BenchOptions } from './bench-options.js';
import { checkPlaceOf } from './bench-output.js';
import { raiseFileLimit, Steps } from './bench-steps.js';
import { nodePath, print } from './bytes.js';
import { UsageError } from './failure.js';
import { bytesOption, numberOption, secondsOption } from './option-values.js';
import { fullPath } from './place.js';

/** `zerocopy bench` without a URL: this server beside others. */
export async function benchComparison(options: BenchOptions): Promise<void> {
  if (options.list) {
    list();
    return;
  }
  const { settings, missing } = settingsOf(options);
  checkPlaceOf(options.html);
  const interrupt = new Interrupt();
  const report = await compare(settings, missing, interrupt.signal);
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 1)}\n` : reportText(report));
  if (options.html !== undefined) writeFileSync(nodePath(fullPath(options.html)), comparisonPage(report));
  process.exitCode = interrupt.code || (hasFailed(report) ? 1 : 0);
}

async function compare(settings: ComparisonSettings, missing: readonly string[], signal: AbortSignal): Promise<Report> {
  raiseFileLimit();
  const date = new Date().toISOString();
  const machine = describeMachine();
  const { plan, wrk } = settings;
  const peers = await Promise.all(settings.candidates.map(factsOf));
  const place = new Workplace();
  const progress = new Steps();
  const comparison = new Comparison(settings, place, (step, detail) => progress.show(step, detail), signal);
  try {
    await comparison.run();
  } finally {
    progress.clear();
    place.remove();
  }
  const bound = cores();
  const wrkVersion = wrk === undefined ? undefined : await wrkVersionOf(wrk);
  return {
    ...{ date, machine, peers, missing, plan, partial: signal.aborted },
    versions: { zerocopy: version, autocannon: autocannonVersion, ...(wrkVersion && { wrk: wrkVersion }) },
    ...(bound !== undefined && { cores: bound }),
    workloads: comparison.outcomes.map(outcome => reportOf(outcome, plan)),
  };
}

export async function factsOf({ kind, program }: Candidate): Promise<PeerFacts> {
  const { name, about, settings, notes } = kind;
  return { name, about, settings, notes, version: await kind.version(program) };
}

/** @throws UsageError */
function settingsOf(options: BenchOptions): { settings: ComparisonSettings; missing: string[] } {
  const kinds = choose('only', options.only, peerKinds, kind => isUsualPeer(kind, options));
  const { candidates, missing } = installed(kinds);
  const wrk = wrkOf(options['check-with-wrk'], options.quick);
  if (candidates.length === 0) throw new UsageError(`--only: ${missing.join(', ')} is not installed`);
  const settings = {
    candidates,
    workloads: workloadsOf(options, kinds),
    plan: planOf(options),
    ...(wrk !== undefined && { wrk }),
  };
  return { settings, missing };
}

/** The program of wrk where it is to measure too: asked for, it has to be there; usual, it may be. @throws UsageError */
export function wrkOf(isAsked: boolean, isUsual: boolean): string | undefined {
  const wrk = isAsked || isUsual ? findWrk() : undefined;
  if (isAsked && wrk === undefined) throw new UsageError('--check-with-wrk: wrk is not installed');
  return wrk;
}

/** Those of some servers that are there, and the names of those that are not. */
export function installed(kinds: readonly PeerKind[]): { candidates: Candidate[]; missing: string[] } {
  const found = kinds.map(kind => ({ kind, program: kind.find() }));
  const candidates = found.flatMap(({ kind, program }) => (program === undefined ? [] : [{ kind, program }]));
  const names = found
    .filter(({ program }) => program === undefined)
    .map(({ kind: { name, needs } }) => (needs === undefined ? name : `${name} (${needs})`));
  return { candidates, missing: [...new Set(names)] };
}

function isUsualPeer({ name, canSecure, isExperiment }: PeerKind, { quick, tls }: BenchOptions): boolean {
  if (isExperiment) return false;
  return tls ? canSecure === true : !quick || quickPeers.includes(name);
}

/** Those with HTTPS by themselves, or not at all; a quick look has some of both. @throws UsageError where nobody can do what was asked for */
function workloadsOf(options: BenchOptions, kinds: readonly PeerKind[]): Workload[] {
  const { quick, tls } = options;
  const canSecure = kinds.some(kind => kind.canSecure);
  const chosen = choose<Workload>('workload', options.workload, workloads, ({ name, secured }) => {
    const isSecured = secured !== undefined;
    if (isSecured && !canSecure && !tls) return false;
    return quick ? quickWorkloads.includes(name) && (isSecured || !tls) : isSecured === tls;
  });
  const secured = chosen.find(each => each.secured !== undefined);
  if (secured === undefined || canSecure) return chosen;
  const able = peerKinds.filter(kind => kind.canSecure).map(kind => kind.name);
  throw new UsageError(`--only: HTTPS (${secured.name}) is there for ${able.join(', ')}`);
}

export function planOf(options: BenchOptions): Plan {
  if (options.quick && options.full) throw new UsageError('--quick and --full: give one of them');
  const { quick, full } = options;
  const [rounds, seconds, slowRounds, downloadBytes] = quick
    ? [3, 0.8, 1, 1e9]
    : full
      ? [9, 3, 5, 5e9]
      : [5, 1, 3, 2e9];
  return {
    rounds: numberOption('rounds', options.rounds ?? `${rounds}`, 1, 1000),
    slowRounds: Math.min(slowRounds, Number(options.rounds ?? slowRounds)),
    connections: numberOption('connections', options.connections, 1, 5000),
    seconds: secondsOption('duration', options.duration ?? `${seconds}`, 0.1, 3600),
    downloadBytes: options.download === undefined ? downloadBytes : bytesOption('download', options.download, 1),
    slowClients: 1000,
  };
}

/** The members of a list with commas, in the order of all. @throws UsageError for a name that is none */
function choose<T extends PeerKind | Workload>(
  option: string,
  text: string | undefined,
  all: readonly T[],
  isUsual: (one: T) => boolean,
): T[] {
  if (text === undefined) return all.filter(isUsual);
  const names = text.split(',').map(name => name.trim());
  const unknown = names.find(name => !all.some(one => one.name === name));
  if (unknown === undefined) return all.filter(one => names.includes(one.name));
  throw new UsageError(`--${option} "${unknown}": there is ${all.map(one => one.name).join(', ')}`);
}

function list(): void {
  const plan = planOf({ connections: '50', quick: false, full: false } as BenchOptions);
  print('Servers (--only):\n');
  for (const kind of peerKinds) {
    print(`  ${kind.name.padEnd(14)}${kind.about}${kind.find() === undefined ? ' (not installed)' : ''}\n`);
  }
  print('Workloads (--workload):\n');
  const show = ({ name, title, about }: Workload) => print(`  ${name.padEnd(14)}${title}. ${about(plan)}\n`);
  for (const each of workloads) show(each);
  print('Works of --targets (--workload):\n');
  for (const each of targetWorkloads) show(each);
}
