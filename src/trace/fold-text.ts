/** A folded trace as lines of text: in fixtures, and for every view that needs no more. */
import { isClientWrite, isFileRead, isKernelMove, isWait } from './normalise.js';
import { stepText } from './step-text.js';
import type { Folded, FoldedItem, FoldedStep, Spread } from './steps.js';

/** A spread as text: `65536`, or `1024 to 65536 (median 4096)`. */
export function spreadText({ min, median, max }: Spread): string {
  return min === max ? `${min}` : `${min} to ${max} (median ${median})`;
}

/** One line for a step that stands for one or more: `2 × pread64(file, 32768) = 32768`. */
export function itemText(item: FoldedItem): string {
  if (item.kind === 'run') {
    const times = spreadText(item.times);
    return item.why === 'repeats'
      ? `${times} times:`
      : `${times} times the socket is full (then ${spreadText(item.moved)} bytes until it is full again or all is sent):`;
  }
  const { times } = item;
  return `${times.min === 1 && times.max === 1 ? '' : `${spreadText(times)} × `}${stepLine(item)}`;
}

function stepLine(item: FoldedStep): string {
  const { step, calls, asked, moved } = item;
  if (calls === 1) return step.text;
  const differs = asked.min !== asked.max || moved.min !== moved.max;
  const moves = isClientWrite(step) || isFileRead(step) || isKernelMove(step);
  // of several calls one offset says nothing, and a wait is one however much it brought
  const { offset: _, ...rest } = step;
  if (!differs || !moves) return isWait(step) ? step.text : stepText(rest);
  const { size: __, parts: ___, ...bare } = rest;
  const text = stepText(bare);
  return step.errno === '' ? text.replace(/ = -?\d+$/, ` = ${spreadText(moved)}`) : text;
}

/** The lines of a folded trace; what belongs to a run is indented by two blanks. */
export function foldedLines(folded: Folded): string[] {
  const lines: string[] = [];
  const write = (items: readonly FoldedItem[], indent: string) => {
    for (const item of items) {
      lines.push(`${indent}${itemText(item)}`);
      if (item.kind === 'run') write(item.body, `${indent}  `);
    }
  };
  write(folded.items, '');
  return lines;
}
