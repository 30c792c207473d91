/** The tables of one experiment. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { noisySpread } from '../../tools/statistics.js';
import { counted, figure } from '../../tools/words.js';
import type { ExperimentResult } from '../result.js';
import { type Entry, type FigureTable, runColumns, runsOf, tablesOf } from '../tables.js';

/** A table for each unit: in each cell our figure first, then those that it is compared with. */
export function figureTables(result: ExperimentResult): Markup {
  return markup`${tablesOf(result).map(table => figureTable(table, result.name))}`;
}

function figureTable({ unit, rows, columns, entries }: FigureTable, name: string): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${name}, ${unit}"><table class="figures cells"><thead><tr><th scope="col">${unit}</th>${columns.map(
    column => markup`<th scope="col">${column}</th>`,
  )}</tr></thead><tbody>${rows.map(
    row =>
      markup`<tr><th scope="row">${row}</th>${columns.map(column => markup`<td>${entries(row, column).map(entryLine)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

function entryLine({ kind, name, figure: value, spread }: Entry): Markup {
  if (kind !== 'here') return markup`<div class="other">${name} ${value}</div>`;
  if (spread === undefined) return markup`<div><b>${value}</b></div>`;
  const noise = spread.share > noisySpread ? markup` noise` : markup``;
  return markup`<div><b>${value}</b> <span class="other${noise}">${spread.text}</span></div>`;
}

/** Every run with all its figures. */
export function runsTable(result: ExperimentResult): Markup {
  const runs = runsOf(result);
  if (runs.length === 0) return markup``;
  const total = runs.reduce((sum, { samples }) => sum + samples.length, 0);
  return markup`<details><summary>Every run: ${counted(total, 'run')}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Every run of ${result.name}"><table class="figures runs"><thead>${runHeads()}</thead>
${runs.map(
  ({ label, samples }) =>
    markup`<tbody>${samples.map(
      (sample, at) =>
        markup`<tr><th scope="row">${label}, run ${at + 1}</th>${runColumns.map(({ of }) => markup`<td>${figure(of(sample))}</td>`)}</tr>
`,
    )}</tbody>`,
)}</table></div></details>`;
}

/** The names of the columns, below those that some have in common. */
function runHeads(): Markup {
  const groups = [...new Set(runColumns.map(({ group }) => group))];
  const spans = groups.map(group => ({ group, columns: runColumns.filter(each => each.group === group).length }));
  return markup`<tr><td></td>${spans.map(({ group, columns }) =>
    group === ''
      ? markup`<td colspan="${columns}"></td>`
      : markup`<th scope="colgroup" colspan="${columns}">${group}</th>`,
  )}</tr><tr><th scope="col">Run</th>${runColumns.map(({ name }) => markup`<th scope="col">${name}</th>`)}</tr>`;
}
