/** The arithmetic of a plot: axes, areas and points, as text for SVG. Pixels, the origin top left. */

export interface Scale {
  /** The largest value of the axis, which begins at 0. */
  readonly most: number;
  readonly step: number;
  /** From 0 to `most`. */
  readonly ticks: readonly number[];
}

/** An axis from 0 to a round number at or above `most`, in `wanted` steps or a few less. @param least the axis goes to this at least */
export function axis(most: number, wanted: number, least: number): Scale {
  const end = Math.max(most, least);
  const rough = end / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find(each => each * power >= rough * (1 - 1e-9)) ?? 10;
  const step = factor * power;
  const steps = Math.max(1, Math.ceil(end / step - 1e-9));
  return { most: steps * step, step, ticks: Array.from({ length: steps + 1 }, (_, at) => at * step) };
}

/** The frame that values are drawn into. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where a time is: the newest is at the right edge, `span` before it at the left one. All in milliseconds. */
export function timePlace(at: number, newest: number, span: number, { left, right }: Frame): number {
  return right - ((newest - at) / span) * (right - left);
}

export function valuePlace(value: number, most: number, { top, bottom }: Frame): number {
  return bottom - (Math.min(value, most) / most) * (bottom - top);
}

const round = (value: number) => Math.round(value * 10) / 10;

/** A point of a series, in pixels; `low` is the lower edge of a stacked area. */
export interface Edge {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** An area between two edges, as the `d` of a path; pieces that are further apart than `gap` pixels are apart. */
export function area(edges: readonly Edge[], gap: number): string {
  return pieces(edges, gap)
    .map(piece => {
      const there = piece.map(({ x, high }) => `${round(x)} ${round(high)}`);
      const back = piece.toReversed().map(({ x, low }) => `${round(x)} ${round(low)}`);
      return `M${[...there, ...back].join('L')}Z`;
    })
    .join('');
}

/** The upper edge alone. */
export function line(edges: readonly Edge[], gap: number): string {
  return pieces(edges, gap)
    .map(piece => `M${piece.map(({ x, high }) => `${round(x)} ${round(high)}`).join('L')}`)
    .join('');
}

function pieces(edges: readonly Edge[], gap: number): Edge[][] {
  const found: Edge[][] = [];
  for (const edge of edges) {
    const last = found.at(-1);
    if (last !== undefined && edge.x - last[last.length - 1].x <= gap) last.push(edge);
    else found.push([edge]);
  }
  return found;
}

/** Where, in a list that grows, the entry is that is nearest to a time; -1 where the list is empty. */
export function nearest(list: readonly { readonly at: number }[], time: number): number {
  let [low, high] = [0, list.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].at < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - list[low - 1].at <= list[low].at - time ? low - 1 : low < list.length ? low : -1;
}
