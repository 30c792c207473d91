import { tickSeconds } from './processor-time.js';
import type { CountedCalls } from './strace.js';

/** What one way of sending has cost, for one download. */
export interface ModeResult extends CountedCalls {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly wallSeconds: number;
  /** Of what arrived. */
  readonly sha256: string;
  readonly equal: boolean;
}

export interface DemoResult {
  /** Bytes. */
  readonly size: number;
  /** Of the file. */
  readonly sha256: string;
  /** Downloads that the times are the mean of. */
  readonly rounds: number;
  readonly client: 'curl' | 'node';
  readonly callsFrom: 'strace' | 'log';
  readonly ok: boolean;
  readonly off: ModeResult;
  readonly on: ModeResult;
}

const MEGABYTE = 1_000_000;

/** The result as a table of at most 80 columns, and what it means in a sentence. */
export function table(result: DemoResult): string {
  const { off, on, size, rounds, client } = result;
  const source =
    result.callsFrom === 'strace' ? 'counted by strace' : 'counted by the server: strace cannot be used here';
  const rows = [
    `${megabytes(size)} sent over the loopback to ${client}, by one process`,
    '',
    row('', 'sendfile off', 'sendfile on'),
    `System calls of one download (${source})`,
    ...callNames(off, on).map(name => row(`  ${name}`, count(off.calls[name] ?? 0), count(on.calls[name] ?? 0))),
    row('  all of these', count(total(off)), count(total(on))),
    row('  found the socket full (EAGAIN)', count(off.eagain), count(on.eagain)),
    `Time of one download (mean of ${rounds}; CPU time is known to ${milliseconds(tickSeconds / rounds)})`,
    row('  CPU of the server, user', milliseconds(off.userSeconds), milliseconds(on.userSeconds)),
    row('  CPU of the server, system', milliseconds(off.systemSeconds), milliseconds(on.systemSeconds)),
    row('  from request to last byte', milliseconds(off.wallSeconds), milliseconds(on.wallSeconds)),
    'Bytes',
    row('  copied through user space', megabytes(off.copiedBytes), megabytes(on.copiedBytes)),
    row('  SHA-256 as that of the file', off.equal ? 'yes' : 'NO', on.equal ? 'yes' : 'NO'),
    '',
    ...wrap(meaning(result), 78),
  ];
  return `${rows.join('\n')}\n`;
}

function row(label: string, off: string, on: string): string {
  return `${label.padEnd(36)}${off.padStart(18)}${on.padStart(18)}`.trimEnd();
}

/** Those that take part most, first. */
function callNames(off: ModeResult, on: ModeResult): string[] {
  const most = (name: string) => Math.max(off.calls[name] ?? 0, on.calls[name] ?? 0);
  return [...new Set([...Object.keys(off.calls), ...Object.keys(on.calls)])].sort((a, b) => most(b) - most(a));
}

function total({ calls }: ModeResult): number {
  return Object.values(calls).reduce((sum, each) => sum + each, 0);
}

function processorTime({ userSeconds, systemSeconds }: ModeResult): number {
  return userSeconds + systemSeconds;
}

function meaning(result: DemoResult): string {
  const { off, on, rounds } = result;
  if (!result.ok) return 'The bytes that arrived are not those of the file: this must not happen, please report it.';
  const copied = `Without sendfile, each byte is copied from the page cache into the server's memory and out again.`;
  const calls = `With it the kernel moves the pages by itself: ${count(total(on))} system calls instead of ${count(total(off))}`;
  const before = processorTime(off);
  if (before * rounds < 5 * tickSeconds)
    return `${copied} ${calls}. For the CPU time, the file is too small: try --size 1G.`;
  const saved = Math.round(100 * (1 - processorTime(on) / before));
  return `${copied} ${calls}, and ${saved > 0 ? `${saved}% less` : 'no less'} CPU time of the server.`;
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (lines[last] !== '' && lines[last].length + 1 + word.length > width) lines.push(word);
    else lines[last] += lines[last] === '' ? word : ` ${word}`;
  }
  return lines;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function milliseconds(seconds: number): string {
  const value = seconds * 1000;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

function megabytes(bytes: number): string {
  return bytes < 10_000 ? `${count(bytes)} bytes` : `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 2 : 1)} MB`;
}
