import { figure } from '../tools/words.js';
import type { Cell, ExperimentResult, Ratio, Sample } from './result.js';

/** What a result's tables say, cell by cell, for the terminal and for the page. */

/** One figure of a cell, and whose it is. */
export interface Entry {
  readonly kind: 'here' | 'paper' | 'peer' | 'ratio';
  /** `here`, `paper`, `C loop`, `here / C loop`. */
  readonly name: string;
  readonly figure: string;
  /** `± 3.1 %`, and the same as a part of 1, where there was more than one run. */
  readonly spread?: { readonly text: string; readonly share: number };
}

/** Cells of one unit. */
export interface FigureTable {
  readonly unit: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** The figures of a row and a column; none where nothing was measured. */
  entries(row: string, column: string): readonly Entry[];
}

/** A table for each unit, in the order in which they come; a second figure of the same place begins another table. */
export function tablesOf(result: ExperimentResult): FigureTable[] {
  const groups: { readonly unit: string; readonly cells: Map<string, Cell> }[] = [];
  for (const cell of result.cells) {
    const place = placeOf(cell);
    const open = groups.find(({ unit, cells }) => unit === cell.unit && !cells.has(place));
    if (open === undefined) groups.push({ unit: cell.unit, cells: new Map([[place, cell]]) });
    else open.cells.set(place, cell);
  }
  const source = sourceOf(result);
  return groups.map(({ unit, cells }) => {
    const all = [...cells.values()];
    return {
      unit,
      rows: distinct(all.map(({ row }) => row)),
      columns: distinct(all.map(({ column }) => column)),
      entries: (row, column) => entriesOf(cells.get(placeOf({ row, column })), source),
    };
  });
}

const placeOf = ({ row, column }: Pick<Cell, 'row' | 'column'>) => JSON.stringify([row, column]);
const distinct = (texts: readonly string[]) => [...new Set(texts)];

/** Whose figures stand beside ours. */
export function sourceOf({ name }: Pick<ExperimentResult, 'name'>): string {
  return name === 'ibm' ? 'IBM' : 'paper';
}

function entriesOf(cell: Cell | undefined, source: string): Entry[] {
  if (cell === undefined) return [];
  const { median, spread, samples, paper, peer } = cell;
  const ours: Entry = { kind: 'here', name: 'here', figure: figure(median) };
  const entries = [samples.length > 1 ? { ...ours, spread: { text: spreadText(spread), share: spread } } : ours];
  if (paper !== undefined) entries.push({ kind: 'paper', name: source, figure: figure(paper) });
  if (peer !== undefined) {
    entries.push({ kind: 'peer', name: peer.name, figure: figure(peer.median) });
    entries.push({ kind: 'ratio', name: `here / ${peer.name}`, figure: ratioText(peer.ratio) });
  }
  return entries;
}

/** `± 3.1 %`. */
function spreadText(spread: number): string {
  return `± ${(spread * 100).toFixed(spread < 0.0995 ? 1 : 0)} %`;
}

/** `2.52`. */
export function ratioText(ratio: number): string {
  return ratio < 100 ? ratio.toFixed(2) : figure(ratio);
}

/** `zero copy / read+write: here 2.40, paper 2.52`. */
export function ratioLine({ label, ours, paper }: Ratio, source: string): string {
  const theirs = paper === undefined ? '' : `, ${source} ${ratioText(paper)}`;
  return `${label}: here ${ratioText(ours)}${theirs}`;
}

/** The runs of one transfer. */
export interface Runs {
  readonly label: string;
  readonly samples: readonly Sample[];
}

/** All runs, each once: several cells may show the same ones, in one unit and another. */
export function runsOf({ cells }: ExperimentResult): Runs[] {
  const seen = new Map<string, Runs>();
  for (const { label, samples } of cells) {
    const key = JSON.stringify(samples);
    if (samples.length > 0 && !seen.has(key)) seen.set(key, { label, samples });
  }
  return [...seen.values()];
}

/** The columns of a table of runs; some have a heading in common. */
export const runColumns: readonly {
  readonly group: string;
  readonly name: string;
  readonly of: (sample: Sample) => number;
}[] = [
  { group: '', name: 'Gbit/s', of: sample => sample.gigabitsPerSecond },
  { group: '', name: 'seconds', of: sample => sample.seconds },
  { group: 'CPU s a GB', name: 'sender', of: sample => sample.senderCpuPerGB },
  { group: 'CPU s a GB', name: 'receiver', of: sample => sample.receiverCpuPerGB },
  { group: 'calls a GB', name: 'sender', of: sample => sample.callsPerGB.sender },
  { group: 'calls a GB', name: 'receiver', of: sample => sample.callsPerGB.receiver },
];
