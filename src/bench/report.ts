import type { Machine } from '../tools/machine.js';
import { noisySpread, type Summary, summarize } from '../tools/statistics.js';
import { largeSize } from './files.js';
import type { MetricName, Plan, Samples } from './rounds.js';

/** One line of the table. */
export interface Row {
  readonly metric: MetricName;
  readonly label: string;
  readonly better: 'more' | 'less';
  readonly zerocopy: Summary;
  /** Absent where this server was measured alone. */
  readonly nginx?: Summary;
  /** The median of Zerocopy divided by that of nginx. */
  readonly ratio?: number;
  /** Whether the spread of either is too wide to trust the figure. */
  readonly noise: boolean;
}

/** All that a run has found: what `--json` prints. */
export interface Report {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: { readonly zerocopy: string; readonly nginx?: string; readonly load: string };
  readonly settings: readonly string[];
  readonly plan: Plan;
  readonly folder: string;
  readonly rows: readonly Row[];
}

const metrics: readonly (Pick<Row, 'metric' | 'label' | 'better'> & { readonly digits: number })[] = [
  { metric: 'smallRate', label: '1 KB: requests/s', better: 'more', digits: 0 },
  { metric: 'smallCpu', label: '1 KB: CPU microseconds a request', better: 'less', digits: 2 },
  { metric: 'onRate', label: '100 MB, sendfile on: Gbit/s', better: 'more', digits: 1 },
  { metric: 'onCpu', label: '100 MB, sendfile on: CPU seconds a GB', better: 'less', digits: 3 },
  { metric: 'offRate', label: '100 MB, sendfile off: Gbit/s', better: 'more', digits: 1 },
  { metric: 'offCpu', label: '100 MB, sendfile off: CPU seconds a GB', better: 'less', digits: 3 },
];

/** @throws RangeError when there is no round of this server */
export function buildRows(samples: Samples): Row[] {
  return metrics.map(({ metric, label, better }) => {
    const zerocopy = summarize((samples.zerocopy ?? []).map(each => each[metric]));
    const noise = zerocopy.spread > noisySpread;
    if (samples.nginx === undefined) return { metric, label, better, zerocopy, noise };
    const nginx = summarize(samples.nginx.map(each => each[metric]));
    const ratio = zerocopy.median / nginx.median;
    return { metric, label, better, zerocopy, nginx, ratio, noise: noise || nginx.spread > noisySpread };
  });
}

/** Characters of the report's lines, and of the names before its facts. */
const lineWidth = 100;
const nameWidth = 10;

/** The report for people. */
export function formatReport(report: Report): string {
  const { machine, versions, plan, settings, folder } = report;
  const gigabytes = (plan.downloads * largeSize) / 1e9;
  const facts = [
    [
      'machine',
      `${machine.processor}, ${machine.cores} cores, ${machine.memory} GiB; load ${machine.loadAverage.toFixed(2)} at the start`,
    ],
    ['kernel', machine.kernel],
    [
      'servers',
      `zerocopy ${versions.zerocopy}${versions.nginx === undefined ? '' : `, nginx ${versions.nginx}`}; Node ${machine.node}`,
    ],
    ['settings', `one worker each; access_log in combined form; ${settings.join('; ')}`],
    ['1 KB', `${versions.load}, ${plan.connections} connections with keep-alive, ${plan.seconds} s a round`],
    ['100 MB', `${plan.downloads} downloads a round (${gigabytes} GB) over one connection; recv with MSG_TRUNC`],
    ['files', `in ${folder}, from the page cache, over the loopback`],
    ['rounds', `${plan.rounds}, the servers in turn; median, and spread (interquartile range / median)`],
  ];
  const lines = facts.flatMap(([name, text]) =>
    wrap(text!).map((line, index) => (index === 0 ? name! : '').padEnd(nameWidth) + line),
  );
  return `${[...lines, '', ...formatTable(report.rows), ...footnotes(report)].join('\n')}\n`;
}

/** Breaks a text into lines where there is room for them beside the names. */
function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (lines[last] === '') lines[last] = word;
    else if (lines[last]!.length + 1 + word.length <= lineWidth - nameWidth) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The table's lines, with a heading. */
export function formatTable(rows: readonly Row[]): string[] {
  const compared = rows[0]?.nginx !== undefined;
  const head = ['', 'better', 'zerocopy', ...(compared ? ['nginx', 'zerocopy/nginx'] : []), ''];
  const cells = rows.map(row => {
    const { digits } = metrics.find(each => each.metric === row.metric)!;
    const comparison = compared ? [figure(row.nginx!, digits), row.ratio!.toFixed(2)] : [];
    return [row.label, row.better, figure(row.zerocopy, digits), ...comparison, row.noise ? 'noise' : ''];
  });
  const table = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...table.map(line => line[column]!.length)));
  return table.map(line =>
    line
      .map((cell, column) => align(cell, widths[column]!, column))
      .join('  ')
      .trimEnd(),
  );
}

function align(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

function figure({ median, spread }: Summary, digits: number): string {
  const text = median.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${text} ±${`${(spread * 100).toFixed(0)} %`.padStart(5)}`;
}

function footnotes({ rows, plan, versions }: Report): string[] {
  const notes: string[] = [];
  if (rows.some(row => row.noise)) {
    notes.push(`noise: the spread is above ${noisySpread * 100} %; run it again on a quiet machine.`);
  }
  if (plan.rounds < 5) notes.push('Fewer than 5 rounds: good for a look, not for a comparison.');
  if (versions.load.startsWith('autocannon')) {
    notes.push(
      'autocannon is slower than the servers, which then idle between requests: that limits requests/s, and raises',
    );
    notes.push(
      'CPU a request. Compare with runs of autocannon only; with wrk installed, the servers are at their limit.',
    );
  }
  return notes.length === 0 ? [] : ['', ...notes];
}
