import { blank, type Line, wrapped } from '../tools/terminal-lines.js';
import type { BuffersTable, CopyHop, CopyPath, Figures, Recording } from './report.js';
import { directiveSize, sizeText } from './scenario.js';

/** The figures of the recordings, a column for each. */
export function figuresTable(recordings: readonly Recording[], width: number): Line[] {
  const rows: [string, (figures: Figures) => string][] = [
    ['wall time', figures => ms(figures.wallMs)],
    ['CPU of the server', figures => ms(figures.cpuMs)],
    ['  user (to 10 ms)', figures => ms(figures.userMs)],
    ['  system (to 10 ms)', figures => ms(figures.systemMs)],
    ['switches: it slept', figures => count(figures.voluntarySwitches)],
    ['switches: preempted', figures => count(figures.involuntarySwitches)],
    ['bytes read', figures => bytes(figures.bytesRead)],
    ['bytes written', figures => bytes(figures.bytesWritten)],
    ['bytes by sendfile', figures => bytes(figures.bytesBySendfile)],
    ['system calls', figures => count(figures.total)],
    ...callNames(recordings).map((name): [string, (figures: Figures) => string] => {
      return [`  ${name}`, figures => count(figures.calls[name] ?? 0)];
    }),
  ];
  const labels = recordings.map(({ label }) => label.replace(', sendfile', ''));
  const cells = rows
    .map(([name, text]) => [name, ...recordings.map(({ figures }) => text(figures))])
    // what no recording knows is not shown
    .filter(([, ...values]) => values.some(value => value !== '–'));
  return [...heading('Figures', width), ...table([['', ...labels], ...cells], width)];
}

/** Names of all calls, those made most first. */
function callNames(recordings: readonly Recording[]): string[] {
  const most = (name: string) => Math.max(...recordings.map(({ figures }) => figures.calls[name] ?? 0));
  const names = new Set(recordings.flatMap(({ figures }) => Object.keys(figures.calls)));
  return [...names].sort((a, b) => most(b) - most(a) || (a < b ? -1 : 1));
}

/** What each size of `output_buffers` costs. */
export function buffersTable({ connections, rows }: BuffersTable, width: number): Line[] {
  const cells = rows.map(row => [
    `${row.count} × ${directiveSize(row.size)}`,
    `${row.memoryMb.toFixed(1)} MB`,
    ms(row.waitP50Ms),
    ms(row.waitP99Ms),
    count(row.calls),
  ]);
  const names = ['buffers', 'memory', 'wait p50', 'wait p99', 'calls'];
  const size = sizeText(rows[0]?.downloadBytes ?? 0);
  const words = `Memory: what ${connections} slow downloads at once add to the worker. Wait: of a small request beside them. Calls: of one download of ${size} by a fast client.`;
  return [...heading('Output buffers', width), ...wrapped(words, width), ...table([names, ...cells], width)];
}

/** The way of the bytes, hop by hop. */
export function copiesTable(paths: readonly CopyPath[], recordings: readonly Recording[], width: number): Line[] {
  return paths.flatMap(({ recording, hops, copiedByProcessor, calls }) => {
    const rows = hops.map(hop => [
      `  ${hop.from} → ${hop.to}`,
      bytes(hop.bytes),
      hop.counted ? callsOf(hop) : 'not counted',
    ]);
    const how = hops.map(hop => `${hop.from} → ${hop.to}: ${hop.how}${hop.by === '' ? '' : ` (${hop.by})`}`);
    return [
      ...heading(`The way of the bytes, ${recordings[recording]?.label ?? ''}`, width),
      ...table(rows, width),
      ...how.flatMap(text => wrapped(text, width, '    ', '  ', 'faint')),
      ...wrapped(`${bytes(copiedByProcessor)} copied by the processor, in ${count(calls)} calls.`, width, '  '),
    ];
  });
}

function callsOf({ from, calls }: CopyHop): string {
  if (from === 'disk') return 'counted by /proc';
  return `${count(calls)} ${calls === 1 ? 'call' : 'calls'}`;
}

export function heading(text: string, width: number): Line[] {
  return wrapped(text, width, '', '', 'heading');
}

/**
 * Cells in columns: the first to the left, the others to the right. Where they do not fit, each row is written as
 * `name: value` lines.
 */
function table(rows: readonly (readonly string[])[], width: number): Line[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const total = widths.reduce((sum, each) => sum + each + 2, -2);
  if (total > width) return narrow(rows, width);
  return rows.map(row => {
    const cells = row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at])));
    return { text: cells.join('  ').trimEnd(), style: 'plain' };
  });
}

function narrow([names, ...rows]: readonly (readonly string[])[], width: number): Line[] {
  return rows.flatMap(([name, ...values]) => [
    ...wrapped(name.trim(), width, '  ', ''),
    ...values.flatMap((value, at) => wrapped(`${names[at + 1]}: ${value}`, width, '    ', '  ')),
    blank,
  ]);
}

function count(value: number | null): string {
  return value === null ? '–' : value.toLocaleString('en');
}

function bytes(value: number): string {
  return value.toLocaleString('en');
}

function ms(value: number | null): string {
  return value === null ? '–' : `${value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 })} ms`;
}
