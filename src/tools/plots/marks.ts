import { line, symbol } from 'd3-shape';
import { type Markup, markup } from '../html/markup.js';
import { quantile } from '../statistics.js';
import { figure } from '../words.js';
import type { Axis } from './axes.js';
import type { Series } from './data.js';
import { round, sampleWidth } from './frame.js';
import type { Look } from './looks.js';

/** Lines, and points with their spread. */

/** Square pixels of a symbol. */
const symbolSize = 52;
const smallSymbol = 16;
/** Of a line with more points, only so many are marked. */
const mostSymbols = 12;

export interface Axes {
  readonly x: Axis;
  readonly y: Axis;
  readonly units: { readonly x: string; readonly y: string };
}

/** The shape of a series; hollow for the paper's. */
function mark({ shape, isPaper }: Look, x: number, y: number, size = symbolSize, words = ''): Markup {
  const path = symbol(shape, size).digits(2)() ?? '';
  const title = words === '' ? markup`` : markup`<title>${words}</title>`;
  const kind = isPaper ? 'hollow s' : 'f';
  return markup`<path class="${kind}" transform="translate(${round(x)} ${round(y)})" d="${path}">${title}</path>`;
}

/** A line through all points, with a symbol on some of them. */
export function drawLine({ name, points }: Series, look: Look, { x, y, units }: Axes): Markup {
  const path = line<readonly [number, number]>()
    .x(([value]) => round(x.place(value)))
    .y(([, value]) => round(y.place(value)))
    .digits(1)(points as [number, number][]);
  const step = Math.max(1, Math.ceil(points.length / mostSymbols));
  const marked = points.filter((_, at) => at % step === Math.floor((Math.min(step, points.length) - 1) / 2));
  const marks = marked.map(([px, py]) => mark(look, x.place(px), y.place(py), symbolSize, said(name, px, py, units)));
  return markup`<g class="${look.colour}"><path class="line s${look.isPaper ? ' dashed' : ''}" d="${path ?? ''}"/>${marks}</g>
`;
}

/** Points; where there are several of one x, their median with a symbol, each of them small, and a line from least to most. */
export function drawPoints({ name, points }: Series, look: Look, { x, y, units }: Axes): Markup {
  const marks = byPlace(points).map(([px, values]) => {
    const at = x.place(px);
    const median = quantile(values, 0.5);
    const symbolMark = mark(look, at, y.place(median), symbolSize, said(name, px, median, units));
    if (values.length === 1) return symbolMark;
    return markup`${range(at, values, y)}${values.map(value => mark(look, at, y.place(value), smallSymbol))}${symbolMark}`;
  });
  return markup`<g class="${look.colour}">${marks}</g>
`;
}

/** From the least to the most, with an end at either. */
export function range(at: number, values: readonly number[], y: Axis): Markup {
  const [top, bottom] = [y.place(Math.max(...values)), y.place(Math.min(...values))].map(round);
  const left = round(at - 4);
  return markup`<path class="thin s" d="M${left} ${top}h8M${round(at)} ${top}V${bottom}M${left} ${bottom}h8"/>`;
}

/** The values of each x, in the order in which the x come first. */
export function byPlace(points: Series['points']): [x: number, values: number[]][] {
  const places = new Map<number, number[]>();
  for (const [x, y] of points) {
    const values = places.get(x);
    if (values === undefined) places.set(x, [y]);
    else values.push(y);
  }
  return [...places];
}

function said(name: string, x: number, y: number, units: Axes['units']): string {
  return `${name}: ${figure(y)} ${units.y} at ${figure(x)} ${units.x}`;
}

/** What stands before the name of a line or of points in the legend. */
export function sample(look: Look, hasLine: boolean): Markup {
  const middle = 8;
  const stroke = hasLine
    ? markup`<path class="line s${look.isPaper ? ' dashed' : ''}" d="M0 ${middle}H${sampleWidth}"/>`
    : markup``;
  return markup`<g class="${look.colour}">${stroke}${mark(look, sampleWidth / 2, middle)}</g>`;
}
