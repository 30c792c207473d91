import type { Line } from '../tools/terminal-lines.js';
import { columnsOf } from '../tools/visible.js';

/** A table for a terminal: labels at the left, figures at the right of their columns. */

export interface GridRow {
  readonly labels: readonly string[];
  readonly cells: readonly string[];
}

export interface Grid {
  readonly heads: readonly GridRow[];
  readonly lines: readonly GridRow[];
}

const gap = 2;

/** Where the terminal is too narrow for all columns, those that do not fit come below, with the labels once more. */
export function gridLines({ heads, lines }: Grid, width: number): Line[] {
  const all = [...heads, ...lines];
  const labelWidths = widthsOf(all.map(({ labels }) => labels));
  const cellWidths = widthsOf(all.map(({ cells }) => cells));
  const labelRoom = labelWidths.reduce((sum, each) => sum + each + gap, 0);
  const blocks = blocksOf(cellWidths, Math.max(0, width - labelRoom + gap));
  return blocks.flatMap((columns, at) => {
    const text = ({ labels, cells }: GridRow) => {
      const left = labels
        .map((label, index) => label + ' '.repeat(labelWidths[index] - columnsOf(label) + gap))
        .join('');
      const right = columns.map(index => ' '.repeat(cellWidths[index] - columnsOf(cells[index])) + cells[index]);
      return (left + right.join(' '.repeat(gap))).trimEnd();
    };
    const block: Line[] = [
      ...heads.map((row): Line => ({ text: text(row), style: 'title' })),
      ...lines.map((row): Line => ({ text: text(row), style: 'plain' })),
    ];
    return at === 0 ? block : [{ text: '', style: 'plain' } as const, ...block];
  });
}

/** The columns of a terminal that a table takes if nothing of it goes below. */
export function gridWidth({ heads, lines }: Grid): number {
  const all = widthsOf([...heads, ...lines].map(({ labels, cells }) => [...labels, ...cells]));
  return all.reduce((sum, each) => sum + each, gap * (all.length - 1));
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const most: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) most[index] = Math.max(most[index] ?? 0, columnsOf(cell));
  }
  return most;
}

/** Columns that fit beside one another; each block has at least one. */
function blocksOf(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = [[]];
  let left = room;
  for (const [index, width] of widths.entries()) {
    const last = blocks[blocks.length - 1];
    if (last.length > 0 && width + gap > left) {
      blocks.push([index]);
      left = room - width - gap;
    } else {
      last.push(index);
      left -= width + gap;
    }
  }
  return blocks;
}
