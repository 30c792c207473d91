import { quantile } from '../tools/statistics.js';
import { sizeText } from '../tools/words.js';
import { cellOf, milliseconds, noiseNotes, ratioOf, samplesOf } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { findJava, type Java, type JavaMode, type JavaTask, type JavaTime, runJava } from './java.js';
import { type Lab, type Plan, Way } from './lab.js';
import { type IbmRow, ibmRows } from './paper.js';
import type { Cell, Plot, Ratio } from './result.js';
import type { Transfer } from './transfer.js';

/** IBM's table: eight sizes, read and write against sendfile, in milliseconds; and the same in Java, as IBM did it. */

const ways = [
  { zeroCopy: false, column: 'read+write', java: 'copy', colour: 'copy' },
  { zeroCopy: true, column: 'sendfile', java: 'transferTo', colour: 'zero-copy' },
] as const;

const warmUp =
  'Each of our transfers is a process that has just been started; Java sends both ways before its time counts, so that its compiler has seen the loops.';

/** One Java sends all sizes, one after the other. */
const coldJava = { missing: 'With --cold the comparison in Java is left out.' };

interface Measured {
  readonly row: IbmRow;
  readonly way: (typeof ways)[number];
  readonly runs: readonly Transfer[];
  /** Of Java, in ms. */
  readonly java: readonly number[];
}

async function run(lab: Lab): Promise<Finding[]> {
  const rows = rowsUpTo(lab.settings.size);
  const plan = await lab.plan(Math.max(...rows.map(({ size }) => size)), false);
  const java = lab.settings.cold ? coldJava : await findJava(lab);
  await lab.prepare(plan);
  const tries = rows.flatMap(row =>
    ways.map(way => ({
      row,
      way,
      runs: new Way(`${row.label}, ${way.column}`, () => send(lab, plan, row, way.zeroCopy)),
    })),
  );
  const inJava = 'missing' in java ? undefined : javaWay(lab, java, plan, rows);
  await lab.rounds([...tries.map(({ runs }) => runs), ...(inJava === undefined ? [] : [inJava])]);
  const times = inJava?.results.flat() ?? [];
  const measured = tries.map(({ row, way, runs }) => ({
    row,
    way,
    runs: runs.results,
    java: timesOf(times, row.size, way.java),
  }));
  const cells = measured.map(cellFor);
  const finding: Finding = {
    ...{ name: 'ibm', title: "IBM's table: one file, two ways", cells, ratios: ratiosOf(rows, cells, times) },
    settings: { size: rows.map(({ label }) => label).join(', ') },
    about: `IBM sent files of eight sizes over a socket in Java, with read and write through a buffer and with FileChannel.transferTo, and gave the milliseconds. Here the same sizes go from "zerocopy send" to a receiver that drops them, from the first byte to the last; ${'missing' in java ? 'there is no Java to do it as IBM did' : `and beside it in Java (${java.version}), with a buffer of ${sizeText(lab.settings.blockSize)} outside of its heap, to a receiver that drops the bytes as well`}.`,
    plots: plotsOf(rows, cells),
    notes: [
      ...plan.notes,
      ...notesOf(lab, rows, cells),
      ...('missing' in java ? [java.missing] : []),
      ...noiseNotes(cells),
    ],
  };
  return [finding];
}

/** The sizes that a smaller --size leaves; at least one. */
export function rowsUpTo(size: number): IbmRow[] {
  const rows = ibmRows.filter(row => row.size <= size);
  return rows.length === 0 ? ibmRows.slice(0, 1) : rows;
}

function send(lab: Lab, plan: Plan, { size }: IbmRow, zeroCopy: boolean): Promise<Transfer> {
  return lab.transfer(plan, { zeroCopy, bytes: size });
}

/** One Java for all sizes and both ways of a round. */
function javaWay(lab: Lab, java: Java, plan: Plan, rows: readonly IbmRow[]): Way<JavaTime[]> {
  const tasks = rows.flatMap(({ size }) => ways.map(({ java: mode }): JavaTask => ({ bytes: size, mode })));
  return new Way('Java', () => runJava(lab, java, plan.file.name, lab.settings.blockSize, tasks));
}

function timesOf(times: readonly JavaTime[], size: number, mode: JavaMode): number[] {
  return times.filter(time => time.bytes === size && time.mode === mode).map(time => time.milliseconds);
}

function cellFor({ row, way, runs, java }: Measured): Cell {
  const paper = way.zeroCopy ? row.zeroCopy : row.copy;
  const peer = { name: way.zeroCopy ? 'Java transferTo' : 'Java read+write', values: java };
  return cellOf({ row: row.label, column: way.column, measure: milliseconds, paper, peer }, samplesOf(runs));
}

function ratiosOf(rows: readonly IbmRow[], cells: readonly Cell[], times: readonly JavaTime[]): Ratio[] {
  const ours = rows.map(row => {
    const [copy, zero] = cells.filter(cell => cell.row === row.label);
    return ratioOf(`${row.label}: read+write / sendfile`, copy, zero, row.copy / row.zeroCopy);
  });
  if (times.length === 0) return ours;
  const median = (row: IbmRow, mode: JavaMode) => quantile(timesOf(times, row.size, mode), 0.5);
  const java = rows.map(row => ({
    label: `${row.label}: Java, read+write / transferTo`,
    ours: median(row, 'copy') / median(row, 'transferTo'),
    paper: row.copy / row.zeroCopy,
  }));
  return [...ours, ...java];
}

function notesOf(lab: Lab, rows: readonly IbmRow[], cells: readonly Cell[]): string[] {
  const left = ibmRows.length - rows.length;
  const cut =
    left > 0 ? [`--size ${sizeText(lab.settings.size)} leaves out ${left} of IBM's ${ibmRows.length} sizes.`] : [];
  const last = rows[rows.length - 1];
  const [copy, zero] = cells.filter(cell => cell.row === last.label);
  const faster = (ms: number, cell: Cell) => Math.round(ms / cell.median);
  return [
    ...cut,
    ...(cells.some(({ peer }) => peer !== undefined) ? [warmUp] : []),
    `${last.label}: ${faster(last.copy, copy)} times IBM's speed with read and write, ${faster(last.zeroCopy, zero)} times with sendfile.`,
  ];
}

function plotsOf(rows: readonly IbmRow[], cells: readonly Cell[]): Plot[] {
  const categories = rows.map(({ label }) => label);
  const of = (column: string, value: (cell: Cell) => number | undefined) =>
    cells.flatMap(cell => {
      const y = value(cell);
      return cell.column !== column || y === undefined ? [] : [[categories.indexOf(cell.row), y] as const];
    });
  const ours = ways.map(({ column, colour }) => ({ name: column, colour, points: of(column, cell => cell.median) }));
  const java = ways
    .map(({ column }) => ({
      name: `Java, ${column}`,
      colour: 'other' as const,
      points: of(column, cell => cell.peer?.median),
    }))
    .filter(({ points }) => points.length > 0);
  const ibm = ways.map(({ column, colour }) => ({
    name: `IBM, ${column}`,
    colour,
    paper: true,
    points: of(column, cell => cell.paper),
  }));
  const axes = { kind: 'bars' as const, x: { label: 'size' }, y: { label: 'ms' }, categories };
  return [
    { ...axes, title: 'Milliseconds by size', series: [...ours, ...java] },
    { ...axes, title: "IBM's milliseconds by size", series: ibm },
  ];
}

export const ibm: Experiment = {
  name: 'ibm',
  about: "IBM's eight sizes in milliseconds, and in Java where there is one",
  run,
};
