import { plotFile } from '../tools/plots/plot.js';
import { htmlReport } from './html/report.js';
import type { ExperimentReport, Plot } from './result.js';

/** The files of --out: each result as JSON, each plot as SVG, and the report as a page. */

export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

export function reportFiles(report: ExperimentReport): ReportFile[] {
  return [
    ...report.results.flatMap(result => [
      { name: `${result.name}.json`, text: reportJson({ ...report, results: [result] }) },
      ...result.plots.map(plot => ({ name: `${result.name}-${wordsOf(plot)}.svg`, text: plotFile(plot) })),
    ]),
    { name: 'report.html', text: htmlReport(report) },
  ];
}

/** The report as JSON in ASCII, with a line's end. */
export function reportJson(report: ExperimentReport): string {
  const text = JSON.stringify(report, null, 1);
  return `${text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** A plot's title as a part of a file's name. */
function wordsOf({ title }: Plot): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
