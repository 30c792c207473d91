/** Figures as the page shows them. The browser gets this folder alone, so what it needs is here; powers of ten, as networks are measured. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** Three digits or so, and never an exponent: `0.092`, `1.25`, `48.1`, `12,345`. */
export function figure(value: number): string {
  if (Math.abs(value) >= 99.95) return whole.format(value);
  if (Math.abs(value) >= 9.995) return value.toFixed(1);
  return Math.abs(value) >= 0.995 ? value.toFixed(2) : value === 0 ? '0' : value.toFixed(3);
}

/** `0 B`, `512 B`, `1.25 GB`. */
export function bytes(value: number): string {
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(scaled) : figure(scaled)} ${units[unit]}`;
}

/** `1.25 GB/s`, for bytes a second. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** `9.83 Gbit/s`, for bytes a second. */
export function bitRate(bytesPerSecond: number): string {
  return bytes(bytesPerSecond * 8).replace(/B$/, 'bit/s');
}

/** Of a share from 0 to 1: `7 %`. */
export function percent(share: number): string {
  return `${whole.format(share * 100)} %`;
}

/** Of milliseconds: `0.4 ms`, `12 ms`, `1.25 s`, `2 min 5 s`. */
export function took(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(0)} ms`;
  return milliseconds < 59_995 ? `${(milliseconds / 1000).toFixed(2)} s` : duration(milliseconds);
}

/** Of milliseconds, in the two largest units: `5 s`, `12 min 5 s`, `3 h 2 min`, `12 d 3 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60),
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** The local time of day, `09:05:31`. @param at milliseconds since 1970 */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(part => `${part}`.padStart(2, '0')).join(':');
}

/** The local day and time, `2026-11-20 09:05:31`. */
export function dayAndTime(at: number): string {
  const time = new Date(at);
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(part => `${part}`.padStart(2, '0'));
  return `${day.join('-')} ${timeOfDay(at)}`;
}

/** A size as the configuration has it, powers of two: `32k`, `1m`, `1000`. */
export function confSize(size: number): string {
  if (size > 0 && size % 1_048_576 === 0) return `${size / 1_048_576}m`;
  return size > 0 && size % 1024 === 0 ? `${size / 1024}k` : `${size}`;
}
