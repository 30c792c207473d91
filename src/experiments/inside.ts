import { sizeText } from '../tools/words.js';
import type { CLoop, CLoopFigures } from './c-loop.js';
import { cLoopNote, prepareCLoop, runCLoop } from './c-loop-peer.js';
import { cellOf, noiseNotes, rate, ratioOf, samplesOf, typical } from './cells.js';
import type { Finding } from './experiment.js';
import type { CopySpeeds } from './explain.js';
import { describeCaches, describeLoad, describeOffset, explainRatio } from './explain.js';
import { intervalLines, paperLines, paperRates, rateOverTime } from './intervals.js';
import { type Lab, type Plan, Way } from './lab.js';
import { cacheSizes } from './machine.js';
import { type BothWays, table2 as paperTable2, table3 as paperTable3 } from './paper.js';
import { finish, startOwn } from './program.js';
import type { Cell, Listing, Plot, Sample, Series } from './result.js';
import type { Transfer } from './transfer.js';

/** Tables 2 and 3: a file sent inside one system, on one stream, to a receiver that drops it. */

export type Offset = 'fixed' | 'moving';

const ways = [
  { zeroCopy: true, row: 'zero copy (sendfile)', name: 'zero copy' },
  { zeroCopy: false, row: 'non zero copy (read+write)', name: 'read+write' },
] as const;

const columns: Readonly<Record<Offset, string>> = { fixed: 'fixed offset', moving: 'moving offset' };

/** One of the four cells, with the loop in C beside it. */
interface Measured {
  readonly zeroCopy: boolean;
  readonly row: string;
  readonly name: string;
  readonly offset: Offset;
  readonly runs: readonly Transfer[];
  readonly loop: readonly CLoopFigures[];
}

export interface Inside {
  readonly plan: Plan;
  readonly measured: readonly Measured[];
  /** Why there is no loop in C, if so. */
  readonly withoutLoop?: string;
}

/** Runs both ways at some offsets, in turn. @param withLoop the C loop too, where there is one @throws ExperimentError */
export async function measureInside(lab: Lab, offsets: readonly Offset[], withLoop: boolean): Promise<Inside> {
  const plan = await lab.plan(lab.settings.size, false);
  const loop = withLoop ? await prepareCLoop(lab) : undefined;
  const found = loop !== undefined && !('missing' in loop) ? loop : undefined;
  await lab.prepare(plan);
  const cells = offsets.flatMap(offset =>
    ways.map(way => ({ ...way, offset, ...waysOf(lab, plan, way, offset, found) })),
  );
  try {
    await lab.rounds(cells.flatMap(({ ours, theirs }) => (theirs === undefined ? [ours] : [ours, theirs])));
  } finally {
    found?.remove();
  }
  const measured = cells.map(
    ({ ours, theirs, ...cell }): Measured => ({
      ...cell,
      runs: ours.results,
      loop: theirs?.results ?? [],
    }),
  );
  return { plan, measured, ...(loop !== undefined && 'missing' in loop ? { withoutLoop: loop.missing } : {}) };
}

/** Our own way to a cell, and that of the loop in C where there is one. */
function waysOf(lab: Lab, plan: Plan, { zeroCopy, name }: (typeof ways)[number], offset: Offset, loop?: CLoop) {
  const fixedOffset = offset === 'fixed';
  const label = `${name}, ${columns[offset]}`;
  const ours = new Way(label, () => lab.transfer(plan, { zeroCopy, fixedOffset }));
  const theirs =
    loop === undefined
      ? undefined
      : new Way(`${label}, in C`, () => runCLoop(lab, loop, plan, { zeroCopy, fixedOffset }));
  return { ours, theirs };
}

function cellsOf({ measured }: Inside): Cell[] {
  return measured.map(({ row, offset, zeroCopy, runs, loop }) =>
    cellOf(
      {
        ...{ row, column: columns[offset], measure: rate },
        paper: paperRate(paperTable2[offset], zeroCopy),
        peer: { name: 'C loop', values: loop.map(({ gbps }) => gbps) },
      },
      samplesOf(runs),
    ),
  );
}

function paperRate({ zeroCopy, copy }: BothWays, isZeroCopy: boolean): number {
  return isZeroCopy ? zeroCopy : copy;
}

/** @throws ExperimentError */
export async function table2(lab: Lab, inside: Inside): Promise<Finding> {
  const cells = cellsOf(inside);
  const [fixedZero, fixedCopy, movingZero, movingCopy] = cells;
  const ratios = [
    ratioOf('zero copy / read+write, fixed offset', fixedZero, fixedCopy, paperRatio('fixed')),
    ratioOf('zero copy / read+write, moving offset', movingZero, movingCopy, paperRatio('moving')),
  ];
  const notes = [
    ...inside.plan.notes,
    explainRatio(ratios[0], fixedZero, fixedCopy),
    explainRatio(ratios[1], movingZero, movingCopy),
    ...offsetNotes(cells),
    describeCaches(await copySpeeds(lab), lab.settings.blockSize, cacheSizes()),
    ...cells.map(({ label, samples }) => describeLoad(label, samples)),
    ...loopNotes(lab, inside, cells),
    ...noiseNotes(cells),
  ];
  const about = `The paper sent a 10 GB file inside one system over one TCP stream, with sendfile and with read and write, from a fixed and from a moving file offset. Here a file of ${sizeText(lab.settings.size)} goes from "zerocopy send" to "zerocopy receive" over the loopback. The receiver drops the bytes in the kernel (MSG_TRUNC), so that the sender's cost is what is measured; the paper's receiver read them.`;
  return {
    ...{ name: 'table2', title: 'Table 2: inside one system, with and without zero copy', about, cells, ratios, notes },
    plots: [barsOf(cells)],
  };
}

function paperRatio(offset: Offset): number {
  return paperTable2[offset].zeroCopy / paperTable2[offset].copy;
}

function offsetNotes([fixedZero, fixedCopy, movingZero, movingCopy]: readonly Cell[]): string[] {
  const { fixed, moving } = paperTable2;
  return [
    describeOffset({ way: 'zero copy', fixed: fixedZero, moving: movingZero, paper: fixed.zeroCopy / moving.zeroCopy }),
    describeOffset({ way: 'read+write', fixed: fixedCopy, moving: movingCopy, paper: fixed.copy / moving.copy }),
  ];
}

function loopNotes(lab: Lab, { withoutLoop, measured }: Inside, cells: readonly Cell[]): string[] {
  if (withoutLoop !== undefined) return [withoutLoop];
  if (!lab.settings.cLoop) return ['The loop in C was left out (--no-c-loop).'];
  return cells.flatMap((cell, index) =>
    cell.peer === undefined ? [] : [cLoopNote(cell, cell.peer, measured[index].loop)],
  );
}

/** Memory that is copied from in turn: more than the caches hold, as far as that is possible. */
const copySpan = 512 * 2 ** 20;
const copySeconds = '0.3';

async function copySpeeds(lab: Lab): Promise<CopySpeeds> {
  lab.progress('measuring how fast a core copies');
  const args = [String(lab.settings.blockSize), String(copySpan), copySeconds];
  return JSON.parse(await finish(startOwn('copy-speed', args, lab.place.cwd), 60_000)) as CopySpeeds;
}

function barsOf(cells: readonly Cell[]): Plot {
  const categories = Object.values(columns);
  const of = (row: string, value: (cell: Cell) => number | undefined) =>
    cells.flatMap(cell => {
      const y = value(cell);
      return cell.row !== row || y === undefined ? [] : [[categories.indexOf(cell.column), y] as const];
    });
  const series = ways.flatMap(({ row, name, zeroCopy }): Series[] => {
    const colour = zeroCopy ? 'zero-copy' : 'copy';
    return [
      { name, colour, points: of(row, cell => cell.median) },
      { name: `${name}, C loop`, colour: 'other', points: of(row, cell => cell.peer?.median) },
      { name: `${name}, paper`, colour, paper: true, points: of(row, cell => cell.paper) },
    ];
  });
  return {
    ...{ title: 'One stream inside one system', kind: 'bars', categories },
    ...{
      x: { label: 'file offset' },
      y: { label: 'Gbit/s' },
      series: series.filter(({ points }) => points.length > 0),
    },
  };
}

/** The moving column second by second, in the paper's form. */
export function table3(lab: Lab, inside: Inside): Finding {
  const moving = { ...inside, measured: inside.measured.filter(({ offset }) => offset === 'moving') };
  const cells = cellsOf(moving);
  const [zero, copy] = cells;
  const ratio = ratioOf('zero copy / read+write, moving offset', zero, copy, paperRatio('moving'));
  const listings = moving.measured.flatMap(({ name, zeroCopy, runs }): Listing[] => [
    { title: `${name}, here`, lines: intervalLines(typical(runs).receiver.intervals) },
    { title: `${name}, the paper`, lines: paperLines(paperTable3[zeroCopy ? 'zeroCopy' : 'copy']) },
  ]);
  const series = moving.measured.flatMap(({ name, zeroCopy, runs }): Series[] => {
    const colour = zeroCopy ? 'zero-copy' : 'copy';
    const paper = paperRates(paperTable3[zeroCopy ? 'zeroCopy' : 'copy']);
    return [
      { name, colour, points: rateOverTime(typical(runs).receiver.intervals) },
      { name: `${name}, paper`, colour, paper: true, points: paper },
    ];
  });
  return {
    ...{ name: 'table3', title: 'Table 3: the moving offset second by second', cells, ratios: [ratio], listings },
    about: `The paper lists how its 10 GB went, second by second, from a moving file offset. Here the same of the run with the median rate, for ${sizeText(lab.settings.size)}; the plot has finer steps.`,
    plots: [{ title: 'A moving offset over time', kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' }, series }],
    notes: [...inside.plan.notes, explainRatio(ratio, zero, copy), ...loads(cells), ...noiseNotes(cells)],
  };
}

function loads(cells: readonly { readonly label: string; readonly samples: readonly Sample[] }[]): string[] {
  return cells.map(({ label, samples }) => describeLoad(label, samples));
}
