import { quantile } from '../tools/statistics.js';
import { blank, type Line, paint, type Style, type Terminal, wrapped } from '../tools/terminal-lines.js';
import { visible } from '../tools/visible.js';
import { figure } from '../tools/words.js';
import { factsOf, unitsNote } from './facts.js';
import type { ExperimentReport, ExperimentResult } from './result.js';
import { type Entry, type FigureTable, ratioLine, runColumns, runsOf, sourceOf, tablesOf } from './tables.js';
import { type Grid, gridLines, gridWidth } from './text-grid.js';

/** Experiments for a terminal: tables with the paper's figures beside ours, the ratios, and why they are as they are. */

/** A whole report. @returns lines no wider than the terminal (where words allow it), the last one ended too */
export function reportText(report: ExperimentReport, terminal: Terminal): string {
  const { width } = terminal;
  const lines = [
    ...factsOf(report).flatMap(([name, value]) => wrap(value, width, ' '.repeat(12), name.padEnd(12), 'faint')),
    ...report.results.flatMap(result => resultLines(result, width)),
    blank,
    ...wrap(unitsNote, width, '', '', 'faint'),
  ];
  return lines.map(line => `${paint(line, terminal.color)}\n`).join('');
}

function resultLines(result: ExperimentResult, width: number): Line[] {
  const { title, about, ratios, listings = [], notes, commands, settings } = result;
  const source = sourceOf(result);
  return [
    blank,
    ...wrap(title, width, '', '', 'heading'),
    ...wrap(about, width),
    ...tablesOf(result).flatMap(table => figureLines(table, width)),
    ...(ratios.length > 0 ? [blank] : []),
    ...ratios.flatMap(ratio => wrap(ratioLine(ratio, source), width, '  ', '', 'title')),
    ...listings.flatMap(({ title: name, lines }) => [blank, titled(name), ...lines.map(plain)]),
    ...costLines(result, width),
    ...part(
      'Settings',
      Object.entries(settings).map(([name, value]) => `${name}: ${value}`),
      width,
    ),
    ...part('Notes', notes, width),
    ...part('Commands', commands, width),
  ];
}

/** Command lines hold byte strings. */
function wrap(text: string, width: number, indent = '', first = indent, style: Style = 'plain'): Line[] {
  return wrapped(visible(text), width, indent, first, style);
}

const plain = (text: string): Line => ({ text: visible(text), style: 'plain' });
const titled = (text: string): Line => ({ text: visible(text), style: 'title' });

function part(name: string, texts: readonly string[], width: number): Line[] {
  if (texts.length === 0) return [];
  return [blank, titled(name), ...texts.flatMap(text => wrap(text, width, '    ', '  ', 'plain'))];
}

/** So many rows or fewer have a line for each figure of theirs; more are easier to read with a column for each. */
const fewRows = 4;

function figureLines(table: FigureTable, width: number): Line[] {
  if (table.rows.length > fewRows) {
    const all = besideOneAnother(table, table.columns);
    if (gridWidth(all) <= width) return [blank, ...gridLines(all, width)];
    const each = table.columns.map(column => besideOneAnother(table, [column]));
    if (each.every(grid => gridWidth(grid) <= width)) return each.flatMap(grid => [blank, ...gridLines(grid, width)]);
  }
  return [blank, ...gridLines(belowOneAnother(table), width)];
}

/** The names of all figures that a table has, in the order of a cell's. */
function entryNames({ rows, columns, entries }: FigureTable, column?: string): string[] {
  const among = column === undefined ? columns : [column];
  const all = rows.flatMap(row => among.flatMap(each => entries(row, each)));
  return [...new Set(all.map(({ name }) => name))];
}

const textOf = (entry: Entry | undefined) =>
  entry === undefined ? '' : `${entry.figure} ${entry.spread?.text ?? ''}`.trim();

/** `here`, `paper` and the others as lines of a row. */
function belowOneAnother(table: FigureTable): Grid {
  const { rows, columns, entries, unit } = table;
  const names = entryNames(table);
  const hasOthers = names.length > 1;
  const lines = rows.flatMap(row => {
    const used = names.filter(name => columns.some(column => entries(row, column).some(each => each.name === name)));
    return used.map((name, at) => ({
      labels: hasOthers ? [at === 0 ? row : '', name] : [row],
      cells: columns.map(column => textOf(entries(row, column).find(each => each.name === name))),
    }));
  });
  return { heads: [{ labels: hasOthers ? [unit, ''] : [unit], cells: columns }], lines };
}

/** `here`, `paper` and the others as columns below each column's name. @param columns those of the table's to show */
function besideOneAnother(table: FigureTable, columns: readonly string[]): Grid {
  const { rows, entries, unit } = table;
  const places = columns.flatMap(column => entryNames(table, column).map((name, at) => ({ column, name, at })));
  const lines = rows.map(row => ({
    labels: [row],
    cells: places.map(({ column, name }) => textOf(entries(row, column).find(each => each.name === name))),
  }));
  const names = { labels: [''], cells: places.map(({ name }) => name) };
  const heads = [{ labels: [unit], cells: places.map(({ column, at }) => (at === 0 ? column : '')) }, names];
  return { heads: entryNames(table).length > 1 ? heads : heads.slice(0, 1), lines };
}

/** What the transfers cost: the medians of their runs. Where a label leaves no room, the figures come below it. */
function costLines(result: ExperimentResult, width: number): Line[] {
  const runs = runsOf(result);
  if (runs.length === 0) return [];
  const groups = runColumns.map(({ group }, at) => (runColumns[at + 1]?.group === group ? '' : group));
  const heads = [
    { labels: ['Medians of the runs'], cells: groups },
    { labels: [''], cells: runColumns.map(({ name }) => name) },
  ];
  const cells = runs.map(({ samples }) => runColumns.map(({ of }) => figure(quantile(samples.map(of), 0.5))));
  const grid = { heads, lines: runs.map(({ label }, at) => ({ labels: [label], cells: cells[at] })) };
  if (gridWidth(grid) <= width) return [blank, ...gridLines(grid, width)];
  const [top, names, ...figures] = gridLines(
    { heads, lines: cells.map(each => ({ labels: [''], cells: each })) },
    width,
  );
  return [blank, top, names, ...runs.flatMap(({ label }, at) => [...wrap(label, width), figures[at]])];
}
