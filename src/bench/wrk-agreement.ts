import { quantile, type Summary, summarize } from '../tools/statistics.js';
import type { Entry } from './comparison.js';
import type { Row } from './report.js';

/** Our own client's figures beside wrk's, which has measured right after it. */
export interface WrkAgreement {
  readonly rows: readonly WrkRow[];
  /** The largest distance of a ratio from 1. */
  readonly distance: number;
  /** Pairs that the two have in another order, and not only because they are as good as equal. */
  readonly swapped: readonly (readonly [better: string, worse: string])[];
}

export interface WrkRow {
  readonly peer: string;
  /** Requests a second. */
  readonly ours: Summary;
  readonly wrk: Summary;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
}

/** Two servers that are nearer to each other than this are as good as equal. */
const equal = 0.05;
/** The figures agree where they are nearer than this. */
export const agreed = 0.15;

/**
 * @param rows by our figures, the best first
 * @returns undefined where wrk has measured nothing
 */
export function agreementOf(rows: readonly Row[], entries: readonly Entry[]): WrkAgreement | undefined {
  const compared = rows.flatMap(({ peer, failure }): WrkRow[] => {
    const samples = entries.find(entry => entry.peer === peer)?.samples ?? [];
    const pairs = samples.flatMap(({ values, wrk }) => (values.rate && wrk ? [{ ours: values.rate, wrk }] : []));
    if (failure !== undefined || pairs.length === 0) return [];
    const [ours, wrk] = [summarize(pairs.map(pair => pair.ours)), summarize(pairs.map(pair => pair.wrk))];
    // of each round: a machine that gets slower from one to the next does so for both
    const ratio = quantile(
      pairs.map(pair => pair.ours / pair.wrk),
      0.5,
    );
    return [{ peer, ours, wrk, ratio }];
  });
  if (compared.length === 0) return undefined;
  const distance = Math.max(...compared.map(({ ratio }) => Math.abs(ratio - 1)));
  return { rows: compared, distance, swapped: swappedPairs(compared) };
}

/** @param rows by our figures, the best first */
function swappedPairs(rows: readonly WrkRow[]): [string, string][] {
  return rows.flatMap((better, at) =>
    rows
      .slice(at + 1)
      .filter(worse => isBelow(better.wrk, worse.wrk) && isBelow(worse.ours, better.ours))
      .map((worse): [string, string] => [better.peer, worse.peer]),
  );
}

/** By more than what is as good as equal, or than what the figures themselves spread. */
function isBelow(one: Summary, other: Summary): boolean {
  const margin = Math.max(equal, one.spread, other.spread);
  return one.median < other.median * (1 - margin);
}
