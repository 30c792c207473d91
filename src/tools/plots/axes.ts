import { scaleLinear, scaleLog } from 'd3-scale';
import { count, sizeText } from '../words.js';
import { textWidth } from './text-width.js';

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Axis {
  /** Where a value is, in pixels. */
  place(value: number): number;
  readonly ticks: readonly Tick[];
}

export interface AxisRoom {
  /** Pixels of the least and of the largest value. */
  readonly from: number;
  readonly to: number;
  /** Of the letters. */
  readonly size: number;
}

/** Between two labels, in pixels. */
const gap = 10;
/** So many values or fewer are the ticks themselves. */
const fewValues = 12;

/**
 * The axis below a line or a cloud of points.
 * @param fromZero begins at 0, as time does, unless its values are a count of something
 */
export function horizontalAxis(values: readonly number[], log: boolean, fromZero: boolean, room: AxisRoom): Axis {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const [least, most] = [distinct[0] ?? 0, distinct.at(-1) ?? 1];
  const isLog = log && least > 0;
  const isCounted = distinct.length <= fewValues && distinct.every(Number.isInteger) && least > 0;
  const range = [room.from, room.to];
  const place = isLog
    ? scaleLog()
        .domain(padded(Math.log(least), Math.log(most)).map(Math.exp))
        .range(range)
    : scaleLinear()
        .domain(fromZero && !isCounted && least >= 0 ? [0, most > 0 ? most : 1] : padded(least, most))
        .range(range);
  const areTicks = isCounted || (isLog && distinct.length <= fewValues);
  const wanted = areTicks ? distinct : place.ticks(Math.max(2, Math.floor(Math.abs(room.to - room.from) / 70)));
  const ticks = texts(wanted, isLog);
  return { place, ticks: apart(ticks, place, room.size) };
}

/** The axis beside a plot, from 0 on. @param ticks about so many */
export function verticalAxis(values: readonly number[], ticks: number, { from, to }: Omit<AxisRoom, 'size'>): Axis {
  const most = Math.max(0, ...values);
  const place = scaleLinear()
    .domain([0, most > 0 ? most : 1])
    .nice(ticks)
    .range([from, to]);
  return { place, ticks: texts(place.ticks(ticks), false) };
}

function padded(least: number, most: number): [number, number] {
  const room = most > least ? (most - least) * 0.04 : Math.abs(most) * 0.5 || 1;
  return [least - room, most + room];
}

function texts(values: readonly number[], isLog: boolean): Tick[] {
  const areSizes = isLog && values.every(value => value >= 1024 && Number.isInteger(value / 1024));
  return values.map(value => ({ value, text: areSizes ? sizeText(value) : plain(value) }));
}

/** `0.05`, `12.5`, `1,500`, `2,000,000`. */
function plain(value: number): string {
  // a tick is a sum of steps: 0.30000000000000004
  const rounded = Number(value.toPrecision(6));
  return Math.abs(rounded) >= 1000 ? count(rounded) : `${rounded}`;
}

/** Each tick, or each second, third … one, so that no label touches the next. */
function apart(ticks: readonly Tick[], place: (value: number) => number, size: number): Tick[] {
  for (let step = 1; step < ticks.length; step++) {
    const kept = ticks.filter((_, at) => at % step === 0);
    const ends = kept.map(({ value, text }) => {
      const half = textWidth(text, size) / 2;
      return { from: place(value) - half, to: place(value) + half };
    });
    if (ends.slice(1).every(({ from }, at) => from >= ends[at].to + gap)) return kept;
  }
  return ticks.slice(0, 1);
}
