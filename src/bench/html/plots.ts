import type { Colour, Plot, Series } from '../../tools/plots/data.js';
import { Histogram } from '../histogram.js';
import { type MetricName, metrics } from '../metrics.js';
import type { Row, WorkloadReport } from '../report.js';

/** The plots of one workload. */
export function plotsOf({ metrics: names, rows }: WorkloadReport): Plot[] {
  const ranked = rows.filter(({ failure, figures }) => failure === undefined && Object.keys(figures).length > 0);
  if (ranked.length === 0) return [];
  const cpu = names.find(name => name.startsWith('cpu'));
  const [first, second] = [names[0]!, cpu ?? ('memory' as const)];
  // where processor time ranks, the next figure is of interest too
  const shown = first === second ? names.slice(0, 2) : [first, second];
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
/** One answer of so many took longer: 100 is the 99th percentile. A logarithmic axis shows the tail. */
const oneOf = [2, 5, 10, 20, 100, 1000];

function latencyPlot(rows: readonly Row[]): Plot[] {
  const measured = rows.flatMap(({ peer, latency }) => (latency === undefined ? [] : [{ peer, latency }]));
  if (measured.length === 0) return [];
  const series = measured.slice(0, mostLines).map(({ peer, latency }): Series => {
    const histogram = new Histogram().merge(latency);
    const colour: Colour = peer.startsWith('zerocopy') ? 'zero-copy' : 'other';
    return { name: peer, colour, points: oneOf.map(count => [count, histogram.quantile(1 - 1 / count) / 1000]) };
  });
  return [
    {
      ...{ title: 'Latency', kind: 'line', y: { label: 'ms' } },
      x: { label: 'one answer of so many took longer (100: p99)', log: true },
      series,
    },
  ];
}
