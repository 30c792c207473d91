/**
 * A histogram of times with bounded memory: each power of two of microseconds is cut into 64 steps, so that a value is
 * known to 1.6 % whatever its size. (autocannon's own counts whole milliseconds, and a small file takes less than one.)
 */

const stepBits = 6;
const steps = 2 ** stepBits;
/** An hour and more: nobody waits that long for an answer. */
const most = 2 ** 32 - 1;

/** A stretch of values and how many fell into it. */
export interface Bucket {
  /** Microseconds: from (inclusive) to (exclusive). */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A histogram as JSON: pairs of a step's number and its count, and the largest value. */
export interface HistogramData {
  readonly counts: readonly (readonly [step: number, count: number])[];
  readonly max: number;
}

export class Histogram {
  private readonly counts = new Float64Array(stepOf(most) + 1);
  private total = 0;
  private largest = 0;

  get count(): number {
    return this.total;
  }

  /** Microseconds; 0 where nothing was recorded. */
  get max(): number {
    return this.largest;
  }

  /** @param microseconds a fraction counts as the whole number below it */
  record(microseconds: number, times = 1): void {
    const value = Math.min(most, Math.max(0, Math.floor(microseconds)));
    this.counts[stepOf(value)]! += times;
    this.total += times;
    if (value > this.largest) this.largest = value;
  }

  /** The value below which the share of all values lies: the middle of its step. 0 where nothing was recorded. */
  quantile(share: number): number {
    let left = Math.ceil(this.total * share);
    for (const [step, count] of this.used()) {
      left -= count;
      if (left > 0) continue;
      return Math.min(this.largest, (startOf(step) + startOf(step + 1) - 1) / 2);
    }
    return 0;
  }

  /** The counts by powers of two, from the first that has any to the last. */
  octaves(): Bucket[] {
    const byOctave = new Map<number, number>();
    for (const [step, count] of this.used()) {
      const octave = Math.floor(Math.log2(Math.max(1, startOf(step))));
      byOctave.set(octave, (byOctave.get(octave) ?? 0) + count);
    }
    const known = [...byOctave.keys()];
    const [first, last] = [Math.min(...known), Math.max(...known)];
    return Array.from({ length: known.length === 0 ? 0 : last - first + 1 }, (_, at) => {
      const octave = first + at;
      return { from: octave === 0 ? 0 : 2 ** octave, to: 2 ** (octave + 1), count: byOctave.get(octave) ?? 0 };
    });
  }

  toJSON(): HistogramData {
    return { counts: this.used(), max: this.largest };
  }

  /** Adds what another one has counted. */
  merge({ counts, max }: HistogramData): this {
    for (const [step, count] of counts) {
      this.counts[step]! += count;
      this.total += count;
    }
    this.largest = Math.max(this.largest, max);
    return this;
  }

  /** The steps that have counts, in their order. */
  private used(): [step: number, count: number][] {
    return [...this.counts.entries()].filter(([, count]) => count > 0);
  }
}

function stepOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - stepBits);
  return shift * steps + (value >>> shift);
}

/** The least value of a step. */
function startOf(step: number): number {
  const shift = Math.max(0, Math.floor(step / steps) - 1);
  return (step - shift * steps) * 2 ** shift;
}
