/** Numbers as a reader wants them. */

/** `4,862`; of a fraction, three digits at most. By hand: Intl costs a command 10 ms at its start. */
export function count(value: number): string {
  const [whole, fraction] = String(Math.round(value * 1000) / 1000).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1 call`, `4,862 calls`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function rounded(value: number): string {
  return value >= 100 || Number.isInteger(value) ? count(Math.round(value)) : `${Number(value.toPrecision(3))}`;
}

/** `251 bytes`, `32.8 kB`, `104.9 MB`: powers of ten, as disks and networks are measured. */
export function bytes(value: number): string {
  if (value < 1000) return counted(value, 'byte');
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.95 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${Number.isInteger(scaled) ? scaled : scaled.toFixed(1)} ${units[unit]}`;
}

/** The size of a buffer, as the configuration has it: `32 KB` is 32,768 bytes. */
export function bufferSize(value: number): string {
  if (value >= 2 ** 20 && value % 2 ** 20 === 0) return `${value / 2 ** 20} MB`;
  return value >= 1024 && value % 1024 === 0 ? `${value / 1024} KB` : counted(value, 'byte');
}

/** A time in seconds: `12.3 µs`, `4.05 ms`, `1.2 s`. */
export function seconds(value: number): string {
  if (value === 0) return '0 s';
  if (value < 0.9995e-3) return `${rounded(value * 1e6)} µs`;
  return value < 0.9995 ? `${rounded(value * 1e3)} ms` : `${rounded(value)} s`;
}

/** With so many significant digits, and never with an exponent: `0.0921`, `7,630`. */
export function significant(value: number, digits = 3): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 10 ** (digits - 1)) return count(Math.round(value));
  return value.toFixed(Math.min(9, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
}

/** A figure of a table: whole numbers as they are, others in three digits or so: `8`, `73.7`, `0.0931`, `18,399`. */
export function figure(value: number): string {
  return Number.isInteger(value) ? count(value) : significant(value);
}

const kilo = 1024;
const sizeUnits = ['', 'k', 'M', 'G', 'T'];

/** Bytes as the command line takes them where they come out even: 131072 is `128k`, 10 × 2^30 `10G`, 1000 `1000`. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= kilo && value % kilo === 0 && unit < sizeUnits.length - 1) {
    value /= kilo;
    unit += 1;
  }
  return `${value}${sizeUnits[unit]}`;
}
