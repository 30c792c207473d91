import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, ratioOf, samplesOf, senderCpu } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { type Lab, Way } from './lab.js';
import { table2 } from './paper.js';
import type { Cell } from './result.js';

/** Block sizes, so that nobody has to take our word for the one that the other experiments use. */

const smallest = 4 * 2 ** 10;
const largest = 4 * 2 ** 20;

function blockSizes(): number[] {
  const sizes: number[] = [];
  for (let size = smallest; size <= largest; size *= 2) sizes.push(size);
  return sizes;
}

const ways = [
  { zeroCopy: true, column: 'zero copy', colour: 'zero-copy' },
  { zeroCopy: false, column: 'read+write', colour: 'copy' },
] as const;

async function run(lab: Lab): Promise<Finding[]> {
  const plan = await lab.plan(lab.settings.size, false);
  await lab.prepare(plan);
  const tries = blockSizes().flatMap(blockSize =>
    ways.map(({ zeroCopy, column }) => ({
      ...{ blockSize, column },
      way: new Way(`${column}, blocks of ${sizeText(blockSize)}`, () => lab.transfer(plan, { zeroCopy, blockSize })),
    })),
  );
  await lab.rounds(tries.map(({ way }) => way));
  const samples = tries.map(({ blockSize, column, way }) => ({ blockSize, column, samples: samplesOf(way.results) }));
  const rates = samples.map(each => cellOf({ row: sizeText(each.blockSize), column: each.column }, each.samples));
  const costs = samples.map(each =>
    cellOf({ row: sizeText(each.blockSize), column: `${each.column}, sender's CPU`, measure: senderCpu }, each.samples),
  );
  const finding: Finding = {
    ...{ name: 'sweep', title: 'Block sizes', cells: [...rates, ...costs], ratios: ratiosOf(rates) },
    about: `The paper names 128 KB as the size for which others had found zero copy useful, and no size of its own. Here ${sizeText(lab.settings.size)} are sent from a moving offset in blocks of ${sizeText(smallest)} to ${sizeText(largest)}: what one sendfile, or one pread and the sends after it, is asked for. The other experiments use ${sizeText(lab.settings.blockSize)}.`,
    plots: [
      plotOf('Rate by block size', 'Gbit/s', rates),
      plotOf("The sender's CPU by block size", 's of CPU a GB', costs),
    ],
    notes: [...plan.notes, ...bestNotes(lab, rates), ...noiseNotes([...rates, ...costs])],
  };
  return [finding];
}

function ratiosOf(rates: readonly Cell[]) {
  return blockSizes().map(size => {
    const [zero, copy] = rates.filter(({ row }) => row === sizeText(size));
    return ratioOf(`zero copy / read+write, ${sizeText(size)}`, zero, copy);
  });
}

function plotOf(title: string, label: string, cells: readonly Cell[]) {
  const sizes = blockSizes();
  const series = ways.map(({ column, colour }) => ({
    ...{ name: column, colour },
    points: cells
      .filter(cell => cell.column.startsWith(column))
      .map(cell => [sizes.find(size => sizeText(size) === cell.row) ?? 0, cell.median] as const),
  }));
  return { title, kind: 'line' as const, x: { label: 'bytes of a block', log: true }, y: { label }, series };
}

/** Which size is best for each way, and what the ratio is if each has its own. */
function bestNotes(lab: Lab, rates: readonly Cell[]): string[] {
  const best = ways.map(({ column }) => {
    const cells = rates.filter(cell => cell.column === column);
    return cells.reduce((one, other) => (other.median > one.median ? other : one));
  });
  const [zero, copy] = best;
  const chosen = sizeText(lab.settings.blockSize);
  const [zeroHere, copyHere] = rates.filter(({ row }) => row === chosen);
  const paper = (table2.moving.zeroCopy / table2.moving.copy).toFixed(2);
  const atBest = `zero copy is fastest with ${zero.row} (${zero.median.toFixed(1)} Gbit/s), read+write with ${copy.row} (${copy.median.toFixed(1)}): with the best block for each, the ratio is ${(zero.median / copy.median).toFixed(2)}`;
  if (zeroHere === undefined || copyHere === undefined) return [`${capital(atBest)}; the paper's is ${paper}.`];
  const atChosen = `with ${chosen} for both it is ${(zeroHere.median / copyHere.median).toFixed(2)}`;
  return [`${capital(atBest)}; ${atChosen}; the paper's is ${paper}.`];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const sweep: Experiment = { name: 'sweep', about: 'block sizes from 4k to 4M, both ways', run };
