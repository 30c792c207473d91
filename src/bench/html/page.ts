import { wholePage } from '../../tools/html/look.js';
import { type Markup, markup } from '../../tools/html/markup.js';
import { figurePart } from '../../tools/plots/figure.js';
import { metrics } from '../metrics.js';
import { referencePeer } from '../peers/all.js';
import type { Report, Row, WorkloadReport } from '../report.js';
import { agreementText, factsOf, figureText, notesOf, remarksOf } from '../text.js';
import type { WrkAgreement } from '../wrk-agreement.js';
import { plotsOf } from './plots.js';
import { style } from './style.js';

/** A comparison as a page that needs nothing else: the whole document, in ASCII. */
export function comparisonPage(report: Report): string {
  const { date, partial, workloads } = report;
  const title = 'Servers side by side';
  const body = markup`<header><p class="kicker">Zerocopy ${report.versions.zerocopy}, ${date}</p>
<h1>${title}</h1>
${partial ? markup`<p class="verdict bad">Partial: the run was interrupted.</p>` : markup``}
<dl>${factsOf(report).map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl></header>
<main>${workloads.map((workload, at) => section(workload, `w${at}`))}
<section aria-labelledby="notes"><h2 id="notes">Notes</h2><ul class="notes">${notesOf(report).map(note => markup`<li>${note}</li>`)}</ul></section></main>`;
  return wholePage(`${title}, Zerocopy`, style, body);
}

function section(workload: WorkloadReport, id: string): Markup {
  const { name, title, about, skipped, wrk } = workload;
  const head = markup`<section aria-labelledby="${id}"><h2 id="${id}">${title} <small>${name}</small></h2>`;
  if (skipped !== undefined) return markup`${head}<p class="verdict bad">Not measured: ${skipped}</p></section>`;
  return markup`${head}<p>${about}</p>
${table(workload)}
${wrk === undefined ? markup`` : agreement(wrk)}
<div class="plots">${plotsOf(workload).map((plot, at) => figurePart(plot, `${id}p${at}`))}</div></section>
`;
}

function table({ name, metrics: names, rows }: WorkloadReport): Markup {
  const [first, ...others] = names;
  const heads = [metrics[first!].label, `/ ${referencePeer}`, ...others.map(other => metrics[other].label), ''];
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Figures of ${name}"><table class="figures"><thead><tr><th scope="col">Server</th>${heads.map(
    head => markup`<th scope="col">${head}</th>`,
  )}</tr></thead><tbody>${rows.map(row => tableRow(row, names))}</tbody></table></div>`;
}

function tableRow(row: Row, names: WorkloadReport['metrics']): Markup {
  const { peer, figures, ratio, failure } = row;
  if (failure !== undefined) {
    return markup`<tr class="wrong"><th scope="row">${peer}</th><td colspan="${names.length + 2}">not ranked: ${failure}</td></tr>`;
  }
  const [one, ...rest] = names.map(name => markup`<td>${figureText(figures[name], name)}</td>`);
  const remarks = markup`<td class="noise">${remarksOf(row, names)}</td>`;
  return markup`<tr${peer.startsWith('zerocopy') ? markup` class="ours"` : markup``}><th scope="row">${peer}</th>${one!}<td>${ratio?.toFixed(2) ?? ''}</td>${rest}${remarks}</tr>
`;
}

function agreement(found: WrkAgreement): Markup {
  return markup`<h3>Our own client beside wrk</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Our own client beside wrk"><table class="figures"><thead><tr><th scope="col">Server</th><th scope="col">our client</th><th scope="col">wrk</th><th scope="col">ours / wrk</th></tr></thead><tbody>${found.rows.map(
    ({ peer, ours, wrk, ratio }) =>
      markup`<tr><th scope="row">${peer}</th><td>${figureText(ours, 'rate')}</td><td>${figureText(wrk, 'rate')}</td><td>${ratio.toFixed(2)}</td></tr>`,
  )}</tbody></table></div><p>${agreementText(found)}</p>`;
}
