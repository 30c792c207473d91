import { scaleBand } from 'd3-scale';
import { type Markup, markup } from '../html/markup.js';
import { quantile } from '../statistics.js';
import { figure } from '../words.js';
import type { Axis } from './axes.js';
import type { Plot } from './data.js';
import { type Area, round, sampleWidth, text } from './frame.js';
import type { Look } from './looks.js';
import { byPlace, range } from './marks.js';
import { textWidth, wrapText } from './text-width.js';

/** Groups of bars, each with its figure above it. */

/** The widest that a bar gets: a few bars do not become walls. */
const mostWidth = 64;
const topGap = 4;

/** The bars, side by side in groups. */
export interface Groups {
  /** The left edge of a bar, NaN for a category that there is not. */
  place(category: number, series: number): number;
  /** The middle of a group. */
  middle(category: number): number;
  readonly barWidth: number;
  readonly groupWidth: number;
}

export function groupsOf(plot: Plot, { left, right }: Pick<Area, 'left' | 'right'>): Groups {
  const categories = (plot.categories ?? []).map((_, at) => at);
  const outer = scaleBand<number>().domain(categories).range([left, right]).paddingInner(0.18).paddingOuter(0.09);
  // where no group has bars of two series, the series are but colours: each bar has its group for itself
  const isAlone = categories.every(at => plot.series.filter(({ points }) => points.some(([x]) => x === at)).length < 2);
  const bars = isAlone ? [0] : plot.series.map((_, at) => at);
  const most = mostWidth * Math.max(1, bars.length) * 1.1;
  const used = Math.min(outer.bandwidth(), most);
  const shift = (outer.bandwidth() - used) / 2;
  const inner = scaleBand<number>().domain(bars).range([0, used]).paddingInner(0.1);
  return {
    place: (category, series) => (outer(category) ?? Number.NaN) + shift + (inner(isAlone ? 0 : series) ?? Number.NaN),
    middle: category => (outer(category) ?? Number.NaN) + outer.bandwidth() / 2,
    barWidth: inner.bandwidth(),
    groupWidth: outer.step(),
  };
}

/** How the figure above a bar is written: where bars are narrow, from below, and where they are very narrow, not at all. */
export type FigureWay = 'level' | 'upright' | 'none';

/** @param size of the letters */
export function figureWay({ series }: Plot, { barWidth }: Groups, size: number): FigureWay {
  const widest = Math.max(0, ...series.flatMap(({ points }) => points.map(([, y]) => textWidth(figure(y), size))));
  if (widest <= barWidth + 2) return 'level';
  return barWidth >= size ? 'upright' : 'none';
}

/** Pixels above the highest bar that its figure takes. */
export function figureRoom({ series }: Plot, way: FigureWay, size: number): number {
  if (way === 'none') return 0;
  if (way === 'level') return size + topGap;
  return topGap * 2 + Math.max(0, ...series.flatMap(({ points }) => points.map(([, y]) => textWidth(figure(y), size))));
}

interface Drawing {
  readonly plot: Plot;
  readonly looks: readonly Look[];
  readonly groups: Groups;
  readonly y: Axis;
  readonly bottom: number;
  readonly size: number;
  readonly way: FigureWay;
  /** Goes before the names of the patterns. */
  readonly id: string;
}

export function drawBars(drawing: Drawing): Markup {
  const { plot, looks } = drawing;
  return markup`${plot.series.map(({ name, points }, nth) => {
    const bars = byPlace(points).map(([category, values]) => drawBar(drawing, nth, category, values, name));
    return markup`<g class="${looks[nth].colour}">${bars}</g>
`;
  })}`;
}

function drawBar(drawing: Drawing, nth: number, category: number, values: readonly number[], name: string): Markup {
  const { plot, looks, groups, y, bottom, size, way, id } = drawing;
  const left = groups.place(category, nth);
  if (Number.isNaN(left)) return markup``;
  const median = quantile(values, 0.5);
  const top = y.place(median);
  const title = `${name}, ${plot.categories?.[category] ?? ''}: ${figure(median)} ${plot.y.label}`;
  const middle = left + groups.barWidth / 2;
  const above = Math.min(top, y.place(Math.max(...values))) - topGap;
  const box = { x: left, y: top, width: groups.barWidth, height: bottom - top };
  return markup`${bar(box, looks[nth], id, title)}${values.length > 1 ? range(middle, values, y) : markup``}${figureAbove(figure(median), middle, above, size, way)}`;
}

function figureAbove(words: string, x: number, y: number, size: number, way: FigureWay): Markup {
  if (way === 'none') return markup``;
  if (way === 'level') return text(words, { x, y, size, anchor: 'middle' });
  return text(words, { x: x + size * 0.35, y, size, upright: true });
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function bar({ x, y, width, height }: Box, { filling, isPaper, colour }: Look, id: string, title: string): Markup {
  const place = markup`x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${Math.max(0, round(height))}"`;
  const words = markup`<title>${title}</title>`;
  if (isPaper) return markup`<rect class="bar hollow s" ${place}>${words}</rect>`;
  if (filling === 'solid') return markup`<rect class="f" ${place}>${words}</rect>`;
  return markup`<rect class="f tint" ${place}/><rect class="edge s" fill="url(#${id}-${colour})" ${place}>${words}</rect>`;
}

/** The stripes of the bars that are not solid. */
export function patterns(looks: readonly Look[], id: string): Markup {
  const used = new Map(
    looks.filter(({ isPaper, filling }) => !isPaper && filling !== 'solid').map(look => [look.colour, look]),
  );
  return markup`<defs>${[...used.values()].map(({ colour, filling }) => {
    const turn = filling === 'stripes' ? 'rotate(45)' : 'rotate(0)';
    return markup`<g class="${colour}"><pattern id="${id}-${colour}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="${turn}"><path class="s" stroke-width="${filling === 'stripes' ? 3 : 2}" d="${filling === 'stripes' ? 'M1.5 0V6' : 'M0 1H6'}"/></pattern></g>`;
  })}</defs>`;
}

/** What stands before the name in the legend. */
export function barSample(look: Look, id: string): Markup {
  return markup`<g class="${look.colour}">${bar({ x: 3, y: 1, width: sampleWidth - 6, height: 14 }, look, id, '')}</g>`;
}

export interface CategoryLabels {
  readonly height: number;
  readonly svg: (bottom: number) => Markup;
}

/** The names below the groups: in as many lines as they need, or from below where a word is wider than its group. */
export function categoryLabels({ categories = [] }: Plot, groups: Groups, size: number): CategoryLabels {
  const room = groups.groupWidth - 6;
  const wrapped = categories.map(name => wrapText(name, size, room));
  const lineHeight = Math.round(size * 1.3);
  if (wrapped.every(lines => lines.every(line => textWidth(line, size) <= room))) {
    const svg = (bottom: number) =>
      markup`${wrapped.flatMap((lines, at) =>
        lines.map((words, row) =>
          text(words, { x: groups.middle(at), y: bottom + 6 + size + row * lineHeight, size, anchor: 'middle' }),
        ),
      )}`;
    return { height: 8 + lineHeight * Math.max(1, ...wrapped.map(lines => lines.length)), svg };
  }
  const longest = Math.max(0, ...categories.map(name => textWidth(name, size)));
  const svg = (bottom: number) =>
    markup`${categories.map((words, at) =>
      text(words, { x: groups.middle(at) + size * 0.35, y: bottom + 8, size, anchor: 'end', upright: true }),
    )}`;
  return { height: Math.ceil(longest) + 12, svg };
}
