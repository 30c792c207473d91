import { visible } from '../tools/visible.js';
import { bytes, count, counted, significant } from '../tools/words.js';
import { exactBytes } from './amounts.js';
import { perGigabyte } from './meter.js';
import type { EndReport, FileReport, TransferReport, UdpFigures } from './report.js';

/** Columns of the terminal that a summary fits. */
const width = 80;
const labelWidth = 18;
const gap = 2;
/** So many files are named; a transfer of thousands is not to scroll its figures away. */
const mostFiles = 20;

type Row = readonly [label: string, value: (end: EndReport) => string];

/**
 * The summary of a transfer for a terminal of 80 columns: what was moved, how fast, and what it cost either end.
 * @returns a byte string of whole lines
 */
export function summaryText(report: TransferReport): string {
  const ends = [report.sender, report.receiver].filter(end => end !== undefined);
  if (ends.length === 0) return '';
  const lines = [...table(ends), ...udpLines(report), ...settingLines(ends), ...fileLines(report)];
  return Buffer.from(lines.map(line => `${line}\n`).join('')).toString('latin1');
}

const names: Readonly<Record<EndReport['role'], string>> = {
  send: 'sender',
  receive: 'receiver',
  fetch: 'fetch',
  put: 'put',
};

const rows: readonly Row[] = [
  ['', end => `${names[end.role]} (${end.transport})`],
  ['data path', end => visible(end.path)],
  ['bytes', end => exactBytes(end.bytes)],
  ['seconds', end => end.seconds.toFixed(2)],
  ['Gbit/s', end => significant(end.gigabitsPerSecond)],
  ['CPU user s', end => end.cost.userSeconds.toFixed(2)],
  ['CPU system s', end => end.cost.systemSeconds.toFixed(2)],
  ['CPU s a GB', end => significant(perGigabyte(end.cost.userSeconds + end.cost.systemSeconds, end.bytes))],
  ['peak memory', end => bytes(end.cost.peakMemory)],
  ['system calls a GB', end => significant(end.callsPerGigabyte)],
];

function table(ends: readonly EndReport[]): string[] {
  const all = [...rows, ...callRows(ends)];
  if (ends.some(end => end.softErrors > 0)) all.push(['soft errors', end => count(end.softErrors)]);
  const texts = all.map(([label, value]) => [label, ...ends.map(value)]);
  const widths = ends.map((_, at) => Math.max(...texts.map(cells => cells[at + 1].length)));
  return texts.map(([label, ...cells]) => {
    const values = cells.map((cell, at) => ' '.repeat(gap) + cell.padStart(widths[at]));
    return label.padEnd(labelWidth) + values.join('');
  });
}

/** Each call by its name, the most frequent first. */
function callRows(ends: readonly EndReport[]): Row[] {
  const most = new Map<string, number>();
  for (const { cost } of ends) {
    for (const [name, calls] of Object.entries(cost.calls)) most.set(name, Math.max(most.get(name) ?? 0, calls));
  }
  const called = [...most].filter(([, calls]) => calls > 0).sort((a, b) => b[1] - a[1]);
  return called.map(([name]) => [
    `  ${visible(name)}`,
    end => (end.cost.calls[name] > 0 ? significant(perGigabyte(end.cost.calls[name], end.bytes)) : '-'),
  ]);
}

function udpLines({ sender, receiver }: TransferReport): string[] {
  const udp = receiver?.udp ?? sender?.udp;
  return udp === undefined ? [] : listed('datagrams', udpWords(udp));
}

function udpWords(udp: UdpFigures): string[] {
  const { sent, received, lost, lossPercent, outOfOrder, duplicates, jitterMs, socketDrops = 0, strangers = 0 } = udp;
  return [
    `${count(sent)} sent`,
    `${count(received)} received`,
    `${count(lost)} lost (${significant(lossPercent, 2)} %)`,
    ...(socketDrops > 0 ? [`${count(socketDrops)} dropped by the receiver's socket (see --rcvbuf)`] : []),
    `${count(outOfOrder)} out of order`,
    counted(duplicates, 'duplicate'),
    `jitter ${significant(jitterMs)} ms`,
    ...(strangers > 0 ? [counted(strangers, 'stranger')] : []),
  ];
}

function settingLines(ends: readonly EndReport[]): string[] {
  return ends.flatMap(({ role, settings }) => {
    const words = Object.entries(settings).map(([name, value]) => visible(`${name} ${settingWord(value)}`));
    return words.length === 0 ? [] : listed(ends.length > 1 ? `${names[role]}'s settings` : 'settings', words);
  });
}

function settingWord(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? count(value) : value;
}

/** Words with commas between them, broken into lines where there is room for them beside the label. */
function listed(label: string, words: readonly string[]): string[] {
  const indent = labelWidth + gap;
  const lines = [label.padEnd(indent)];
  for (const [at, word] of words.entries()) {
    const text = at < words.length - 1 ? `${word},` : word;
    const last = lines[lines.length - 1];
    const isFirst = last.length === indent;
    if (isFirst || last.length + 1 + text.length <= width) lines[lines.length - 1] += isFirst ? text : ` ${text}`;
    else lines.push(' '.repeat(indent) + text);
  }
  return lines;
}

/** The files where they arrived, or as they were sent if the other end has told nothing. */
function fileLines({ sender, receiver }: TransferReport): string[] {
  const files = receiver !== undefined && receiver.files.length > 0 ? receiver.files : (sender?.files ?? []);
  const shown = files.slice(0, mostFiles).flatMap(file => {
    const other = sender?.files.find(({ name }) => name === file.name);
    return oneFile(file, other === file ? undefined : other);
  });
  const rest = files.length - mostFiles;
  return rest > 0 ? [...shown, `and ${counted(rest, 'more file')} (--json names all)`] : shown;
}

function oneFile({ name, size, resumedFrom, checksum }: FileReport, other: FileReport | undefined): string[] {
  const resumed = resumedFrom > 0 ? `, of which ${bytes(resumedFrom)} were there` : '';
  const lines = [`${visible(name)}: ${bytes(size)}${resumed}`];
  if (checksum === undefined) return lines;
  const value = `  ${checksum.algorithm} ${visible(checksum.value)}`;
  if (other?.checksum === undefined) return [...lines, value];
  const words = comparison(checksum.value, other.checksum.value);
  const joined = `${value}, ${words}`;
  return [...lines, ...(joined.length <= width ? [joined] : [value, `  ${words}`])];
}

function comparison(received: string, sent: string): string {
  return received === sent ? 'the same at both ends' : `not the sender's, which is ${visible(sent)}`;
}
