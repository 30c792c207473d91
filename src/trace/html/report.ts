/** The report of a trace as one page that needs nothing else: no script, no font, no other file. */
import type { TraceReport } from '../report.js';
import { buffersSection } from './buffers.js';
import { copiesSection } from './copies.js';
import { figuresSection } from './figures.js';
import { checksSection, differencesSection, notesSection, sequenceSection } from './findings.js';
import { foldedSection } from './folded-view.js';
import { type Markup, markup, toAscii } from './markup.js';
import { style } from './style.js';
import { summary } from './summary.js';
import { timelineSection } from './timeline.js';

/**
 * A report as an HTML page.
 * @returns the whole document, in ASCII; the policy in it lets no script run, whatever a trace holds
 */
export function htmlReport(report: TraceReport): string {
  const { recordings } = report;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.scenario.title}, Zerocopy trace</title>
<style>${style}</style>
</head>
<body>
${summary(report)}
<main>
${openingSections(report)}
${timelineSection(recordings)}
${copiesSection(report)}
${foldedSection(report)}
${sequenceSection(recordings)}
${differencesSection(report.comparisons)}
${figuresSection(recordings)}
${notesSection(report)}
</main>
</body>
</html>
`;
  return toAscii(page.html);
}

/** What a reader wants to know before the traces themselves. */
function openingSections(report: TraceReport): Markup[] {
  return [checksSection(report.checks), buffersSection(report.buffers)];
}
