import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, ratioOf, samplesOf, seconds, typical } from './cells.js';
import type { Finding } from './experiment.js';
import { describeLoad, receiverNotes } from './explain.js';
import { rateOverTime } from './intervals.js';
import { type Lab, type Plan, Way } from './lab.js';
import { figure12, figure13, figure14, table2 } from './paper.js';
import type { Cell, Plot, Series } from './result.js';
import type { Transfer } from './transfer.js';
import { trim } from './units.js';

/** Figures 12 to 14: a file sent and stored, sent with and without zero copy. */

export interface Stored {
  readonly plan: Plan;
  readonly bytes: number;
  readonly zero: readonly Transfer[];
  readonly copy: readonly Transfer[];
}

/** The paper's receiver reads a block and writes it (its figure 8), whichever way the sender has. */
const receiver = { zeroCopy: false, direct: false } as const;

/** @throws ExperimentError */
export async function measureStored(lab: Lab, bytes: number): Promise<Stored> {
  const plan = await lab.plan(bytes, true);
  const measure = (zeroCopy: boolean) => () =>
    plan.stores
      ? lab.store(plan, { zeroCopy }, receiver)
      : lab.transfer(plan, { zeroCopy, target: { kind: 'memory' } });
  const zero = new Way('sent with zero copy', measure(true));
  const copy = new Way('sent with read+write', measure(false));
  if (!plan.stores) await lab.prepare(plan);
  await lab.rounds([zero, copy]);
  return { plan, bytes, zero: zero.results, copy: copy.results };
}

type Runs = 'zero' | 'copy';

const rows: Readonly<Record<Runs, string>> = { zero: 'sent with zero copy', copy: 'sent with read+write' };
const colours = { zero: 'zero-copy', copy: 'copy' } as const;

/** What becomes of the bytes at the far end. */
function arrival({ plan }: Stored): string {
  return plan.stores ? 'stored' : 'taken into memory';
}

/** The rates of both ends, both ways. @param paper its figures for the ways that it has */
function rateCells(stored: Stored, paper: Partial<Record<Runs, { sent: number; stored: number }>>): Cell[] {
  return (['zero', 'copy'] as const).flatMap(way => {
    const samples = samplesOf(stored[way]);
    const sent = stored[way].map(({ sender }) => sender.gigabitsPerSecond);
    return [
      cellOf({ row: rows[way], column: arrival(stored), paper: paper[way]?.stored }, samples),
      cellOf({ row: rows[way], column: 'sent', values: sent, paper: paper[way]?.sent }, samples),
    ];
  });
}

function overTime(stored: Stored, title: string): Plot {
  const series = (['zero', 'copy'] as const).flatMap((way): Series[] => {
    const run = typical(stored[way]);
    return [
      { name: `${rows[way]}: sent`, colour: colours[way], points: rateOverTime(run.sender.intervals) },
      { name: `${rows[way]}: ${arrival(stored)}`, colour: 'other', points: rateOverTime(run.receiver.intervals) },
    ];
  });
  return { title, kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' }, series };
}

function commonNotes(stored: Stored, cells: readonly Cell[]): string[] {
  const loads = (['zero', 'copy'] as const).map(way => describeLoad(rows[way], samplesOf(stored[way])));
  const receiver = receiverNotes(samplesOf(stored.zero), samplesOf(stored.copy));
  return [...stored.plan.notes, ...receiver, ...loads, ...noiseNotes(cells)];
}

function settingsOf({ plan, bytes }: Stored): Readonly<Record<string, string>> {
  const stores = 'read+write (figure 8 of the paper), with fsync at the end';
  return { size: sizeText(bytes), receiver: plan.stores ? stores : 'reads into memory' };
}

function ending({ plan, bytes }: Stored): string {
  const what = plan.stores
    ? 'stored by read and write with an fsync at the end, which counts'
    : 'read into memory at the far end';
  return `Here ${sizeText(bytes)} are sent both ways, and ${what}.`;
}

export function fig12(stored: Stored): Finding {
  const paper = { copy: { sent: figure12.sendRate, stored: figure12.storeRate } };
  const cells = rateCells(stored, paper);
  const [storedZero, , storedCopy] = cells;
  return {
    ...{ name: 'fig12', title: 'Figure 12: a file sent and stored', cells, settings: settingsOf(stored) },
    about: `The paper sent 10 GB and stored them: sent at ${figure12.sendRate} Gbit/s in ${figure12.sendSeconds} s, stored at ${figure12.storeRate} in ${figure12.storeSeconds} s. ${ending(stored)}`,
    ratios: [ratioOf(`${arrival(stored)}: zero copy / read+write`, storedZero, storedCopy)],
    plots: [overTime(stored, `${sizeText(stored.bytes)} sent and ${arrival(stored)}`)],
    notes: [
      `The paper's figure 12 bears the name of zero copy, and its text has it among the results without; the ${figure12.sendRate} Gbit/s at which it was sent are more than the ${table2.moving.copy} of its own table 2 for read and write.`,
      lagNote(stored),
      ...commonNotes(stored, cells),
    ],
  };
}

/** How far the store was behind the sender. */
function lagNote({ plan, zero, copy }: Stored): string {
  const lags = [typical(zero), typical(copy)].map(run => trim(run.receiver.seconds - run.sender.seconds));
  const between = `what the socket's buffers hold${plan.stores ? ', and the fsync' : ''}`;
  return `The receiver was done ${lags[0]} s (zero copy) and ${lags[1]} s (read+write) after the sender; in the paper ${trim(figure12.storeSeconds - figure12.sendSeconds)} s. What lies between the two is ${between}.`;
}

export function fig13(stored: Stored): Finding {
  const cells = rateCells(stored, { copy: { sent: figure13.sendRate, stored: figure13.storeRate } });
  const [storedZero, , storedCopy] = cells;
  return {
    ...{ name: 'fig13', title: 'Figure 13: a larger file sent and stored', cells, settings: settingsOf(stored) },
    about: `The paper sent 100 GB with read and write and stored them: ${figure13.sendRate} and ${figure13.storeRate} Gbit/s, ${figure13.seconds} s. ${ending(stored)}`,
    ratios: [ratioOf(`${arrival(stored)}: zero copy / read+write`, storedZero, storedCopy)],
    plots: [overTime(stored, `${sizeText(stored.bytes)} sent and ${arrival(stored)}`)],
    notes: commonNotes(stored, cells),
  };
}

export function fig14(stored: Stored): Finding {
  const column = arrival(stored);
  const [zero, copy] = [samplesOf(stored.zero), samplesOf(stored.copy)];
  const rates = [
    cellOf({ row: rows.zero, column, paper: figure14.rate }, zero),
    cellOf({ row: rows.copy, column, paper: figure13.storeRate }, copy),
  ];
  const times = [
    cellOf({ row: rows.zero, column: `${column}, seconds`, measure: seconds, paper: figure14.seconds }, zero),
    cellOf({ row: rows.copy, column: `${column}, seconds`, measure: seconds, paper: figure13.seconds }, copy),
  ];
  const series: Series[] = (['zero', 'copy'] as const).map(way => ({
    ...{ name: rows[way], colour: colours[way], points: rateOverTime(typical(stored[way]).receiver.intervals) },
  }));
  const saved = times[1].median - times[0].median;
  const notes = [
    `${savedText(saved, times[1].median)}; the paper's ${figure14.savedSeconds} s are ${percent(figure14.savedSeconds / figure13.seconds)} of its own.`,
    ...commonNotes(stored, [...rates, ...times]),
  ];
  return {
    ...{
      name: 'fig14',
      title: 'Figure 14: the store with and without zero copy',
      cells: [...rates, ...times],
      settings: settingsOf(stored),
    },
    about: `The paper stored 100 GB that were sent with zero copy in ${figure14.seconds} s (${figure14.rate} Gbit/s), ${figure14.savedSeconds} s less than with read and write. ${ending(stored)}`,
    ratios: [ratioOf(`${column}: zero copy / read+write`, rates[0], rates[1], figure14.rate / figure13.storeRate)],
    plots: [
      { title: `${sizeText(stored.bytes)} ${column}`, kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' }, series },
    ],
    notes,
  };
}

/** @param of the seconds with read and write */
function savedText(saved: number, of: number): string {
  const [amount, share] = [trim(Math.abs(saved)), percent(Math.abs(saved) / of)];
  return `Zero copy ${saved >= 0 ? 'saves' : 'costs'} ${amount} s${saved >= 0 ? ' of' : ' more than the'} ${trim(of)} s with read+write (${share})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
