/** What several measurements of one thing come to. */
export interface Summary {
  readonly median: number;
  /** The interquartile range as a share of the median: 0.05 is 5 %. */
  readonly spread: number;
  readonly samples: readonly number[];
}

/** Above this spread a figure is marked as noise. */
export const noisySpread = 0.15;

/**
 * A quantile, between two samples by linear interpolation (type 7 of Hyndman and Fan, as R and NumPy have it).
 * @param samples in any order, at least one
 * @param share 0 to 1; 0.5 is the median
 * @throws RangeError without a sample
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (place - below);
}

/**
 * Median and spread.
 * @throws RangeError without a sample
 */
export function summarize(samples: readonly number[]): Summary {
  const median = quantile(samples, 0.5);
  const range = quantile(samples, 0.75) - quantile(samples, 0.25);
  return { median, spread: range === 0 ? 0 : range / Math.abs(median), samples };
}
