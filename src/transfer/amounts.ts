/** Amounts of a transfer as a reader wants them. A GB is 10^9 bytes, as disks and networks are measured, but in interval lines. */
import { count, bytes as rounded } from '../tools/words.js';

const rateUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'];

/** `51.3 Gbit/s`, for bytes a second. */
export function rate(bytesPerSecond: number): string {
  let value = bytesPerSecond * 8;
  let unit = 0;
  while (value >= 999.95 && unit < rateUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 ? 0 : 1)} ${rateUnits[unit]}`;
}

/** `0:01`, `12:05`, `27:00:00`: minutes and seconds, and hours where there are any. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${whole % 60}`.padStart(2, '0');
  return hours > 0 ? `${hours}:${`${minutes}`.padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `10,737,418,240 (10.7 GB)`; the digits alone below 1,000, and from 10^15 on, where both would be too long for a column. */
export function exactBytes(value: number): string {
  return value < 1000 || value >= 1e15 ? count(value) : `${count(value)} (${rounded(value)})`;
}
