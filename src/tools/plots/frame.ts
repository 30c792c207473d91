import { type Markup, markup } from '../html/markup.js';
import type { Axis } from './axes.js';
import type { Plot } from './data.js';
import { textWidth, wrapText } from './text-width.js';

/** What stands around the marks of a plot. */

/** How large a plot is drawn: for a page, or for the width of a phone. All lengths are pixels. */
export interface Format {
  readonly width: number;
  /** Of the area of the marks. */
  readonly height: number;
  /** Of the letters. */
  readonly size: number;
  /** About so many ticks at the side. */
  readonly ticks: number;
}

export const wide: Format = { width: 640, height: 280, size: 13, ticks: 6 };
export const narrow: Format = { width: 350, height: 230, size: 12.5, ticks: 5 };

/** The area of the marks. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const lineHeight = (size: number) => Math.round(size * 1.4);
/** The sample before a name in the legend. */
export const sampleWidth = 26;
const sampleGap = 6;
const itemGap = 18;

export interface Heading {
  readonly height: number;
  readonly svg: Markup;
}

/** The title, the legend and the label of the vertical axis, from the top of the picture on. */
export function heading(plot: Plot, format: Format, samples: readonly Markup[]): Heading {
  const { width, size } = format;
  const titleSize = size + 2;
  const titles = wrapText(plot.title, titleSize * 1.06, width);
  let y = lineHeight(titleSize) - 4;
  const parts = titles.map((line, at) =>
    text(line, { x: 0, y: y + at * lineHeight(titleSize), kind: 'title', size: titleSize }),
  );
  y += (titles.length - 1) * lineHeight(titleSize) + 10;
  const legend = legendItems(plot, format, samples, y);
  parts.push(...legend.items);
  y = legend.bottom + lineHeight(size) + 2;
  parts.push(text(plot.y.label, { x: 0, y, kind: 'faint', size }));
  return { height: y + 14, svg: markup`${parts}` };
}

/** The names of the series with a sample of each, in as many rows as they need. */
function legendItems({ series }: Plot, { width, size }: Format, samples: readonly Markup[], top: number) {
  const items: Markup[] = [];
  let x = 0;
  let y = top;
  for (const [at, { name }] of series.entries()) {
    const room = width - sampleWidth - sampleGap;
    const lines = wrapText(name, size, room);
    const needed = sampleWidth + sampleGap + Math.max(...lines.map(line => textWidth(line, size)));
    if (x > 0 && x + needed > width) {
      x = 0;
      y += lineHeight(size) + 2;
    }
    items.push(markup`<g transform="translate(${round(x)} ${round(y)})">${samples[at]}</g>`);
    for (const [row, line] of lines.entries()) {
      if (row > 0) y += lineHeight(size);
      items.push(text(line, { x: x + sampleWidth + sampleGap, y: y + size, size }));
    }
    x += needed + itemGap;
  }
  return { items, bottom: series.length === 0 ? top : y + lineHeight(size) };
}

/** Room for the labels of the vertical axis. */
export function labelRoom({ ticks }: Axis, size: number): number {
  return Math.ceil(Math.max(0, ...ticks.map(tick => textWidth(tick.text, size)))) + 8;
}

export function verticalTicks(axis: Axis, { left, right }: Area, size: number): Markup {
  return markup`${axis.ticks.map(({ value, text: words }) => {
    const y = axis.place(value);
    return markup`<path class="grid" d="M${round(left)} ${round(y)}H${round(right)}"/>${text(words, { x: left - 7, y: y + size * 0.35, size, anchor: 'end' })}
`;
  })}`;
}

export function horizontalTicks(axis: Axis, { bottom }: Area, size: number): Markup {
  return markup`${axis.ticks.map(({ value, text: words }) => {
    const x = axis.place(value);
    return markup`<path class="axis" d="M${round(x)} ${round(bottom)}v5"/>${text(words, { x, y: bottom + 7 + size, size, anchor: 'middle' })}
`;
  })}`;
}

export function baseLine({ left, right, bottom }: Area): Markup {
  return markup`<path class="axis" d="M${round(left)} ${round(bottom)}H${round(right)}"/>`;
}

interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly kind?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Read from below. */
  readonly upright?: boolean;
}

export function text(words: string, { x, y, size, kind = '', anchor = 'start', upright = false }: TextPlace): Markup {
  const name = kind === '' ? markup`` : markup` class="${kind}"`;
  const place = anchor === 'start' ? markup`` : markup` text-anchor="${anchor}"`;
  const turn = upright ? markup` transform="rotate(-90 ${round(x)} ${round(y)})"` : markup``;
  return markup`<text${name} x="${round(x)}" y="${round(y)}" font-size="${size}"${place}${turn}>${words}</text>`;
}

/** A tenth of a pixel is enough. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
