import { quantile } from '../../tools/statistics.js';
import { visible } from '../../tools/visible.js';
import { bytes, count, seconds } from '../../tools/words.js';
import { autocannonVersion, type LengthCount } from '../clients/cannon.js';
import { type Bucket, Histogram } from '../histogram.js';
import { machineLine } from '../machine-line.js';
import type { UrlReport } from './run.js';

/** A load test of one URL for people. */

/** The percentiles that are told, as shares. */
export const shares = [0.5, 0.75, 0.9, 0.99, 0.999] as const;
const nameWidth = 15;
const barWidth = 40;

/** Facts as pairs: what the page shows as well. */
export function factsOf(report: UrlReport): [name: string, text: string][] {
  const { settings, load, first, machine } = report;
  const { connections, pipelining, rate, headers, range } = settings;
  const latency = new Histogram().merge(load.latency);
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const asked = [
    `${connections} connections`,
    pipelining > 1 ? `${pipelining} requests at once on each` : '',
    rate > 0 ? `${count(rate)} requests/s in all` : '',
    range === undefined ? '' : `bytes ${range}`,
    ...fields,
  ];
  const percentiles = shares.map(share => `${percentName(share)} ${micro(latency.quantile(share))}`);
  return [
    ['server', visible(first.server ?? 'does not say what it is')],
    ['load', `autocannon ${autocannonVersion}: ${asked.filter(each => each !== '').join(', ')}`],
    ['duration', `${load.seconds} s${report.partial ? ', and then it was interrupted' : ''}`],
    ['requests/s', rateText(report)],
    ['throughput', `${bytes(Math.round(load.bytes / Math.max(load.seconds, 0.01)))}/s`],
    ['answers', statusText(load.statuses)],
    ['body length', lengthText(load.lengths)],
    ['latency', `${percentiles.join(', ')}, most ${micro(latency.max)}`],
    ['machine', machineLine(machine)],
  ];
}

export function urlText(report: UrlReport): string {
  const latency = new Histogram().merge(report.load.latency);
  const lines = [
    `${report.settings.url}${report.partial ? '  (partial: interrupted)' : ''}`,
    ...factsOf(report).map(([name, text]) => `${name.padEnd(nameWidth)}${text}`),
    '',
    ...bars(latency.octaves(), latency.count),
  ];
  if (report.failures.length > 0) lines.push('', ...report.failures.map(each => `failed: ${each}`));
  if (report.warnings.length > 0) lines.push('', ...report.warnings.map(each => `note: ${each}`));
  return `${lines.join('\n').trimEnd()}\n`;
}

/** `p50`, `p99.9`. */
export function percentName(share: number): string {
  return `p${Number((share * 100).toFixed(3))}`;
}

/** @param microseconds as a time with its unit */
export function micro(microseconds: number): string {
  return seconds(microseconds / 1e6);
}

function rateText({ load }: UrlReport): string {
  const mean = count(Math.round(load.requests / Math.max(load.seconds, 0.01)));
  // the first second has the connects in it, and the last one is not whole
  const inner = load.perSecond.slice(1, -1);
  if (inner.length < 3) return mean;
  return `${mean} (by the second: ${count(Math.min(...inner))} to ${count(Math.max(...inner))}, median ${count(Math.round(quantile(inner, 0.5)))})`;
}

function statusText(statuses: Readonly<Record<string, number>>): string {
  const texts = Object.entries(statuses).map(([status, times]) => `${count(times)} times ${status}`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

function lengthText(lengths: readonly LengthCount[]): string {
  if (lengths.length === 1) return `${count(lengths[0]!.length)} bytes, each of them`;
  return lengths.map(({ status, length, count: times }) => `${count(length)} (${count(times)} x ${status})`).join(', ');
}

/** A line for each power of two, with its share as a bar. */
function bars(buckets: readonly Bucket[], total: number): string[] {
  const most = Math.max(1, ...buckets.map(bucket => bucket.count));
  return buckets.map(bucket => {
    const bar = '#'.repeat(Math.ceil((bucket.count / most) * barWidth));
    const share = `${((100 * bucket.count) / Math.max(1, total)).toFixed(1)} %`.padStart(8);
    return `  below ${micro(bucket.to).padEnd(8)}${share}  ${bar}`.trimEnd();
  });
}
