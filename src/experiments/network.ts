import { availableParallelism } from 'node:os';
import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, samplesOf } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { bottleneckOf, loadOf } from './explain.js';
import { together } from './intervals.js';
import { type Lab, type Plan, Way } from './lab.js';
import { figure9 } from './paper.js';
import type { Cell, Colour, Plot, Ratio, Sample, Series } from './result.js';
import type { Transfer } from './transfer.js';

/** Figure 9: the network by itself, on 1 to N streams. */

const most = 4;

/** Streams (or senders) that are tried: 1 to 4, and as many as there are cores. */
function counts(cores: number): number[] {
  const few = Array.from({ length: most }, (_, index) => index + 1);
  return cores > most ? [...few, cores] : few;
}

/** How so many streams come about. */
interface Group {
  readonly row: string;
  readonly colour: Colour;
  label(count: number): string;
  /** That send; and as many receive. */
  processes(count: number): number;
}

const groups: readonly [streams: Group, senders: Group] = [
  {
    ...{ row: 'streams of one sender', colour: 'zero-copy' },
    label: count => `one sender with ${count} streams`,
    processes: () => 1,
  },
  {
    ...{ row: 'senders side by side', colour: 'other' },
    label: count => `${count} senders with a stream each`,
    processes: count => count,
  },
];

interface Measured {
  readonly sample: Sample;
  /** Of the longest one's time, that in which all ran; 1 for one sender. */
  readonly share: number;
}

async function run(lab: Lab): Promise<Finding[]> {
  const plan = await lab.plan(lab.settings.size, false);
  // the file is but the place of the block: what side by side are to show takes some time
  const bytes = lab.settings.largeSize;
  await lab.prepare(plan);
  const tries = counts(availableParallelism()).flatMap(count => [
    { ...groups[0], count, way: new Way(groups[0].label(count), () => oneSender(lab, plan, bytes, count)) },
    { ...groups[1], count, way: new Way(groups[1].label(count), () => sideBySide(lab, plan, bytes, count)) },
  ]);
  await lab.rounds(tries.map(({ way }) => way));
  const cells = tries.map(({ row, count, way }) =>
    cellOf(
      { row, column: String(count), paper: paperRate(count) },
      way.results.map(({ sample }) => sample),
    ),
  );
  const shares = tries.flatMap(({ way }) => way.results.map(({ share }) => share));
  const finding: Finding = {
    ...{ name: 'fig9', title: 'Figure 9: the network by itself', cells, ratios: growth(cells) },
    settings: { size: `${sizeText(bytes)} from each sender` },
    about: `The paper's client reached no more than ${figure9.oneStreamAtMost} Gbit/s to its server on one stream, which is what one core can do, and more than ${figure9.threeStreamsAtLeast} on three. Here the same block goes again and again from the page cache to receivers that drop it, ${sizeText(bytes)} from each sender: with N streams of one sender, which is one process and so one core, and with N senders side by side, each with a receiver of its own. There is no network between them but the loopback.`,
    plots: [plotOf(cells)],
    notes: [...plan.notes, ...shareNotes(shares), ...notesOf(cells)],
  };
  return [finding];
}

function paperRate(count: number): number | undefined {
  if (count === 1) return figure9.oneStreamAtMost;
  return count === 3 ? figure9.threeStreamsAtLeast : undefined;
}

function plotOf(cells: readonly Cell[]): Plot {
  const ours = groups.map(({ row, colour }): Series => {
    const own = cells.filter(cell => cell.row === row);
    return { name: row, colour, points: own.map(({ column, median }) => [Number(column), median]) };
  });
  const paper: Series = {
    ...{ name: 'paper (one: at most, three: at least)', paper: true },
    points: [
      [1, figure9.oneStreamAtMost],
      [3, figure9.threeStreamsAtLeast],
    ],
  };
  return {
    ...{ title: 'Rate by streams', kind: 'line', x: { label: 'streams' }, y: { label: 'Gbit/s' } },
    series: [...ours, paper],
  };
}

const sending = { zeroCopy: true, fixedOffset: true } as const;

async function oneSender(lab: Lab, plan: Plan, bytes: number, streams: number): Promise<Measured> {
  const [sample] = samplesOf([await lab.transfer(plan, { ...sending, bytes, streams })]);
  return { sample, share: 1 };
}

async function sideBySide(lab: Lab, plan: Plan, bytes: number, count: number): Promise<Measured> {
  return combined(await Promise.all(Array.from({ length: count }, () => lab.transfer(plan, { ...sending, bytes }))));
}

/** Several transfers as one: the rate is that of the time in which all of them ran, costs are those of all bytes. */
export function combined(transfers: readonly Pick<Transfer, 'sender' | 'receiver' | 'endedAt'>[]): Measured {
  const spans = transfers.map(({ receiver, endedAt }) => ({
    begun: endedAt / 1000 - receiver.seconds,
    intervals: receiver.intervals,
  }));
  const { rate, share } = together(spans);
  const samples = samplesOf(transfers);
  // all of them send as much, so that the mean of the costs is the cost of all
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  return {
    share,
    sample: {
      gigabitsPerSecond: rate,
      seconds: Math.max(...samples.map(({ seconds }) => seconds)),
      senderCpuPerGB: mean(sample => sample.senderCpuPerGB),
      receiverCpuPerGB: mean(sample => sample.receiverCpuPerGB),
      callsPerGB: {
        sender: mean(({ callsPerGB }) => callsPerGB.sender),
        receiver: mean(({ callsPerGB }) => callsPerGB.receiver),
      },
    },
  };
}

/** What more streams bring, over one. */
function growth(cells: readonly Cell[]): Ratio[] {
  return groups.map(({ row }) => {
    const [one, ...more] = cells.filter(cell => cell.row === row);
    const best = Math.max(...more.map(({ median }) => median));
    return { label: `${row}: the best of several / one`, ours: best / one.median };
  });
}

/** Below this, what was seen of all of them together is a small part. */
const littleInCommon = 0.5;

function shareNotes(shares: readonly number[]): string[] {
  const least = Math.min(...shares);
  if (least >= littleInCommon) return [];
  const began = 'Senders side by side do not begin at the very same moment';
  if (least === 0) {
    return [`${began}, and in one run or more some had ended before others began: a larger --size is needed.`];
  }
  return [
    `${began}: of one run only ${(least * 100).toFixed(0)} % is time in which all of them ran, and its rate is of that. A larger --size helps.`,
  ];
}

function notesOf(cells: readonly Cell[]): string[] {
  const cores = availableParallelism();
  return [
    `Senders and receivers share ${cores} cores here; the paper's client and server had 8 each.`,
    ...groups.map(group =>
      loadsNote(
        group,
        cells.filter(({ row }) => row === group.row),
        cores,
      ),
    ),
    ...noiseNotes(cells),
  ];
}

/** A line for a group, in the stead of one for each count. */
function loadsNote({ row, processes }: Group, cells: readonly Cell[], cores: number): string {
  const loads = cells.map(({ column, samples }) => {
    const load = loadOf(samples);
    const count = processes(Number(column));
    const each = { ...load, sender: load.sender / count, receiver: load.receiver / count };
    const verdict = bottleneckOf(each, cores / count);
    return `${column}: ${load.sender.toFixed(2)} and ${load.receiver.toFixed(2)} (${verdict})`;
  });
  return `Seconds of CPU in a second, of all senders and all receivers, and what of them is saturated; ${row}, ${loads.join(', ')}.`;
}

export const fig9: Experiment = { name: 'fig9', about: 'the network by itself, on 1 to N streams', run };
