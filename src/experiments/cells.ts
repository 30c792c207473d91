import { noisySpread, quantile, summarize } from '../tools/statistics.js';
import type { EndReport } from '../transfer/report.js';
import type { Cell, Peer, Ratio, Sample } from './result.js';
import type { Transfer } from './transfer.js';

/** From transfers to the figures of a table. */

const gigabyte = 1e9;
/** Seconds: what is shorter is the start and the end of a transfer, for the most part. */
const short = 0.05;

/** Both ends' reports. */
export type Ends = Pick<Transfer, 'sender' | 'receiver'>;

/** What each run came to. The receiver's time counts, for what has not arrived has not been sent. */
export function samplesOf(runs: readonly Ends[]): Sample[] {
  return runs.map(({ sender, receiver }) => ({
    gigabitsPerSecond: receiver.gigabitsPerSecond,
    seconds: receiver.seconds,
    senderCpuPerGB: cpuPerGigabyte(sender),
    receiverCpuPerGB: cpuPerGigabyte(receiver),
    callsPerGB: { sender: sender.callsPerGigabyte, receiver: receiver.callsPerGigabyte },
  }));
}

function cpuPerGigabyte({ bytes, cost }: EndReport): number {
  return bytes > 0 ? ((cost.userSeconds + cost.systemSeconds) / bytes) * gigabyte : 0;
}

/** What a cell shows of its samples. */
export interface Measure {
  readonly unit: string;
  readonly of: (sample: Sample) => number;
}

export const rate: Measure = { unit: 'Gbit/s', of: sample => sample.gigabitsPerSecond };
export const seconds: Measure = { unit: 's', of: sample => sample.seconds };
export const milliseconds: Measure = { unit: 'ms', of: sample => sample.seconds * 1000 };
export const senderCpu: Measure = { unit: 's CPU/GB', of: sample => sample.senderCpuPerGB };
export const receiverCpu: Measure = { unit: 's CPU/GB', of: sample => sample.receiverCpuPerGB };

export interface CellSettings {
  readonly row: string;
  readonly column: string;
  readonly measure?: Measure;
  /** Of each run, where it is not in its sample. */
  readonly values?: readonly number[];
  readonly paper?: number | undefined;
  /** The same figure of another program, of the same rounds. */
  readonly peer?: { readonly name: string; readonly values: readonly number[] } | undefined;
}

/** @throws RangeError without a sample */
export function cellOf(settings: CellSettings, samples: readonly Sample[]): Cell {
  const { row, column, measure = rate, paper, peer } = settings;
  const { median, spread } = summarize(settings.values ?? samples.map(measure.of));
  return {
    ...{ label: `${row}, ${column}`, row, column, samples, median, spread, unit: measure.unit },
    ...(paper === undefined ? {} : { paper }),
    ...(peer === undefined || peer.values.length === 0 ? {} : { peer: peerOf(peer.name, peer.values, median) }),
  };
}

function peerOf(name: string, values: readonly number[], ours: number): Peer {
  const { median } = summarize(values);
  return { name, median, ratio: ours / median };
}

/** `above` over `below`. */
export function ratioOf(label: string, above: Cell, below: Cell, paper?: number): Ratio {
  return { label, ours: above.median / below.median, ...(paper === undefined ? {} : { paper }) };
}

/** The run whose rate is the median, or the one above it: the one to show second by second. @throws RangeError without a run */
export function typical<T extends Ends>(runs: readonly T[]): T {
  const sorted = [...runs].sort((a, b) => a.receiver.gigabitsPerSecond - b.receiver.gigabitsPerSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('no runs');
  return middle;
}

export function medianOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return quantile(samples.map(of), 0.5);
}

/** Whether the figures can be trusted: which of them scatter, that there is but one of each, or that they are of a moment. */
export function noiseNotes(cells: readonly Cell[]): string[] {
  const scattered = cells
    .filter(({ spread }) => spread > noisySpread)
    .map(({ label, unit, spread }) => `${label} (${unit}) ${(spread * 100).toFixed(0)} %`);
  const notes =
    scattered.length === 0
      ? []
      : [
          `Noise: these have a spread (interquartile range / median) of more than ${noisySpread * 100} %: ${scattered.join('; ')}. Run it again on a quiet machine, or with more --runs.`,
        ];
  const most = Math.max(0, ...cells.map(({ samples }) => samples.length));
  if (most === 1) notes.push('One run of each: good for a look, not for a comparison.');
  const isShort = cells.some(
    ({ unit, samples }) => unit === rate.unit && medianOf(samples, one => one.seconds) < short,
  );
  if (isShort) notes.push(`Some took less than ${short * 1000} ms, which says little of a rate: give a larger --size.`);
  return notes;
}
