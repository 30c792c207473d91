/** Sizes and rates as the experiments print them. */

const KILO = 1024;
const sizeUnits = ['', 'K', 'M', 'G', 'T'];

/** Bytes for a sentence, in three digits at most: `71.2 GB`. A GB is 2^30 bytes, as in the paper. */
export function roughSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < sizeUnits.length - 1) {
    value /= KILO;
    unit += 1;
  }
  return `${trim(value)} ${sizeUnits[unit]}B`;
}

/** A number of three digits or so: 0.0931, 2.08, 51.5, 1240. */
export function trim(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return value.toFixed(digits);
}

/** 10^9 bits a second. */
export function gigabits(bytes: number, seconds: number): number {
  return seconds > 0 ? (bytes * 8) / 1e9 / seconds : 0;
}
