import type { Machine } from '../tools/machine.js';
import { noisySpread, quantile, type Summary, summarize } from '../tools/statistics.js';
import { clientLimit } from './clients/cannon.js';
import type { Entry, Outcome } from './comparison.js';
import { Histogram, type HistogramData } from './histogram.js';
import { type MetricName, metrics } from './metrics.js';
import { counterparts, referencePeer } from './peers/all.js';
import type { TlsVersion } from './secured.js';
import type { Plan, Sample, Workload } from './workloads/workload.js';
import { agreementOf, type WrkAgreement } from './wrk-agreement.js';

/** What a comparison has found: what `--json` prints, with nothing left to work out. */
export interface Report {
  /** ISO 8601. */
  readonly date: string;
  /** It was interrupted: what was measured until then. */
  readonly partial: boolean;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly peers: readonly PeerFacts[];
  /** Servers that were asked for, or would have been, and are not installed. */
  readonly missing: readonly string[];
  /** The cores that servers and clients were bound to, where they were. */
  readonly cores?: { readonly server: number; readonly client: number };
  readonly plan: Plan;
  readonly workloads: readonly WorkloadReport[];
}

export interface Versions {
  readonly zerocopy: string;
  /** Where it measured. */
  readonly autocannon?: string;
  readonly wrk?: string;
}

export interface PeerFacts {
  readonly name: string;
  readonly about: string;
  readonly version: string;
  readonly settings: string;
  readonly notes: readonly string[];
}

export interface WorkloadReport {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly rounds: number;
  readonly metrics: readonly MetricName[];
  /** The best first, those that are not ranked last. */
  readonly rows: readonly Row[];
  /** Where it is HTTPS. */
  readonly tls?: TlsVersion;
  readonly skipped?: string;
  readonly wrk?: WrkAgreement;
}

/** One server in one workload. */
export interface Row {
  readonly peer: string;
  readonly figures: Partial<Record<MetricName, Summary>>;
  /** Its first figure divided by the reference's, where that was measured. */
  readonly ratio?: number;
  readonly target?: TargetResult;
  /** With HTTPS: whether the kernel encrypted for it (kTLS). */
  readonly ktls?: boolean;
  /** Figures whose spread is too wide to trust them. */
  readonly noisy: readonly MetricName[];
  /** Our own client was at the end of its core: the server might do more. */
  readonly clientLimited: boolean;
  /** Answers whose status and length were checked, and bodies whose checksum was. */
  readonly requests: number;
  readonly hashed: number;
  /** Of all rounds. */
  readonly latency?: HistogramData;
  /** Why it is not ranked. */
  readonly failure?: string;
}

/** What a figure of this server's is beside its counterpart's. */
export interface TargetResult {
  readonly metric: MetricName;
  readonly beside: string;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
  readonly most: number;
  readonly isMet: boolean;
}

export function reportOf(outcome: Outcome, plan: Plan): WorkloadReport {
  const { workload, entries, skipped } = outcome;
  const [first] = workload.metrics;
  const reference = entries.find(({ peer, failure }) => peer === referencePeer && failure === undefined);
  const base = reference === undefined ? undefined : figureOf(reference, first!)?.median;
  const rows = entries
    .map(entry => ({ ...rowOf(entry, workload.metrics, base), ...targetOf(entry, entries, workload) }))
    .sort(byRank(first!));
  const wrk = agreementOf(rows, entries);
  return {
    ...{ name: workload.name, title: workload.title, about: workload.about(plan), rounds: workload.rounds(plan) },
    ...{ metrics: workload.metrics, rows },
    ...(workload.secured !== undefined && { tls: workload.secured.version }),
    ...(skipped !== undefined && { skipped }),
    ...(wrk !== undefined && { wrk }),
  };
}

/** Whether something has failed: the exit code is then 1. */
export function hasFailed({ workloads }: Report): boolean {
  return workloads.some(({ rows, skipped }) => skipped !== undefined || rows.some(row => row.failure !== undefined));
}

function rowOf(entry: Entry, names: readonly MetricName[], base: number | undefined): Row {
  const { peer, samples, failure } = entry;
  const found = names.map(name => [name, figureOf(entry, name)] as const);
  const figures = Object.fromEntries(found.filter(([, summary]) => summary !== undefined));
  const ours = figures[names[0]!]?.median;
  const ktls = samples.flatMap(sample => sample.ktls ?? []);
  const histograms = samples.flatMap(({ latency }) => latency ?? []);
  return {
    ...{ peer, figures },
    noisy: found.flatMap(([name, summary]) => (summary !== undefined && summary.spread > noisySpread ? [name] : [])),
    clientLimited: isClientLimited(samples),
    requests: sum(samples.map(({ requests }) => requests)),
    hashed: sum(samples.map(({ hashed }) => hashed)),
    ...(ktls.length > 0 && { ktls: ktls.every(each => each) }),
    ...(histograms.length > 0 && { latency: merged(histograms) }),
    ...(failure === undefined && base !== undefined && ours !== undefined && { ratio: ours / base }),
    ...(failure !== undefined && { failure }),
  };
}

function targetOf(
  { peer, samples, failure }: Entry,
  entries: readonly Entry[],
  { target }: Workload,
): Pick<Row, 'target'> {
  const beside = counterparts[peer];
  const other = entries.find(each => each.peer === beside && each.failure === undefined);
  if (target === undefined || beside === undefined || other === undefined || failure !== undefined) return {};
  const { metric, most } = target;
  const ratios = ratiosOf(samples, other.samples, ({ values }) => values[metric]);
  if (ratios.length === 0) return {};
  const ratio = quantile(ratios, 0.5);
  return { target: { metric, beside, ratio, most, isMet: ratio <= most } };
}

/** Of each round: a machine that gets slower from one to the next does so for both. */
export function ratiosOf(
  samples: readonly Sample[],
  others: readonly Sample[],
  figure: (sample: Sample) => number | undefined,
): number[] {
  return samples.flatMap((sample, round) => {
    const other = others[round];
    const [ours, theirs] = [figure(sample), other && figure(other)];
    return ours === undefined || theirs === undefined ? [] : [ours / theirs];
  });
}

function isClientLimited(samples: Entry['samples']): boolean {
  const loads = samples.flatMap(({ clientLoad }) => clientLoad ?? []);
  return loads.length > 0 && quantile(loads, 0.5) > clientLimit;
}

function figureOf({ samples }: Entry, name: MetricName): Summary | undefined {
  const values = samples.flatMap(sample => sample.values[name] ?? []);
  return values.length === 0 ? undefined : summarize(values);
}

/** Those with a figure before those without, and these before those that have failed. */
function byRank(first: MetricName): (a: Row, b: Row) => number {
  const sign = metrics[first].better === 'more' ? -1 : 1;
  const worst = Number.MAX_VALUE;
  const key = ({ figures, failure }: Row) => {
    const median = figures[first]?.median;
    return failure !== undefined || median === undefined ? worst : sign * median;
  };
  return (a, b) => key(a) - key(b);
}

function merged(histograms: readonly HistogramData[]): HistogramData {
  const all = new Histogram();
  for (const each of histograms) all.merge(each);
  return all.toJSON();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
