/** The sweep of `output_buffers`: a chart and the numbers behind it. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { bufferSize, bytes, count, counted, seconds } from '../../tools/words.js';
import type { BuffersRow, BuffersTable } from '../report.js';

const barWidth = 400;
const barHeight = 14;

/** The section for the scenario `buffers`; nothing for the others. */
export function buffersSection(table: BuffersTable | null): Markup {
  if (table === null) return markup``;
  return markup`<section aria-labelledby="buffers"><h2 id="buffers">Output buffers</h2>
<p>Memory that the server takes for ${counted(table.connections, 'slow connection')}, and how long small requests beside them
wait: the dark part of the bar is what half of them wait at most, the whole bar is it for 99 of 100.</p>
<figure class="chart">${table.rows.map(row => bars(row, table.rows))}</figure>
${numbers(table)}</section>`;
}

const label = ({ count: buffers, size }: BuffersRow) => `${buffers} × ${bufferSize(size)}`;
const memory = (row: BuffersRow) => `${Number(row.memoryMb.toPrecision(3))} MB`;
const wait = (value: number) => seconds(value / 1000);

function bars(row: BuffersRow, rows: readonly BuffersRow[]): Markup {
  const part = (value: (one: BuffersRow) => number, of: number) =>
    Math.max(1, Math.round((barWidth * Math.max(0, of)) / Math.max(1e-9, ...rows.map(value))));
  const longest = (one: BuffersRow) => Math.max(one.waitP50Ms, one.waitP99Ms);
  return markup`<div class="bars"><b>${label(row)}</b>
${bar(`memory: ${memory(row)}`, [['read', part(one => one.memoryMb, row.memoryMb)]])}
${bar(`wait: ${wait(row.waitP50Ms)}, 99 of 100: ${wait(row.waitP99Ms)}`, [
  ['sendfile soft', part(longest, longest(row))],
  ['sendfile', part(longest, row.waitP50Ms)],
])}</div>
`;
}

function bar(words: string, parts: readonly [kind: string, width: number][]): Markup {
  return markup`<div class="bar"><svg role="img" viewBox="0 0 ${barWidth} ${barHeight}" preserveAspectRatio="none"><title>${words}</title>${parts.map(
    ([kind, width]) => markup`<rect class="${kind}" width="${width}" height="${barHeight}"/>`,
  )}</svg><span>${words}</span></div>`;
}

function numbers({ rows }: BuffersTable): Markup {
  const heads = ['output_buffers', 'Memory', 'Wait, half', 'Wait, 99 of 100', 'Calls of a download', 'Its size'];
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Output buffers, in numbers"><table class="figures"><thead><tr>${heads.map(
    head => markup`<th scope="col">${head}</th>`,
  )}</tr></thead><tbody>${rows.map(
    row =>
      markup`<tr><th scope="row">${label(row)}</th><td>${memory(row)}</td><td>${wait(row.waitP50Ms)}</td><td>${wait(row.waitP99Ms)}</td><td>${count(row.calls)}</td><td>${bytes(row.downloadBytes)}</td></tr>
`,
  )}</tbody></table></div>`;
}
