/** The figures of all recordings, as tables. */

import { type Markup, markup } from '../../tools/html/markup.js';
import { bytes, count, seconds } from '../../tools/words.js';
import type { Figures, Recording } from '../report.js';

/** Of what clients got, so many are shown for a recording. */
const mostAnswers = 50;
const mostCalls = 60;

const ms = (value: number | null) => (value === null ? 'not known' : value === 0 ? '0 ms' : seconds(value / 1000));
const switches = (value: number | null) => (value === null ? 'not known' : count(value));

const rows: readonly [name: string, value: (figures: Figures) => string][] = [
  ['Time from the request to the last byte', figures => ms(figures.wallMs)],
  ['Processor time of the server', figures => ms(figures.cpuMs)],
  ['of this, in user mode', figures => ms(figures.userMs)],
  ['of this, in the kernel', figures => ms(figures.systemMs)],
  ['Context switches: it slept', figures => switches(figures.voluntarySwitches)],
  ['Context switches: it was made to wait', figures => switches(figures.involuntarySwitches)],
  ['Bytes from files into the process', figures => bytes(figures.bytesRead)],
  ['Bytes from the process to clients', figures => bytes(figures.bytesWritten)],
  ['Bytes by sendfile, within the kernel', figures => bytes(figures.bytesBySendfile)],
  ['System calls', figures => count(figures.total)],
];

/** The section with the figures, the calls by name, and what the client got. */
export function figuresSection(recordings: readonly Recording[]): Markup {
  if (recordings.length === 0) return markup``;
  const names = callNames(recordings);
  return markup`<section aria-labelledby="figures"><h2 id="figures">Figures</h2>
<p>${origin(recordings)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table class="figures"><thead><tr><td></td>${recordings.map(
    ({ label }) => markup`<th scope="col">${label}</th>`,
  )}</tr></thead>
<tbody>${rows.map(
    ([name, value]) =>
      markup`<tr><th scope="row">${name}</th>${recordings.map(({ figures }) => markup`<td>${value(figures)}</td>`)}</tr>
`,
  )}</tbody>
<tbody>${names.slice(0, mostCalls).map(
    name =>
      markup`<tr><th scope="row"><code>${name}</code></th>${recordings.map(({ figures }) => markup`<td>${count(callsOf(figures, name))}</td>`)}</tr>
`,
  )}</tbody></table></div>
${answersTable(recordings)}</section>`;
}

function origin(recordings: readonly Recording[]): string {
  const counted = 'Bytes and calls are counted from the trace.';
  if (recordings.every(({ program }) => program === 'file')) return `${counted} What it does not tell is not known.`;
  return `${counted} Times, processor time and context switches are the kernel’s count for a run of the same without a recorder; user and kernel time are known in steps of 10 ms.`;
}

const callsOf = ({ calls }: Figures, name: string) => (Object.hasOwn(calls, name) ? calls[name] : 0);

/** All names, the most frequent first. */
function callNames(recordings: readonly Recording[]): string[] {
  const most = new Map<string, number>();
  for (const { figures } of recordings) {
    for (const name of Object.keys(figures.calls)) most.set(name, Math.max(most.get(name) ?? 0, figures.calls[name]));
  }
  return [...most].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function answersTable(recordings: readonly Recording[]): Markup {
  const answered = recordings.filter(({ answers }) => answers.length > 0);
  if (answered.length === 0) return markup``;
  return markup`<h3>What the client got</h3>
<div class="scroll" tabindex="0" role="region" aria-label="What the client got"><table><thead><tr><th scope="col">Recording</th><th scope="col">Request</th><th scope="col">Status</th><th scope="col">Body</th></tr></thead>
<tbody>${answered.map(({ label, answers }) => [
    answers.slice(0, mostAnswers).map(
      ({ method, target, status, bytes: body }) =>
        markup`<tr><th scope="row">${label}</th><td><code>${method} ${target}</code></td><td>${status}</td><td>${bytes(body)}</td></tr>
`,
    ),
    answers.length > mostAnswers
      ? markup`<tr><th scope="row">${label}</th><td colspan="3">… and ${count(answers.length - mostAnswers)} more</td></tr>`
      : '',
  ])}</tbody></table></div>`;
}
