/** The picture: stations, and between them the ways that the bytes of the last second took, moving as fast and as wide as they were. */
import { makeSvg, setAttribute, setClass, setText } from './dom.js';
import { bytesOnRoute, type Flow, speedOf, widthOf } from './flow.js';
import { count, rate } from './format.js';
import { Motion } from './motion.js';
import {
  headLength,
  type Label,
  type Layout,
  narrow,
  type Place,
  type Route,
  routes,
  type Station,
  wide,
} from './picture-layouts.js';

interface Leg {
  readonly route: Route;
  readonly group: SVGGElement;
  readonly track: SVGPathElement;
  readonly bytes: SVGPathElement;
  readonly rate: SVGTSpanElement;
  readonly calls: SVGTSpanElement | undefined;
}

export class Picture {
  private readonly isNarrow = matchMedia('(max-width: 44rem)');
  private readonly isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  private readonly motion: Motion;
  private layout = wide;
  private legs: readonly Leg[] = [];
  private flow: Flow | undefined;
  private isStale = false;

  /** @param svg is filled by this class alone */
  constructor(private readonly svg: SVGSVGElement) {
    this.isNarrow.addEventListener('change', () => this.draw());
    this.isCalm.addEventListener('change', () => this.arrange());
    this.motion = new Motion(svg);
    this.arrange();
    this.draw();
  }

  update(flow: Flow): void {
    this.flow = flow;
    this.show();
  }

  /** Nothing moves while nothing is known. */
  setStale(isStale: boolean): void {
    this.isStale = isStale;
    this.svg.classList.toggle('stale', isStale);
    this.arrange();
  }

  private arrange(): void {
    this.motion.setStill(this.isStale || this.isCalm.matches);
  }

  private draw(): void {
    this.motion.clear();
    this.layout = this.isNarrow.matches ? narrow : wide;
    const { width, height } = this.layout;
    setAttribute(this.svg, 'viewBox', `0 0 ${width} ${height}`);
    this.svg.classList.toggle('narrow', this.layout === narrow);
    this.svg.replaceChildren(...zones(this.layout));
    this.legs = routes.map(route => leg(route, this.layout));
    this.svg.append(...this.legs.map(({ group }) => group), ...this.layout.stations.map(station));
    this.show();
  }

  private show(): void {
    const { flow } = this;
    if (flow === undefined) return;
    for (const each of this.legs) this.showLeg(each, flow);
  }

  private showLeg({ route, group, track, bytes, rate: figure, calls }: Leg, flow: Flow): void {
    const amount = amountOf(route, flow);
    const width = widthOf(amount ?? 0) * this.layout.thickness;
    setClass(group, `leg path-${route.path}${width > 0 ? '' : ' idle'}`);
    setAttribute(track, 'stroke-width', `${Math.max(width, 3 * this.layout.thickness).toFixed(1)}`);
    setAttribute(bytes, 'stroke-width', width.toFixed(1));
    setText(figure, amount === null ? 'not known' : rate(amount));
    if (calls !== undefined) setText(calls, `${count(flow.calls[route.call] ?? 0)} calls/s`);
    this.motion.set(bytes, width > 0 ? speedOf(amount ?? 0) : 0);
  }
}

function amountOf({ path }: Route, flow: Flow): number | null {
  if (path === 'all') return flow.total;
  return path === 'disk' ? flow.disk : bytesOnRoute(flow, path);
}

function leg(route: Route, layout: Layout): Leg {
  const place = layout.routes[route.name];
  const group = makeSvg('g', { class: `leg path-${route.path} idle` });
  const track = makeSvg('path', { class: 'track', d: place.d });
  const bytes = makeSvg('path', { class: 'bytes', d: place.d, 'stroke-width': 0 });
  const head = makeSvg('path', { class: 'head', d: headOf(place, layout.thickness) });
  const text = labelOf(route, place.label, layout.lineHeight);
  group.append(track, bytes, head, text.element);
  return { route, group, track, bytes, rate: text.rate, calls: text.calls };
}

/** The call and its note stay as they are; the figures are changed with each second. */
function labelOf({ call, note }: Route, { x, y, anchor }: Label, height: number) {
  const element = makeSvg('text', { 'text-anchor': anchor });
  const line = (name: string, at: number) => makeSvg('tspan', { class: name, x, y: y + at * height });
  if (call === '') {
    const rate = line('rate', 0);
    element.append(rate);
    return { element, rate, calls: undefined };
  }
  const [name, rate, calls, does] = ['call', 'rate', 'calls', 'note'].map(line);
  name.textContent = call;
  does.textContent = note;
  element.append(name, rate, calls, does);
  return { element, rate, calls };
}

/** The head of an arrow, whose base is the end of the way. */
function headOf({ end: [x, y], direction }: Place, thickness: number): string {
  const half = 15 * thickness;
  if (direction === 'down') return `M${x - half} ${y}h${2 * half}L${x} ${y + headLength}Z`;
  const tip = direction === 'right' ? headLength : -headLength;
  return `M${x} ${y - half}v${2 * half}L${x + tip} ${y}Z`;
}

function zones({ user, kernel, border, userTitle, kernelTitle }: Layout): SVGElement[] {
  return [
    makeSvg('rect', { class: 'zone user', ...user }),
    makeSvg('rect', { class: 'zone kernel', ...kernel }),
    makeSvg('path', { class: 'border', d: border }),
    title('User space', userTitle),
    title('Kernel', kernelTitle),
  ];
}

function title(text: string, { x, y, anchor }: Label): SVGTextElement {
  const element = makeSvg('text', { class: 'zone-title', x, y, 'text-anchor': anchor });
  element.textContent = text;
  return element;
}

function station({ title: name, note, x, y, width, height, isHardware }: Station): SVGGElement {
  const group = makeSvg('g', { class: isHardware ? 'station hardware' : 'station' });
  const middle = { x: x + width / 2, 'text-anchor': 'middle' };
  const heading = makeSvg('text', { ...middle, class: 'title', y: y + height / 2 - 2 });
  heading.textContent = name;
  const below = makeSvg('text', { ...middle, class: 'note', y: y + height / 2 + 18 });
  below.textContent = note;
  group.append(makeSvg('rect', { x, y, width, height, rx: 10 }), heading, below);
  return group;
}
