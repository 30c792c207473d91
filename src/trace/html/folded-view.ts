/** The folded traces by phases, two beside one another. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { bytes, count, counted } from '../../tools/words.js';
import { itemText } from '../fold-text.js';
import type { Recording, TraceReport } from '../report.js';
import type { FoldedItem, Phase } from '../steps.js';
import { linesBox } from './timeline.js';

/** Of a trace that does not fold, so many phases and lines are shown; `--json` has all. */
const mostPhases = 200;
const mostLines = 300;

/** The section with the phases of all recordings. */
export function foldedSection(report: TraceReport): Markup {
  if (report.recordings.length === 0) return markup``;
  const groups = pairsOf(report).map(places => places.map(place => report.recordings[place]));
  return markup`<section aria-labelledby="phases"><h2 id="phases">What happens, phase by phase</h2>
<p>Calls that repeat are folded: “1600 times” stands before the calls that come again so often.</p>
${groups.map(group => (group.length === 2 ? beside(group[0], group[1]) : group.map(alone)))}</section>`;
}

/** Which recordings are shown beside one another: first those that were compared. */
export function pairsOf({ recordings, comparisons }: TraceReport): number[][] {
  const groups: number[][] = [];
  const shown = new Set<number>();
  for (const { a, b } of comparisons) {
    if (a === b || shown.has(a) || shown.has(b)) continue;
    shown.add(a).add(b);
    groups.push([a, b]);
  }
  const rest = recordings.map((_, at) => at).filter(at => !shown.has(at));
  for (let at = 0; at < rest.length; at += 2) groups.push(rest.slice(at, at + 2));
  return groups;
}

function alone({ label, phases }: Recording): Markup {
  return markup`<h3>${label}</h3><ol class="phases">${cut(phases).map(phase => markup`<li>${phaseBody(label, phase)}</li>`)}</ol>${more(phases)}`;
}

function beside(a: Recording, b: Recording): Markup {
  const rows = alignPhases(cut(a.phases), cut(b.phases));
  return markup`<table class="beside"><thead><tr><th scope="col">${a.label}</th><th scope="col">${b.label}</th></tr></thead>
<tbody>${rows.map(
    ([left, right]) => markup`<tr>${cell(a.label, left)}${cell(b.label, right)}</tr>
`,
  )}</tbody></table>${more(a.phases)}${more(b.phases)}`;
}

function cell(label: string, phase: Phase | null): Markup {
  if (phase === null)
    return markup`<td class="none" data-label="${label}">–<span class="unseen"> no such phase</span></td>`;
  return markup`<td data-label="${label}">${phaseBody(label, phase)}</td>`;
}

function phaseBody(label: string, phase: Phase): Markup {
  const all = itemLines(phase.items, '');
  const texts =
    all.length > mostLines ? [...all.slice(0, mostLines), `… and ${count(all.length - mostLines)} more`] : all;
  const amount = `${counted(phase.calls, 'call')}${phase.bytes > 0 ? `, ${bytes(phase.bytes)} to the client` : ''}`;
  return markup`<h4>${phase.title}</h4><p>${phase.sentence}</p><p class="amount-line">${amount}</p>${linesBox(`${label}: ${phase.title}`, texts)}`;
}

function itemLines(items: readonly FoldedItem[], indent: string): string[] {
  return items.flatMap(item => [
    `${indent}${itemText(item)}`,
    ...(item.kind === 'run' ? itemLines(item.body, `${indent}  `) : []),
  ]);
}

const cut = (phases: readonly Phase[]) => phases.slice(0, mostPhases);

function more(phases: readonly Phase[]): Markup {
  const left = phases.length - mostPhases;
  return left > 0 ? markup`<p>… and ${counted(left, 'phase')} more, which <code>--json</code> has.</p>` : markup``;
}

/** Moving by copy and moving by sendfile are two ways of one phase. */
const place = ({ name }: Phase) => (name.startsWith('move ') ? 'move' : name);

/** Puts phases that are the same beside one another: as many as can be without a change of order. */
export function alignPhases(a: readonly Phase[], b: readonly Phase[]): [Phase | null, Phase | null][] {
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const isSame = place(a[i]) === place(b[j]);
      common[i][j] = isSame ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const rows: [Phase | null, Phase | null][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const isSame = i < a.length && j < b.length && place(a[i]) === place(b[j]);
    if (isSame) rows.push([a[i++], b[j++]]);
    else if (j >= b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) rows.push([a[i++], null]);
    else rows.push([null, b[j++]]);
  }
  return rows;
}
