import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { intervalFor, longer, rateOverTime } from './intervals.js';
import { type Lab, Way } from './lab.js';
import { figure10 } from './paper.js';
import { ExperimentError, finish, startOwn } from './program.js';
import type { Sample, Series } from './result.js';
import { settle } from './settle.js';
import type { StoreFigures, StoreSettings } from './store-writer.js';
import { gigabits, roughSize, trim } from './units.js';

/** Figure 10: what the store takes by itself. */

const name = 'written.data';
/** Large enough for a disk that is asked for one block at a time. */
const largeBlock = 4 * 2 ** 20;
const timeLimit = 1_800_000;

interface Writer {
  readonly row: string;
  readonly blockSize: number;
  readonly direct: boolean;
}

function writers({ settings: { blockSize } }: Lab): Writer[] {
  const sizes = [...new Set([blockSize, largeBlock])];
  return [
    { row: `buffered, ${sizeText(blockSize)}`, blockSize, direct: false },
    ...sizes.map(size => ({ row: `O_DIRECT, ${sizeText(size)}`, blockSize: size, direct: true })),
  ];
}

async function run(lab: Lab): Promise<Finding[]> {
  const { bytes, notes } = await amount(lab);
  const refusals = new Map<Writer, string>();
  const tries = writers(lab).map(writer => ({
    writer,
    way: new Way(writer.row, () => write(lab, writer, bytes, refusals)),
  }));
  await lab.rounds(
    tries.map(({ way }) => way),
    settle,
  );
  const rows = tries.flatMap(({ writer, way }) => {
    const figures = way.results.filter(result => result !== undefined);
    return figures.length === 0 ? [] : [{ ...writer, figures }];
  });
  const cells = rows.flatMap(({ row, figures }) => {
    const samples = figures.map(sampleOf);
    const rates = figures.map(stretches);
    const [least, most] = [rates.map(each => Math.min(...each)), rates.map(each => Math.max(...each))];
    return [
      cellOf({ row, column: 'mean' }, samples),
      cellOf({ row, column: 'slowest', values: least, paper: figure10.least }, samples),
      cellOf({ row, column: 'fastest', values: most, paper: figure10.most }, samples),
    ];
  });
  const finding: Finding = {
    ...{ name: 'fig10', title: "Figure 10: the store's own write speed", cells, ratios: [] },
    about: `The paper's 16 disks took ${figure10.least} to ${figure10.most} Gbit/s, whatever came. Here ${sizeText(bytes)} are written to ${lab.place.fileSystem.type} in blocks, through the page cache and past it (O_DIRECT), with an fsync at the end. The mean counts until all is on the disk; the slowest and the fastest are of a second of writing, or of a tenth of what takes less than ten.`,
    plots: [
      {
        ...{ title: 'Written over time', kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' } },
        series: [...rows.map(seriesOf), ...paperSeries(rows.flatMap(({ figures }) => figures))],
      },
    ],
    notes: [...notes, ...refusals.values(), ...rows.map(syncNote), ...noiseNotes(cells)],
  };
  return [finding];
}

/** What fits the disk. */
async function amount(lab: Lab): Promise<{ bytes: number; notes: string[] }> {
  const { size } = lab.settings;
  const bytes = lab.fitting(size, false);
  return bytes === size
    ? { bytes, notes: [] }
    : { bytes, notes: [`${sizeText(size)} do not fit the disk: ${roughSize(bytes)} are written.`] };
}

/** @returns undefined where the file system refuses O_DIRECT, which `refusals` then tells of */
async function write(
  lab: Lab,
  writer: Writer,
  bytes: number,
  refusals: Map<Writer, string>,
): Promise<StoreFigures | undefined> {
  const { blockSize, direct, row } = writer;
  if (refusals.has(writer)) return undefined;
  const settings: StoreSettings = { path: name, bytes, blockSize, direct, interval: intervalFor(bytes) };
  try {
    const program = startOwn('store-writer', [JSON.stringify(settings)], lab.place.cwd);
    lab.note(program.command);
    return JSON.parse(await finish(program, timeLimit)) as StoreFigures;
  } catch (error) {
    if (!(direct && error instanceof ExperimentError)) throw error;
    refusals.set(writer, `${row} is impossible here: ${error.message.replace(/^store-writer .*?: (?=\w+\(\))/, '')}`);
    return undefined;
  } finally {
    lab.place.removeFile(name);
  }
}

/** The rates of its stretches. */
function stretches({ intervals, seconds, syncSeconds }: StoreFigures): number[] {
  const stretch = Math.min(1, (seconds - syncSeconds) / 10);
  const all = longer(intervals, stretch);
  // what is left over at the end may be a moment
  const whole = all.filter(({ start, end }) => end - start >= stretch / 2);
  return rateOverTime(whole.length > 0 ? whole : all).map(([, rate]) => rate);
}

function sampleOf({ bytes, seconds, cpuSeconds, writes }: StoreFigures): Sample {
  return {
    gigabitsPerSecond: gigabits(bytes, seconds),
    seconds,
    // nothing is sent
    senderCpuPerGB: 0,
    receiverCpuPerGB: (cpuSeconds / bytes) * 1e9,
    callsPerGB: { sender: 0, receiver: (writes / bytes) * 1e9 },
  };
}

function seriesOf({ row, direct, figures }: Writer & { readonly figures: readonly StoreFigures[] }): Series {
  const sorted = [...figures].sort((a, b) => a.seconds - b.seconds);
  const { intervals } = sorted[Math.floor(sorted.length / 2)];
  return { name: row, colour: direct ? 'other' : 'copy', points: rateOverTime(intervals) };
}

function paperSeries(figures: readonly StoreFigures[]): Series[] {
  const end = Math.max(...figures.map(({ seconds }) => seconds));
  return [figure10.least, figure10.most].map((rate, index) => ({
    ...{ name: index === 0 ? 'paper, least' : 'paper, most', paper: true },
    points: [
      [0, rate],
      [end, rate],
    ],
  }));
}

function syncNote({ row, figures }: { readonly row: string; readonly figures: readonly StoreFigures[] }): string {
  const shares = figures.map(({ syncSeconds, seconds }) => syncSeconds / seconds).sort((a, b) => a - b);
  const costs = figures.map(each => sampleOf(each).receiverCpuPerGB).sort((a, b) => a - b);
  const middle = Math.floor(figures.length / 2);
  return `${row}: ${(shares[middle] * 100).toFixed(0)} % of the time is fsync, that is, bytes that the page cache had taken and the disk had not; ${trim(costs[middle])} s of CPU a GB.`;
}

export const fig10: Experiment = { name: 'fig10', about: "the store's own write speed over time", run };
