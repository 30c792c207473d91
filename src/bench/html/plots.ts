import type { Colour, Plot, Series } from '../../tools/plots/data.js';
import { Histogram } from '../histogram.js';
import { type MetricName, metrics } from '../metrics.js';
import type { Row, WorkloadReport } from '../report.js';

/** The plots of one workload. */
export function plotsOf({ metrics: names, rows }: WorkloadReport): Plot[] {
  const ranked = rows.filter(({ failure, figures }) => failure === undefined && Object.keys(figures).length > 0);
  if (ranked.length === 0) return [];
  const cpu = names.find(name => name.startsWith('cpu'));
  const shown = [names[0]!, ...(cpu === undefined ? ['memory' as const] : [cpu])];
  return [...shown.map(name => bars(name, ranked)), ...latencyPlot(ranked)];
}

/** A bar for each server: the median, with a line from the least to the most of the rounds. */
function bars(name: MetricName, rows: readonly Row[]): Plot {
  const { label, better } = metrics[name];
  const kinds: readonly (readonly [title: string, colour: Colour, isIts: (peer: string) => boolean])[] = [
    ['this server', 'zero-copy', peer => peer.startsWith('zerocopy')],
    ['others', 'other', peer => !peer.startsWith('zerocopy')],
  ];
  const series = kinds.map(([title, colour, isIts]): Series => {
    const points = rows.flatMap(({ peer, figures }, at) =>
      isIts(peer) ? (figures[name]?.samples ?? []).map(value => [at, value] as const) : [],
    );
    return { name: title, colour, points };
  });
  return {
    ...{ title: `${label} (${better} is better)`, kind: 'bars', x: { label: '' }, y: { label } },
    categories: rows.map(({ peer }) => peer),
    series: series.filter(({ points }) => points.length > 0),
  };
}

/** Of more lines none could be told from the next. */
const mostLines = 6;
const levels = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

/** How long it took the share of the answers, by the share of those that took longer: a logarithmic axis shows the tail. */
function latencyPlot(rows: readonly Row[]): Plot[] {
  const measured = rows.flatMap(({ peer, latency }) => (latency === undefined ? [] : [{ peer, latency }]));
  if (measured.length === 0) return [];
  const series = measured.slice(0, mostLines).map(({ peer, latency }): Series => {
    const histogram = new Histogram().merge(latency);
    const colour: Colour = peer.startsWith('zerocopy') ? 'zero-copy' : 'other';
    return { name: peer, colour, points: levels.map((level, at) => [at + 1, histogram.quantile(level) / 1000]) };
  });
  const names = levels.map((level, at) => `${at + 1}: p${Number((level * 100).toFixed(2))}`);
  return [
    {
      ...{ title: 'Latency by percentile', kind: 'line' },
      x: { label: names.join(', ') },
      y: { label: 'ms' },
      series,
    },
  ];
}
