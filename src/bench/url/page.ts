import { wholePage } from '../../tools/html/look.js';
import { markup } from '../../tools/html/markup.js';
import type { Plot } from '../../tools/plots/data.js';
import { figurePart } from '../../tools/plots/figure.js';
import { Histogram } from '../histogram.js';
import { style } from '../html/style.js';
import type { UrlReport } from './run.js';
import { factsOf, micro, percentName } from './text.js';

/** A load test of one URL as a page that needs nothing else. */
export function urlPage(report: UrlReport): string {
  const { settings, failures, warnings, partial } = report;
  const title = `Load test of ${settings.url}`;
  const verdict = failures.length === 0 ? 'Every request was answered as it should be.' : failures.join('; ');
  const body = markup`<header><p class="kicker">Zerocopy, ${report.date}${partial ? ', interrupted' : ''}</p>
<h1>${title}</h1>
<p class="verdict ${failures.length === 0 ? 'good' : 'bad'}">${verdict}</p>
<dl>${factsOf(report).map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>
${warnings.map(each => markup`<p class="note">${each}</p>`)}</header>
<main>${plotsOf(report).map((plot, at) => figurePart(plot, `u${at}`))}</main>`;
  return wholePage(`${title}, Zerocopy`, style, body);
}

function plotsOf({ load }: UrlReport): Plot[] {
  const latency = new Histogram().merge(load.latency);
  const octaves = latency.octaves();
  const name = 'answers';
  const histogram: Plot = {
    ...{ title: 'Latency', kind: 'bars', x: { label: 'answered in less than' }, y: { label: '% of the answers' } },
    categories: octaves.map(({ to }) => micro(to)),
    series: [{ name, points: octaves.map(({ count }, at) => [at, (100 * count) / latency.count]) }],
  };
  const levels = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
  const percentiles: Plot = {
    ...{ title: 'Percentiles of the latency', kind: 'bars', x: { label: '' }, y: { label: 'ms' } },
    categories: levels.map(percentName),
    series: [{ name: 'latency', points: levels.map((share, at) => [at, latency.quantile(share) / 1000]) }],
  };
  const overTime: Plot = {
    ...{ title: 'Requests a second, over time', kind: 'line', x: { label: 'second' }, y: { label: 'requests/s' } },
    series: [{ name, points: load.perSecond.map((each, at) => [at + 1, each]) }],
  };
  return [...(latency.count > 0 ? [histogram, percentiles] : []), ...(load.perSecond.length > 2 ? [overTime] : [])];
}
