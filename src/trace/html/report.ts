/** The report of a trace as one page that needs nothing else: no script, no font, no other file. */

import { wholePage } from '../../tools/html/look.js';
import { type Markup, markup } from '../../tools/html/markup.js';
import type { TraceReport } from '../report.js';
import { buffersSection } from './buffers.js';
import { copiesSection } from './copies.js';
import { figuresSection } from './figures.js';
import { checksSection, differencesSection, notesSection, sequenceSection } from './findings.js';
import { foldedSection } from './folded-view.js';
import { style } from './style.js';
import { summary } from './summary.js';
import { timelineSection } from './timeline.js';

/** A report as an HTML page: the whole document, in ASCII. */
export function htmlReport(report: TraceReport): string {
  const { recordings } = report;
  const body = markup`${summary(report)}
<main>
${openingSections(report)}
${timelineSection(recordings)}
${copiesSection(report)}
${foldedSection(report)}
${sequenceSection(recordings)}
${differencesSection(report.comparisons)}
${figuresSection(recordings)}
${notesSection(report)}
</main>`;
  return wholePage(`${report.scenario.title}, Zerocopy trace`, style, body);
}

/** What a reader wants to know before the traces themselves. */
function openingSections(report: TraceReport): Markup[] {
  return [checksSection(report.checks), buffersSection(report.buffers)];
}
