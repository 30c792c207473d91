/** A plot of the last ten minutes as SVG: axes with units, layers, and a second that can be picked with the pointer or the arrow keys. */
import type { Sample } from '../snapshot.js';
import { make, makeSvg, setAttribute, setText } from './dom.js';
import { duration, timeOfDay } from './format.js';
import { axis, type Frame, nearest, type Scale, timePlace, valuePlace } from './scale.js';

/** Where the values of a plot lie; made anew with each drawing. */
export interface Places {
  x(at: number): number;
  y(value: number): number;
  /** Seconds that are further apart than this, in pixels, are not joined. */
  readonly gap: number;
}

export interface Layer {
  readonly className: string;
  /** The name of its stripes; '' where it has none. No other layer of the page has the same. */
  readonly stripes: string;
}

/** What is drawn. */
export interface PlotKind {
  /** For screen readers. */
  readonly name: string;
  /** Its layers, the lowest first. */
  readonly layers: readonly Layer[];
  /** The axis goes to this value at least. */
  readonly least: number;
  most(history: readonly Sample[]): number;
  /** The `d` of each layer. */
  draw(history: readonly Sample[], places: Places): readonly string[];
  tick(value: number): string;
  /** One second in words. */
  readout(sample: Sample): string;
}

const span = 600_000;
const height = 230;
const margins = { left: 74, right: 14, top: 12, bottom: 28 };
const wantedTicks = 4;
/** Steps of the keys, in seconds. */
const keySteps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -60,
  PageUp: 60,
  Home: -601,
  End: 601,
};

export class Plot {
  private readonly svg = makeSvg('svg', { 'aria-hidden': 'true', height });
  private readonly grid = makeSvg('g', {});
  private readonly layers: readonly SVGPathElement[];
  private readonly cursor = makeSvg('path', { class: 'cursor' });
  private readonly reading = make('p', 'readout', 'No measurements so far');
  private readonly hand = make('div', 'plot-hand');
  private history: readonly Sample[] = [];
  private width = 0;
  private gridKey = '';
  /** The time that was picked; undefined: the newest. */
  private picked: number | undefined;

  /** @param parent gets the plot */
  constructor(
    parent: HTMLElement,
    private readonly kind: PlotKind,
  ) {
    this.layers = kind.layers.map(layerOf);
    const stripes = kind.layers.filter(layer => layer.stripes !== '').map(stripesOf);
    this.svg.append(...stripes, this.grid, ...this.layers, this.cursor);
    this.hand.append(this.svg);
    parent.append(this.hand, this.reading);
    this.listen();
    new ResizeObserver(([entry]) => this.resize(Math.floor(entry.contentRect.width))).observe(this.hand);
  }

  update(history: readonly Sample[]): void {
    this.history = history;
    this.draw();
  }

  private resize(width: number): void {
    if (width === this.width) return;
    this.width = width;
    setAttribute(this.svg, 'viewBox', `0 0 ${width} ${height}`);
    this.draw();
  }

  private listen(): void {
    const { hand } = this;
    hand.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: 'slider',
      'aria-label': `${this.kind.name}: seconds before now`,
      'aria-valuemin': '-600',
      'aria-valuemax': '0',
    })) {
      hand.setAttribute(name, value);
    }
    hand.addEventListener('pointermove', event => this.pickAt(event.clientX - hand.getBoundingClientRect().left));
    hand.addEventListener('pointerdown', event => this.pickAt(event.clientX - hand.getBoundingClientRect().left));
    hand.addEventListener('pointerleave', event => {
      // a finger that is lifted leaves its second picked, so that one can read it
      if (event.pointerType === 'mouse') this.pick(undefined);
    });
    hand.addEventListener('keydown', event => this.key(event));
  }

  private key(event: KeyboardEvent): void {
    const newest = this.history.length - 1;
    if (event.key === 'Escape') this.pick(undefined);
    else if (Object.hasOwn(keySteps, event.key) && newest >= 0) {
      const from = this.picked === undefined ? newest : nearest(this.history, this.picked);
      const to = Math.min(newest, Math.max(0, from + keySteps[event.key]));
      this.pick(to === newest ? undefined : this.history[to].at);
      event.preventDefault();
    }
  }

  private pickAt(x: number): void {
    const { left, right } = this.frame();
    const newest = this.history.at(-1)?.at ?? 0;
    this.pick(newest - ((right - x) / (right - left)) * span);
  }

  private pick(time: number | undefined): void {
    this.picked = time;
    this.showCursor();
  }

  private frame(): Frame {
    const { left, right, top, bottom } = margins;
    return { left, right: Math.max(left + 1, this.width - right), top, bottom: height - bottom };
  }

  private places({ most }: Scale): Places {
    const frame = this.frame();
    const newest = this.history.at(-1)?.at ?? 0;
    return {
      x: at => timePlace(at, newest, span, frame),
      y: value => valuePlace(value, most, frame),
      gap: (2500 / span) * (frame.right - frame.left),
    };
  }

  private draw(): void {
    if (this.width === 0) return;
    const newest = this.history.at(-1)?.at ?? 0;
    // a gap in the measurements may leave older ones in the list than the plot has room for
    const shown = this.history.filter(({ at }) => at >= newest - span);
    const scale = axis(this.kind.most(shown), wantedTicks, this.kind.least);
    const places = this.places(scale);
    this.drawGrid(scale, places);
    const drawn = this.kind.draw(shown, places);
    for (const [at, layer] of this.layers.entries()) setAttribute(layer, 'd', drawn[at]);
    this.showCursor();
  }

  private drawGrid(scale: Scale, { y }: Places): void {
    const key = `${this.width} ${scale.most} ${scale.step}`;
    if (key === this.gridKey) return;
    this.gridKey = key;
    const frame = this.frame();
    const values = scale.ticks.flatMap(value => [
      makeSvg('path', { class: value === 0 ? 'axis' : 'grid', d: `M${frame.left} ${y(value)}H${frame.right}` }),
      textAt(this.kind.tick(value), frame.left - 8, y(value) + 4, 'end'),
    ]);
    const times = [10, 8, 6, 4, 2, 0].flatMap(minutes => {
      const x = timePlace(-minutes * 60_000, 0, span, frame);
      const text = minutes === 0 ? 'now' : minutes === 10 ? '−10 min' : `−${minutes}`;
      return [
        makeSvg('path', { class: 'axis', d: `M${x} ${frame.bottom}v4` }),
        textAt(text, x, frame.bottom + 19, minutes === 0 ? 'end' : 'middle'),
      ];
    });
    this.grid.replaceChildren(...values, ...times);
  }

  private showCursor(): void {
    const at = this.picked === undefined ? this.history.length - 1 : nearest(this.history, this.picked);
    if (at < 0) return;
    const sample = this.history[at];
    const newest = this.history[this.history.length - 1];
    const { top, bottom } = this.frame();
    const x = timePlace(sample.at, newest.at, span, this.frame());
    setAttribute(this.cursor, 'd', this.picked === undefined ? '' : `M${x.toFixed(1)} ${top}V${bottom}`);
    const ago = newest.at - sample.at;
    const when = ago < 500 ? 'now' : `${duration(ago)} ago`;
    const words = `${timeOfDay(sample.at)} (${when}): ${this.kind.readout(sample)}`;
    setText(this.reading, words);
    setAttribute(this.hand, 'aria-valuenow', `${-Math.round(ago / 1000)}`);
    setAttribute(this.hand, 'aria-valuetext', words);
  }
}

function layerOf({ className, stripes }: Layer): SVGPathElement {
  return makeSvg('path', { class: className, ...(stripes === '' ? {} : { fill: `url(#${stripes})` }) });
}

function stripesOf({ className, stripes }: Layer): SVGPatternElement {
  const size = { width: 8, height: 8 };
  const pattern = makeSvg('pattern', {
    ...size,
    id: stripes,
    class: className,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  });
  pattern.append(
    makeSvg('rect', { ...size, class: 'ground' }),
    makeSvg('rect', { ...size, width: 3, class: 'stripe' }),
  );
  return pattern;
}

function textAt(text: string, x: number, y: number, anchor: string): SVGTextElement {
  const element = makeSvg('text', { x, y, 'text-anchor': anchor });
  element.textContent = text;
  return element;
}
