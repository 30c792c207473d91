/** What was found: checks, the article's sequence, differences, and what has to be known besides. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { counted } from '../../tools/words.js';
import type { Check, PairComparison, Recording, TraceReport } from '../report.js';
import type { Severity } from '../steps.js';
import { linesBox } from './timeline.js';

const mostLines = 200;

export function checksSection(checks: readonly Check[]): Markup {
  if (checks.length === 0) return markup``;
  return markup`<section aria-labelledby="checks"><h2 id="checks">Checks</h2>
<ul class="checks">${checks.map(
    ({
      name,
      ok,
      detail,
    }) => markup`<li>${badge(ok, 'passed', 'failed')} <b>${name}</b>${detail === '' ? '' : markup`<p>${detail}</p>`}</li>
`,
  )}</ul></section>`;
}

function badge(ok: boolean, yes: string, no: string): Markup {
  return ok ? markup`<span class="badge good">${yes}</span>` : markup`<span class="badge bad">${no}</span>`;
}

/** The steps of the article's trace in each recording that goes through them. */
export function sequenceSection(recordings: readonly Recording[]): Markup {
  const shown = recordings.filter(({ blog }) => blog !== null);
  if (shown.length === 0) return markup``;
  return markup`<section aria-labelledby="sequence"><h2 id="sequence">The sequence of a copy, step by step</h2>
<p>What a download with sendfile off does when the client cannot take all at once.</p>
${shown.map(
  ({ label, blog }) => markup`<h3>${label}: ${blog?.complete ? 'all steps were found' : 'steps are missing'}</h3>
<ol class="checks">${(blog?.steps ?? []).map(
    ({ name, found, lines }) =>
      markup`<li>${badge(found, 'found', 'missing')} ${name}${lines.length > 0 ? linesBox(name, lines) : ''}</li>
`,
  )}</ol>`,
)}</section>`;
}

const severities: Readonly<Record<Severity, [kind: string, word: string]>> = {
  same: ['good', 'the same in effect'],
  cosmetic: ['plain', 'cosmetic'],
  matters: ['warn', 'matters'],
};

/** What tells two recordings apart, the gravest first. */
export function differencesSection(comparisons: readonly PairComparison[]): Markup {
  if (comparisons.length === 0) return markup``;
  return markup`<section aria-labelledby="differences"><h2 id="differences">Differences</h2>
${comparisons.map(
  ({ comparison, expectsSame }) => markup`<h3>${comparison.names[0]} and ${comparison.names[1]}</h3>
<p>${comparison.verdict} ${expectsSame ? 'They are meant to do the same.' : 'They are meant to differ: this is what is to be seen.'}</p>
${comparison.differences.length === 0 ? markup`<p>No difference was found.</p>` : differencesTable(comparison)}`,
)}</section>`;
}

function differencesTable({ differences, names }: PairComparison['comparison']): Markup {
  return markup`<table class="differences"><caption class="unseen">Differences between ${names[0]} and ${names[1]}</caption><thead><tr><th scope="col">Weight</th><th scope="col">Where</th><th scope="col">What differs, and why it matters</th></tr></thead>
<tbody>${differences.map(({ kind, severity, where, text }) => {
    const [badgeKind, word] = severities[severity];
    return markup`<tr><td><span class="badge ${badgeKind}">${word}</span></td><td>${where}</td><th scope="row"><b>${kind}:</b> ${text}</th></tr>
`;
  })}</tbody></table>`;
}

/** Notes, lines of the error logs, and lines of traces that could not be read. */
export function notesSection({ notes, recordings }: TraceReport): Markup {
  const logged = recordings.filter(({ errorLog }) => errorLog.length > 0);
  const unread = recordings.filter(({ trace }) => trace.unparsed.length > 0);
  if (notes.length === 0 && logged.length === 0 && unread.length === 0) return markup``;
  return markup`<section aria-labelledby="notes"><h2 id="notes">Notes</h2>
${notes.length > 0 ? markup`<ul>${notes.map(note => markup`<li>${note}</li>`)}</ul>` : ''}
${logged.map(({ label, errorLog }) => markup`<h3>Error log of ${label}</h3>${linesBox(`Error log of ${label}`, errorLog.slice(0, mostLines))}`)}
${unread.map(
  ({ label, trace }) => markup`<h3>${counted(trace.unparsed.length, 'line')} of ${label} could not be read</h3>
${linesBox(
  `Lines of ${label} that could not be read`,
  trace.unparsed.slice(0, mostLines).map(({ line, text }) => `${line}: ${text}`),
)}`,
)}</section>`;
}
