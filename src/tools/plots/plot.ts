import { Markup, markup, toAscii } from '../html/markup.js';
import { type Axis, horizontalAxis, verticalAxis } from './axes.js';
import { barSample, categoryLabels, drawBars, figureRoom, figureWay, groupsOf, patterns } from './bars.js';
import type { Plot } from './data.js';
import { describePlot } from './describe.js';
import {
  type Area,
  baseLine,
  type Format,
  heading,
  horizontalTicks,
  labelRoom,
  round,
  text,
  verticalTicks,
  wide,
} from './frame.js';
import { type Look, looksOf } from './looks.js';
import { drawLine, drawPoints, sample } from './marks.js';
import { plotRules } from './style.js';

/** Room right of the area of the marks, for half of the last label. */
const rightRoom = 14;
/** Around a picture that is a file of its own. */
const margin = 14;
/** Below the labels of the horizontal axis, for its name. */
const nameGap = 8;

/** A plot as a file of its own: an SVG that has its own style, in ASCII. */
export function plotFile(plot: Plot): string {
  const style = markup`<style>${new Markup(plotRules)}</style>`;
  return toAscii(`${draw(plot, wide, 'plot', style).html}\n`);
}

/**
 * A plot as a part of a page that has `plotRules` in its style.
 * @param id unique in the page
 */
export function plotPart(plot: Plot, format: Format, id: string): Markup {
  return draw(plot, format, id, null);
}

function draw(plot: Plot, format: Format, id: string, style: Markup | null): Markup {
  const looks = looksOf(plot.series);
  const samples = looks.map(look => (plot.kind === 'bars' ? barSample(look, id) : sample(look, plot.kind === 'line')));
  const head = heading(plot, format, samples);
  const drawing = { plot, format, looks, top: head.height, id };
  const { svg, bottom } = plot.kind === 'bars' ? barArea(drawing) : pointArea(drawing);
  const height = Math.ceil(bottom);
  const [x, y] = style === null ? [0, 0] : [-margin, -margin];
  const box = `${x} ${y} ${format.width - 2 * x} ${height - 2 * y}`;
  return markup`<svg class="plot" role="img" aria-labelledby="${id}-t ${id}-d" viewBox="${box}"${style === null ? markup`` : fileAttributes(format.width, height)}>
<title id="${id}-t">${plot.title}</title>
<desc id="${id}-d">${describePlot(plot)}</desc>
${style === null ? markup`` : markup`${style}${background(format.width, height)}`}
${head.svg}
${svg}</svg>`;
}

function fileAttributes(width: number, height: number): Markup {
  return markup` xmlns="http://www.w3.org/2000/svg" width="${width + 2 * margin}" height="${height + 2 * margin}"`;
}

function background(width: number, height: number): Markup {
  return markup`<rect class="back" x="${-margin}" y="${-margin}" width="${width + 2 * margin}" height="${height + 2 * margin}"/>`;
}

interface Drawing {
  readonly plot: Plot;
  readonly format: Format;
  readonly looks: readonly Look[];
  readonly top: number;
  readonly id: string;
}

interface Drawn {
  readonly svg: Markup;
  /** Where the picture ends. */
  readonly bottom: number;
}

/** The vertical axis, and the area that its labels leave. @param room above the highest mark */
function areaOf({ plot, format, top }: Drawing, room: number): { area: Area; y: Axis } {
  const { size, ticks } = format;
  const bottom = top + room + format.height;
  const values = plot.series.flatMap(({ points }) => points.map(([, value]) => value));
  const y = verticalAxis(values, ticks, { from: bottom, to: top + room });
  return { area: { left: labelRoom(y, size), right: format.width - rightRoom, top, bottom }, y };
}

function pointArea(drawing: Drawing): Drawn {
  const { plot, looks, format } = drawing;
  const { size } = format;
  const { area, y } = areaOf(drawing, 0);
  const values = plot.series.flatMap(({ points }) => points.map(([value]) => value));
  const room = { from: area.left + 6, to: area.right - 6, size };
  const x = horizontalAxis(values, plot.x.log === true, plot.kind === 'line', room);
  const axes = { x, y, units: { x: plot.x.label, y: plot.y.label } };
  const drawOne = plot.kind === 'line' ? drawLine : drawPoints;
  // the paper's lines are dashed: over ours, both can be seen
  const order = plot.series.map((_, at) => at).sort((a, b) => Number(looks[a].isPaper) - Number(looks[b].isPaper));
  const marks = order.map(at => drawOne(plot.series[at], looks[at], axes));
  const name = axisName(plot.x.label, area, format, size + 8);
  const svg = markup`${verticalTicks(y, area, size)}${horizontalTicks(x, area, size)}${baseLine(area)}
${marks}${name.svg}`;
  return { svg, bottom: name.bottom };
}

function barArea(drawing: Drawing): Drawn {
  const { plot, looks, format, id } = drawing;
  const figureSize = format.size - 1;
  // the labels at the side take their room from the bars, so that how wide these are is known only after
  const across = { left: labelRoom(areaOf(drawing, 0).y, format.size), right: format.width - rightRoom };
  const groups = groupsOf(plot, across);
  const way = figureWay(plot, groups, figureSize);
  const { area, y } = areaOf(drawing, figureRoom(plot, way, figureSize));
  const labels = categoryLabels(plot, groups, format.size);
  const bars = drawBars({ plot, looks, groups, y, bottom: area.bottom, size: figureSize, way, id });
  const name = axisName(plot.x.label, area, format, labels.height);
  const svg = markup`${patterns(looks, id)}${verticalTicks(y, area, format.size)}
${bars}${baseLine(area)}${labels.svg(area.bottom)}${name.svg}`;
  return { svg, bottom: name.bottom };
}

/** The name of the horizontal axis, below its labels. */
function axisName(label: string, { left, right, bottom }: Area, { size }: Format, below: number): Drawn {
  if (label === '') return { svg: markup``, bottom: bottom + below + nameGap };
  const y = bottom + below + nameGap + size;
  const svg = text(label, { x: round((left + right) / 2), y, size, kind: 'faint', anchor: 'middle' });
  return { svg, bottom: y + 8 };
}
