import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, ratioOf, receiverCpu, samplesOf, typical } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { describeLoad } from './explain.js';
import { rateOverTime } from './intervals.js';
import { type Lab, type Plan, Way } from './lab.js';
import type { Cell, Plot } from './result.js';
import { type Transfer, TransferFailed } from './transfer.js';
import { roughSize } from './units.js';

/** What the paper could not do: zero copy at the receiver, by splice from the socket through a pipe to the file. */

const ways = [
  { row: 'read+write', zeroCopy: false, direct: false, column: 'buffered' },
  { row: 'splice', zeroCopy: true, direct: false, column: 'buffered' },
  { row: 'read+write', zeroCopy: false, direct: true, column: 'O_DIRECT' },
  { row: 'splice', zeroCopy: true, direct: true, column: 'O_DIRECT' },
] as const;

type StoreWay = (typeof ways)[number];

interface Measured extends Pick<StoreWay, 'row' | 'column' | 'zeroCopy'> {
  readonly runs: readonly Transfer[];
}

async function run(lab: Lab): Promise<Finding[]> {
  const { size } = lab.settings;
  const bytes = lab.fitting(size, true);
  const plan = await lab.plan(bytes, true);
  const refusals = new Map<StoreWay, string>();
  const tries = ways.map(way => ({ way, runs: new Way(nameOf(way), () => store(lab, plan, way, refusals)) }));
  await lab.rounds(tries.map(({ runs }) => runs));
  const measured = tries.flatMap(({ way: { row, column, zeroCopy }, runs }): Measured[] => {
    const done = runs.results.filter(result => result !== undefined);
    return done.length === 0 ? [] : [{ row, column, zeroCopy, runs: done }];
  });
  const rates = measured.map(({ row, column, runs }) => cellOf({ row, column }, samplesOf(runs)));
  const costs = measured.map(({ row, column, runs }) =>
    cellOf({ row, column: `${column}, receiver's CPU`, measure: receiverCpu }, samplesOf(runs)),
  );
  const cut =
    bytes === size ? [] : [`${sizeText(size)} twice do not fit the disk: ${roughSize(bytes)} are sent and stored.`];
  const finding: Finding = {
    ...{ name: 'store', title: 'Storing with and without zero copy', cells: [...rates, ...costs] },
    about: `The paper found no call that stores without a copy, and so read and wrote at its receiver. splice moves the pages of the socket through a pipe to the file. Here ${sizeText(bytes)} are sent with sendfile, and stored both ways, through the page cache and past it (O_DIRECT), with an fsync at the end, which counts.`,
    ratios: ratiosOf(rates, costs),
    plots: plotsOf(measured, costs),
    notes: [
      ...cut,
      ...plan.notes,
      ...refusals.values(),
      ...rates.map(({ label, samples }) => describeLoad(label, samples)),
      ...noiseNotes([...rates, ...costs]),
    ],
  };
  return [finding];
}

function nameOf({ row, column }: StoreWay): string {
  return `stored by ${row}, ${column}`;
}

/** @returns undefined where the kernel refuses O_DIRECT this way, which `refusals` then tells of */
async function store(
  lab: Lab,
  plan: Plan,
  way: StoreWay,
  refusals: Map<StoreWay, string>,
): Promise<Transfer | undefined> {
  const { zeroCopy, direct } = way;
  if (refusals.has(way)) return undefined;
  try {
    return await lab.store(plan, { zeroCopy: true }, { zeroCopy, direct });
  } catch (error) {
    if (!(direct && error instanceof TransferFailed && error.receiver !== '')) throw error;
    // who sent it, and in which folder it was, says nothing here
    const answer = error.receiver.replace(/^from \S+: /, '').replaceAll(`${lab.place.path}/`, '');
    refusals.set(way, `${nameOf(way)}: impossible here. ${answer}`);
    return undefined;
  }
}

function ratiosOf(rates: readonly Cell[], costs: readonly Cell[]) {
  return [
    ...pairs(rates).map(([splice, copy]) => ratioOf(`${splice.column}: splice / read+write`, splice, copy)),
    ...pairs(costs).map(([splice, copy]) => ratioOf(`${copy.column}: read+write / splice`, copy, splice)),
  ];
}

/** Both ways of a column, where both were possible. */
function pairs(cells: readonly Cell[]): [splice: Cell, copy: Cell][] {
  return cells.flatMap(splice => {
    const copy = cells.find(({ row, column }) => row === 'read+write' && column === splice.column);
    return splice.row === 'splice' && copy !== undefined ? [[splice, copy] as [Cell, Cell]] : [];
  });
}

function plotsOf(measured: readonly Measured[], costs: readonly Cell[]): Plot[] {
  const categories = [...new Set(costs.map(({ column }) => column.replace(/,.*/, '')))];
  const bars = (['splice', 'read+write'] as const).map(row => ({
    ...{ name: row, colour: row === 'splice' ? ('zero-copy' as const) : ('copy' as const) },
    points: costs
      .filter(cell => cell.row === row)
      .map(cell => [categories.indexOf(cell.column.replace(/,.*/, '')), cell.median] as const),
  }));
  const lines = measured.map(({ row, column, zeroCopy, runs }) => ({
    ...{ name: `${row}, ${column}`, colour: zeroCopy ? ('zero-copy' as const) : ('copy' as const) },
    points: rateOverTime(typical(runs).receiver.intervals),
  }));
  return [
    {
      title: 'Taken by the receiver over time',
      kind: 'line',
      x: { label: 's' },
      y: { label: 'Gbit/s' },
      series: lines,
    },
    {
      ...{ title: "The receiver's CPU", kind: 'bars', x: { label: '' }, y: { label: 's of CPU a GB' } },
      ...{ categories, series: bars },
    },
  ];
}

export const storing: Experiment = {
  name: 'store',
  about: 'stored by splice against read+write, buffered and O_DIRECT',
  run,
};
