import { figure } from '../words.js';
import type { Plot, Series } from './data.js';

/** A plot in words, for those who do not see it. */

/** Of a longer series, the first, the last, the least and the most are told. */
const mostPoints = 12;

export function describePlot(plot: Plot): string {
  const axes = `${plot.y.label} by ${plot.x.label}.`;
  return [axes, ...plot.series.map(series => `${series.name}: ${pointsText(plot, series)}.`)].join(' ');
}

function pointsText({ categories }: Plot, { points }: Series): string {
  const place = (x: number) => categories?.[x] ?? figure(x);
  if (points.length === 0) return 'no figures';
  if (points.length <= mostPoints) return points.map(([x, y]) => `${figure(y)} at ${place(x)}`).join(', ');
  const values = points.map(([, y]) => y);
  const [first, last] = [points[0], points[points.length - 1]];
  return `${points.length} points from ${figure(first[1])} at ${place(first[0])} to ${figure(last[1])} at ${place(last[0])}, least ${figure(Math.min(...values))}, most ${figure(Math.max(...values))}`;
}
