/** The figures of the last second. */
import type { PageCacheFacts, Sample, Snapshot } from '../snapshot.js';
import { costOf, leastRate } from './cost.js';
import { byId, make, setText } from './dom.js';
import { bitRate, bytes, count, figure, percent, rate } from './format.js';
import { pathLooks, paths, sum } from './paths.js';

type Facts = Snapshot & { readonly last: Sample | undefined };

interface Card {
  readonly title: string;
  main(facts: Facts): string;
  readonly rows: readonly (readonly [name: string, value: (facts: Facts) => string])[];
}

const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'];

const cards: readonly Card[] = [
  {
    title: 'Throughput',
    main: ({ last }) => rate(last === undefined ? 0 : sum(last.bytes)),
    rows: [
      ['in bits', ({ last }) => bitRate(last === undefined ? 0 : sum(last.bytes))],
      ...paths.map(path => [pathLooks[path].name, ({ last }: Facts) => rate(last?.bytes[path] ?? 0)] as const),
    ],
  },
  {
    title: 'Requests a second',
    main: ({ last }) => figure(last?.requests ?? 0),
    rows: [
      ['since the start', ({ totals }) => count(totals.requests)],
      ['connections accepted', ({ totals }) => count(totals.accepted)],
      ['not handled', ({ totals }) => count(totals.accepted - totals.handled)],
    ],
  },
  {
    title: 'Connections',
    main: ({ connections }) => count(connections.active),
    rows: [
      ['reading a head', ({ connections }) => count(connections.reading)],
      ['writing an answer', ({ connections }) => count(connections.writing)],
      ['waiting', ({ connections }) => count(connections.waiting)],
    ],
  },
  {
    title: 'CPU (100 %: one processor)',
    main: ({ last }) => percent((last?.cpuUser ?? 0) + (last?.cpuSystem ?? 0)),
    rows: [
      ['user', ({ last }) => percent(last?.cpuUser ?? 0)],
      ['system', ({ last }) => percent(last?.cpuSystem ?? 0)],
      ['seconds a GB', ({ last }) => costText(last)],
    ],
  },
  {
    title: 'Socket full (EAGAIN) a second',
    main: ({ last }) => figure(last?.eagain ?? 0),
    rows: [['since the start', ({ totals }) => count(totals.eagain)]],
  },
  {
    title: 'Read from disks',
    main: ({ last }) => (last === undefined || last.disk === null ? 'not known' : rate(last.disk)),
    rows: [['of what is sent', ({ last }) => diskShare(last)]],
  },
  {
    title: 'Page cache hits (aio threads)',
    main: ({ last }) => hitShare(last?.pageCache),
    rows: [
      ['since the start', ({ totals }) => hitShare(totals.pageCache)],
      ['read in by threads', ({ last }) => rate(last?.pageCache.misses ?? 0)],
      ['threads busy', ({ last }) => count(last?.threads.busy ?? 0)],
      ['waiting for one', ({ last }) => count(last?.threads.waiting ?? 0)],
      ['refused since the start', ({ totals }) => count(totals.threadOverflows)],
    ],
  },
  {
    title: 'Sent since the start',
    main: ({ totals }) => bytes(sum(totals.bytes)),
    rows: paths.map(path => [pathLooks[path].name, ({ totals }: Facts) => bytes(totals.bytes[path])] as const),
  },
  {
    title: 'Responses since the start',
    main: ({ totals }) => count(totals.statuses.reduce((all, each) => all + each, 0)),
    rows: classes.map((name, at) => [name, ({ totals }: Facts) => count(totals.statuses[at] ?? 0)] as const),
  },
];

/** What the disk gave in the second that the network took: the rest was in the page cache. */
function diskShare(last: Sample | undefined): string {
  const sent = last === undefined ? 0 : sum(last.bytes);
  return last === undefined || last.disk === null || sent < leastRate ? '–' : percent(last.disk / sent);
}

/** How much of what was looked for in the page cache was there; nobody looks where `aio` is off. */
function hitShare(facts: PageCacheFacts | undefined): string {
  const all = facts === undefined ? 0 : facts.hits + facts.misses;
  return facts === undefined || all === 0 ? '–' : percent(facts.hits / all);
}

function costText(last: Sample | undefined): string {
  const cost = last === undefined ? undefined : costOf(last);
  return cost === undefined ? '–' : `${figure(cost)} s`;
}

export class Figures {
  private readonly updates: readonly ((facts: Facts) => void)[];

  constructor() {
    const made = cards.map(drawCard);
    byId('cards', HTMLElement).replaceChildren(...made.map(({ element }) => element));
    this.updates = made.map(({ update }) => update);
  }

  update(snapshot: Snapshot): void {
    const facts = { ...snapshot, last: snapshot.history.at(-1) };
    for (const update of this.updates) update(facts);
  }
}

function drawCard({ title, main, rows }: Card): { element: HTMLElement; update(facts: Facts): void } {
  const element = make('section', 'card');
  const big = make('p', 'big');
  const list = make('dl');
  const values = rows.map(([name]) => {
    const pair = make('div');
    const value = make('dd');
    pair.append(make('dt', '', name), value);
    list.append(pair);
    return value;
  });
  element.append(make('h3', '', title), big, list);
  return {
    element,
    update(facts) {
      setText(big, main(facts));
      for (const [at, [, value]] of rows.entries()) setText(values[at], value(facts));
    },
  };
}
