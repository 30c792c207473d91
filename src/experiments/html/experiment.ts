/** One experiment of the page: figures, ratios, plots, and how they came about. */
import { joinLines, type Markup, markup } from '../../tools/html/markup.js';
import { figurePart } from '../../tools/plots/figure.js';
import type { ExperimentResult, Listing, Plot } from '../result.js';
import { ratioText, sourceOf } from '../tables.js';
import { figureTables, runsTable } from './tables.js';

/** @param id unique in the page, and of letters and digits alone */
export function experimentSection(result: ExperimentResult, id: string): Markup {
  const { name, title, about, plots, listings = [], notes, commands, settings } = result;
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title} <small>${name}</small></h2>
<p>${about}</p>
<div class="result"><div>
${figureTables(result)}
${ratiosTable(result)}</div>
${plotsPart(plots, id)}</div>
${listings.length === 0 ? markup`` : markup`<div class="listings">${listings.map(listing)}</div>`}
${
  notes.length === 0
    ? markup``
    : markup`<h3>Notes</h3><ul class="notes">${notes.map(
        note => markup`<li>${note}</li>
`,
      )}</ul>`
}
${settingsPart(settings)}
${commands.length === 0 ? markup`` : markup`<h3>What was run</h3><pre tabindex="0" role="group" aria-label="Commands of ${name}">${joinLines(commands)}</pre>`}
${runsTable(result)}</section>
`;
}

function settingsPart(settings: ExperimentResult['settings']): Markup {
  const entries = Object.entries(settings);
  if (entries.length === 0) return markup``;
  return markup`<h3>Settings</h3><dl>${entries.map(
    ([key, value]) => markup`<div><dt>${key}</dt><dd>${value}</dd></div>
`,
  )}</dl>`;
}

function ratiosTable(result: ExperimentResult): Markup {
  const { ratios, name } = result;
  if (ratios.length === 0) return markup``;
  const hasPaper = ratios.some(({ paper }) => paper !== undefined);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Ratios of ${name}"><table class="figures ratios"><thead><tr><th scope="col">Ratio</th><th scope="col">here</th>${
    hasPaper ? markup`<th scope="col">${sourceOf(result)}</th>` : markup``
  }</tr></thead><tbody>${ratios.map(
    ({ label, ours, paper }) =>
      markup`<tr><th scope="row">${label}</th><td><b>${ratioText(ours)}</b></td>${
        hasPaper ? markup`<td>${paper === undefined ? '' : ratioText(paper)}</td>` : markup``
      }</tr>
`,
  )}</tbody></table></div>`;
}

function plotsPart(plots: readonly Plot[], id: string): Markup {
  if (plots.length === 0) return markup``;
  return markup`<div class="plots">${plots.map((plot, at) => figurePart(plot, `${id}p${at}`))}</div>`;
}

function listing({ title, lines }: Listing): Markup {
  return markup`<figure><figcaption><h3>${title}</h3></figcaption><pre tabindex="0" role="group" aria-label="${title}">${joinLines(lines)}</pre></figure>
`;
}
