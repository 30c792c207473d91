import { beside, columnWidth, type Line, paint, type Terminal, wrapped } from '../tools/terminal-lines.js';
import { foldedLines } from './fold-text.js';
import type { Recording } from './report.js';
import type { Phase, Step } from './steps.js';

/** From this many columns on, two recordings stand beside each other. */
const wide = 120;

/** The phases of the recordings: two beside each other where there is room, else one under the other. */
export function phaseLines(recordings: readonly Recording[], terminal: Terminal, unfolded: boolean): string[] {
  return recordings.flatMap((left, at) => {
    const right = at % 2 === 0 ? recordings[at + 1] : undefined;
    const isWide = terminal.width >= wide;
    if (isWide && right !== undefined) return ['', ...twoColumns(left, right, terminal, unfolded)];
    return isWide && at % 2 === 1 ? [] : ['', ...oneColumn(left, terminal, unfolded)];
  });
}

function oneColumn(recording: Recording, { width, color }: Terminal, unfolded: boolean): string[] {
  const lines = [
    ...header(recording, width),
    ...recording.phases.flatMap(each => block(recording, each, width, unfolded)),
  ];
  return lines.map(line => paint(line, color));
}

function twoColumns(left: Recording, right: Recording, terminal: Terminal, unfolded: boolean): string[] {
  const width = columnWidth(terminal.width);
  const phases = alignPhases(left.phases, right.phases).flatMap(([one, other]) => {
    const blocks = [
      one === undefined ? [] : block(left, one, width, unfolded),
      other === undefined ? [] : block(right, other, width, unfolded),
    ] as const;
    return beside(...blocks, terminal);
  });
  return [...beside(header(left, width), header(right, width), terminal), ...phases];
}

/** Phases of one name beside each other, in the order of both; one that only one side has stands alone. */
export function alignPhases(
  left: readonly Phase[],
  right: readonly Phase[],
): (readonly [Phase | undefined, Phase | undefined])[] {
  const pairs: [Phase | undefined, Phase | undefined][] = [];
  let [i, j] = [0, 0];
  const comesLater = (phase: Phase, phases: readonly Phase[], from: number) =>
    phases.slice(from).some(each => each.name === phase.name);
  while (i < left.length || j < right.length) {
    const [one, other] = [left[i], right[j]];
    if (one !== undefined && one.name === other?.name) {
      pairs.push([one, other]);
      i++;
      j++;
    } else if (one !== undefined && (other === undefined || !comesLater(one, right, j))) {
      pairs.push([one, undefined]);
      i++;
    } else {
      pairs.push([undefined, other]);
      j++;
    }
  }
  return pairs;
}

function header(recording: Recording, width: number): Line[] {
  const { label, recorder, figures, program, normal, classification } = recording;
  const own = classification.total - figures.total;
  const others = own === 0 ? '' : ` and ${own.toLocaleString('en')} of the program's own`;
  const by = program === 'file' ? '' : recorder === 'ledger' ? ', recorded by the ledger' : ', recorded by strace';
  const calls = `${figures.total.toLocaleString('en')} calls in ${normal.requests.length} request${normal.requests.length === 1 ? '' : 's'}${others}${by}`;
  return [
    ...wrapped(label, width, '', '', 'heading'),
    ...wrapped(calls, width, '', '', 'faint'),
    ...wrapped(natureOf(recording), width, '', '', 'faint'),
  ];
}

const ways = {
  on: 'The file goes by sendfile',
  off: 'The file goes by read and write (sendfile off)',
  mixed: 'The file goes by sendfile and by read and write',
  none: 'No byte of a file is sent',
} as const;

/** What the trace itself tells of the way, the client and the server. */
function natureOf({ classification }: Recording): string {
  const { sendfile, client, eagain, waited, server } = classification;
  const time = waited > 0 ? `, ${waited.toFixed(2)} s of waiting` : '';
  const pace =
    eagain === 0
      ? `the client keeps up`
      : `a ${client} client: the socket was full ${eagain} ${eagain === 1 ? 'time' : 'times'}${time}`;
  return `${ways[sendfile]}; ${pace}${server === 'other' ? '' : `; server: ${server}`}`;
}

function block(recording: Recording, phase: Phase, width: number, unfolded: boolean): Line[] {
  const texts = unfolded ? stepTexts(recording, phase) : foldedLines({ items: phase.items, steps: 0 });
  return [
    ...wrapped(phase.title, width, '', '', 'title'),
    ...wrapped(phase.sentence, width, '  '),
    ...texts.flatMap(text => {
      const indent = `    ${' '.repeat(text.length - text.trimStart().length)}`;
      return wrapped(text.trimStart(), width, `${indent}  `, indent, /= -1 E/.test(text) ? 'warning' : 'faint');
    }),
  ];
}

/** Every step from the first to the last of a phase. */
function stepTexts({ normal: { steps } }: Recording, { items }: Phase): string[] {
  const first = items.reduce((least, item) => Math.min(least, item.first), Number.POSITIVE_INFINITY);
  const last = items.reduce((most, item) => Math.max(most, item.last), -1);
  return steps.slice(placeOf(steps, first), placeOf(steps, last + 1)).map(({ text }) => text);
}

/** The place of the first step that is not before an event; steps are in the order of the events. */
function placeOf(steps: readonly Step[], index: number): number {
  let [from, to] = [0, steps.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (steps[middle].index < index) from = middle + 1;
    else to = middle;
  }
  return from;
}
