/** Experiments as one page that needs nothing else: no script, no font, no other file. */
import { wholePage } from '../../tools/html/look.js';
import { type Markup, markup } from '../../tools/html/markup.js';
import { factsOf, unitsNote } from '../facts.js';
import type { ExperimentReport, ExperimentResult } from '../result.js';
import { ratioText, sourceOf } from '../tables.js';
import { experimentSection } from './experiment.js';
import { style } from './style.js';

/** A report as an HTML page: the whole document, in ASCII. */
export function htmlReport(report: ExperimentReport): string {
  const { results } = report;
  // the section of a single experiment has its title as a heading
  const title = results.length === 1 ? `Experiment ${results[0].name}` : 'Experiments with zero copy';
  const body = markup`<header><p class="kicker">Zerocopy, experiments on this machine beside the paper's</p>
<h1>${title}</h1>
<dl>${factsOf(report).map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>
<p>${unitsNote} In plots, what was measured here is solid, and what the paper has is dashed or hollow.</p>
${contents(results)}</header>
<main>
${overview(results)}
${results.map((result, at) => experimentSection(result, `e${at}`))}
</main>`;
  return wholePage(`${title}, Zerocopy`, style, body);
}

function contents(results: readonly ExperimentResult[]): Markup {
  if (results.length < 2) return markup``;
  return markup`<nav aria-label="Experiments"><ul>${results.map(
    ({ name }, at) => markup`<li><a href="#e${at}">${name}</a></li>
`,
  )}</ul></nav>`;
}

/** All ratios in one table. A single experiment has them in its own section. */
function overview(results: readonly ExperimentResult[]): Markup {
  const rows = results.flatMap((result, at) => result.ratios.map(ratio => ({ result, at, ratio })));
  if (results.length < 2 || rows.length === 0) return markup``;
  return markup`<section aria-labelledby="ratios"><h2 id="ratios">Ratios</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Ratios"><table class="figures ratios"><thead><tr><th scope="col">Ratio</th><th scope="col">Here</th><th scope="col">Paper, IBM</th></tr></thead>
${results.map((_, index) => {
  const own = rows.filter(({ at }) => at === index);
  return own.length === 0 ? markup`` : markup`<tbody>${own.map(overviewRow)}</tbody>`;
})}</table></div></section>`;
}

function overviewRow({
  result,
  at,
  ratio,
}: {
  result: ExperimentResult;
  at: number;
  ratio: ExperimentResult['ratios'][number];
}): Markup {
  const { label, ours, paper } = ratio;
  const theirs = paper === undefined ? markup`<td></td>` : markup`<td>${sourceOf(result)} ${ratioText(paper)}</td>`;
  return markup`<tr><th scope="row"><a href="#e${at}">${result.name}</a>: ${label}</th><td><b>${ratioText(ours)}</b></td>${theirs}</tr>
`;
}
