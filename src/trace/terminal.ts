/** A report as text for a terminal. */

import { blank, type Line, paint, type Style, type Terminal, wrapped } from '../tools/terminal-lines.js';
import type { Check, PairComparison, Recording, TraceReport } from './report.js';
import type { Difference } from './steps.js';
import { phaseLines } from './terminal-phases.js';
import { buffersTable, copiesTable, figuresTable, heading } from './terminal-tables.js';

/**
 * Writes a report for people: the phases with a sentence each, the steps of the blog, figures, differences, checks.
 * @param unfolded shows every call instead of runs
 * @returns lines no wider than the terminal, the last one ended too
 */
export function terminalReport(report: TraceReport, terminal: Terminal, unfolded = false): string {
  const { recordings, comparisons, checks, buffers, copies } = report;
  const { width } = terminal;
  const painted = (lines: readonly Line[]) => lines.map(line => paint(line, terminal.color));
  const parts: string[][] = [
    painted(opening(report, width)),
    phaseLines(recordings, terminal, unfolded),
    ...recordings.map(recording => painted(blogLines(recording, width))),
    ...recordings.map(recording => painted(errorLogLines(recording, width))),
    recordings.length === 0 ? [] : painted(figuresTable(recordings, width)),
    copies === null ? [] : painted(copiesTable(copies, recordings, width)),
    buffers === null ? [] : painted(buffersTable(buffers, width)),
    ...comparisons.map(pair => painted(differenceLines(pair, recordings, width))),
    painted(checkLines(checks, width)),
  ];
  const filled = parts.filter(lines => lines.length > 0);
  return `${filled.map(lines => lines.join('\n').replace(/^\n+/, '')).join('\n\n')}\n`;
}

function opening({ scenario, machine, servers, notes }: TraceReport, width: number): Line[] {
  const programs = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  const place = [...programs, machine.kernel, `node ${machine.node}`, machine.processor].join(', ');
  return [
    ...wrapped(scenario.title, width, '', '', 'heading'),
    ...wrapped(`${scenario.about}.`, width),
    ...wrapped(place, width, '', '', 'faint'),
    ...notes.flatMap(note => wrapped(note, width, '  ', '! ', 'warning')),
  ];
}

function blogLines({ label, blog }: Recording, width: number): Line[] {
  if (blog === null) return [];
  return [
    ...heading(`The sequence of the blog, in ${label}`, width),
    ...blog.steps.flatMap(({ name, found, lines }) => [
      ...wrapped(name, width, '    ', mark(found), styleOf(found)),
      ...lines.flatMap(line => wrapped(line, width, '      ', '    ', 'faint')),
    ]),
  ];
}

function errorLogLines({ label, errorLog }: Recording, width: number): Line[] {
  if (errorLog.length === 0) return [];
  return [
    ...heading(`The error log, ${label}`, width),
    ...errorLog.flatMap(line => wrapped(line, width, '    ', '  ', 'warning')),
  ];
}

const differenceMarks = { matters: '! ', cosmetic: '· ', same: '= ' } as const;
const differenceStyles = { matters: 'warning', cosmetic: 'plain', same: 'faint' } as const;

function differenceLines(
  { a, b, comparison }: PairComparison,
  recordings: readonly Recording[],
  width: number,
): Line[] {
  const text = ({ severity, where, text }: Difference) =>
    wrapped(
      `${severity}, ${where}: ${text}`,
      width,
      '    ',
      `  ${differenceMarks[severity]}`,
      differenceStyles[severity],
    );
  return [
    ...wrapped(`${recordings[a].label} and ${recordings[b].label}`, width, '', '', 'heading'),
    ...wrapped(comparison.verdict, width),
    ...comparison.differences.flatMap(text),
  ];
}

function checkLines(checks: readonly Check[], width: number): Line[] {
  if (checks.length === 0) return [];
  const failed = checks.filter(({ ok }) => !ok).length;
  const verdict = failed === 0 ? `All ${checks.length} checks passed.` : `${failed} of ${checks.length} checks failed.`;
  return [
    ...heading('Checks', width),
    ...checks.flatMap(({ name, ok, detail }) => [
      ...wrapped(name, width, '    ', mark(ok), styleOf(ok)),
      ...(detail === '' ? [] : wrapped(detail, width, '      ', '    ', 'faint')),
    ]),
    blank,
    { text: verdict, style: styleOf(failed === 0) },
  ];
}

const mark = (ok: boolean) => (ok ? '  ✓ ' : '  ✗ ');
const styleOf = (ok: boolean): Style => (ok ? 'good' : 'bad');
