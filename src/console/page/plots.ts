/** The two plots, and their table: throughput by path, and what a GB costs. */
import type { DataPath, Sample } from '../snapshot.js';
import { byMinute, costOf, type Minute, mainPath, medianCost, usualCost } from './cost.js';
import { byId, cells, make, rowOf, setText } from './dom.js';
import { figure, rate, timeOfDay } from './format.js';
import { type KeyedRow, KeyedRows } from './keyed-rows.js';
import { pathLooks, paths, sum } from './paths.js';
import { type Places, Plot, type PlotKind } from './plot.js';
import { area, type Edge } from './scale.js';

const throughput: PlotKind = {
  name: 'Throughput by path',
  layers: paths.map(path => ({
    className: `area path-${path}`,
    stripes: pathLooks[path].isStriped ? `stripes-${path}` : '',
  })),
  least: 1e6,
  most: history => Math.max(0, ...history.map(({ bytes }) => sum(bytes))),
  draw: (history, places) => paths.map((_, at) => area(stacked(history, paths.slice(0, at + 1), places), places.gap)),
  tick: rate,
  readout: ({ bytes }) => paths.map(path => `${pathLooks[path].name} ${rate(bytes[path])}`).join(', '),
};

/** The last of these paths, upon the others. */
function stacked(history: readonly Sample[], below: readonly DataPath[], { x, y }: Places): Edge[] {
  return history.map(({ at, bytes }) => {
    const high = below.reduce((all, path) => all + bytes[path], 0);
    return { x: x(at), low: y(high - bytes[below[below.length - 1]]), high: y(high) };
  });
}

const kindsOfSecond = [...paths, 'mixed'] as const;

const cost: PlotKind = {
  name: 'CPU seconds a GB',
  layers: kindsOfSecond.map(kind => ({ className: `dots path-${kind}`, stripes: '' })),
  least: 0.2,
  most: usualCost,
  draw: (history, places) => kindsOfSecond.map(kind => dots(history, kind, places)),
  tick: value => `${Number(value.toPrecision(6))} s`,
  readout: sample => {
    const value = costOf(sample);
    if (value === undefined) return 'less than 10 MB/s, too little to tell';
    const kind = mainPath(sample);
    return `${figure(value)} s a GB, ${kind === 'mixed' ? 'several paths' : pathLooks[kind].name}`;
  },
};

/** Lines without a length, which the caps of style.css make round or square dots of. */
function dots(history: readonly Sample[], kind: (typeof kindsOfSecond)[number], { x, y }: Places): string {
  let d = '';
  for (const sample of history) {
    const value = costOf(sample);
    if (value === undefined || mainPath(sample) !== kind) continue;
    d += `M${x(sample.at).toFixed(1)} ${y(value).toFixed(1)}h0.01`;
  }
  return d;
}

export class Plots {
  private readonly plots = [
    new Plot(byId('throughput-plot', HTMLElement), throughput),
    new Plot(byId('cost-plot', HTMLElement), cost),
  ];
  private readonly medians = byId('cost-medians', HTMLElement);
  private readonly details = byId('plots-table', HTMLDetailsElement);
  private readonly rows = new KeyedRows<Minute & { readonly nth: number }>(
    byId('minutes', HTMLElement),
    ({ nth }) => `${nth}`,
    minuteRow,
  );
  private history: readonly Sample[] = [];
  private tableAt = 0;

  constructor() {
    this.details.addEventListener('toggle', () => {
      this.tableAt = 0;
      this.updateTable();
    });
  }

  update(history: readonly Sample[]): void {
    this.history = history;
    for (const plot of this.plots) plot.update(history);
    setText(this.medians, mediansText(history));
    this.updateTable();
  }

  /** Only while it is open, and every ten seconds: a table that changes under the reader cannot be read. */
  private updateTable(): void {
    const newest = this.history.at(-1)?.at ?? 0;
    if (!this.details.open || newest < this.tableAt + 10_000) return;
    this.tableAt = newest;
    this.rows.update(byMinute(this.history).map((minute, nth) => ({ ...minute, nth })));
  }
}

function mediansText(history: readonly Sample[]): string {
  const medians = paths.flatMap(path => {
    const median = medianCost(history, path);
    return median === undefined ? [] : [`${pathLooks[path].name} ${figure(median)} s`];
  });
  return medians.length === 0 ? 'There was no such second so far.' : `Their median: ${medians.join(', ')}.`;
}

function minuteRow(): KeyedRow<Minute> {
  const list = cells(paths.length + 2, 'th');
  const [time, ...figures] = list;
  return {
    element: rowOf(list),
    update({ at, bytes, cost: value }) {
      setText(time, timeOfDay(at));
      for (const [nth, path] of paths.entries()) setText(figures[nth], rate(bytes[path]));
      setText(figures[paths.length], value === undefined ? '–' : `${figure(value)} s`);
    },
  };
}

/** The heads of the table, and the legend; both are of all paths there are. */
export function writeLegends(): void {
  const heads = ['Minute until', ...paths.map(path => pathLooks[path].name), 'CPU a GB'].map(text => {
    const head = make('th', '', text);
    head.scope = 'col';
    return head;
  });
  byId('minutes-head', HTMLElement).replaceChildren(...heads);
  for (const id of ['throughput-legend', 'cost-legend']) {
    const items = paths.map(path => make('li', legendClass(path), pathLooks[path].name));
    if (id === 'cost-legend') items.push(make('li', 'path-mixed', 'several at once'));
    byId(id, HTMLElement).replaceChildren(...items);
  }
}

function legendClass(path: DataPath): string {
  return pathLooks[path].isStriped ? `path-${path} striped` : `path-${path}`;
}
