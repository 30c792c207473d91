import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, ratioOf, samplesOf, typical } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { describeLoad, explainRatio } from './explain.js';
import { intervalFor, rateOverTime } from './intervals.js';
import { type Lab, Way } from './lab.js';
import { figure11 } from './paper.js';
import type { Series } from './result.js';

/** Figure 11: a fixed offset over some seconds. */

/**
 * The paper's figure shows 4 s at 80 Gbit/s and more after it, in which 10 GB go several times: so do they here. The block
 * at the fixed offset is the same anyhow.
 */
const times = 5;

async function run(lab: Lab): Promise<Finding[]> {
  const { size } = lab.settings;
  const plan = await lab.plan(size, false);
  const bytes = size * times;
  const settings = { bytes, fixedOffset: true, interval: intervalFor(size) };
  const zeroWay = new Way('zero copy, fixed offset', () => lab.transfer(plan, { ...settings, zeroCopy: true }));
  const copyWay = new Way('read+write, fixed offset', () => lab.transfer(plan, { ...settings, zeroCopy: false }));
  await lab.prepare(plan);
  await lab.rounds([zeroWay, copyWay]);
  const column = 'fixed offset';
  const zero = cellOf({ row: 'zero copy', column, paper: figure11.zeroCopyThen }, samplesOf(zeroWay.results));
  const copy = cellOf({ row: 'read+write', column, paper: figure11.copy }, samplesOf(copyWay.results));
  const cells = [zero, copy];
  const ratio = ratioOf('zero copy / read+write, fixed offset', zero, copy, figure11.zeroCopyThen / figure11.copy);
  const ours: Series[] = [
    { name: 'zero copy', colour: 'zero-copy', points: rateOverTime(typical(zeroWay.results).receiver.intervals) },
    { name: 'read+write', colour: 'copy', points: rateOverTime(typical(copyWay.results).receiver.intervals) },
  ];
  const finding: Finding = {
    ...{ name: 'fig11', title: 'Figure 11: a fixed offset over time', cells, ratios: [ratio] },
    settings: { size: sizeText(bytes) },
    about: `The paper shows its fixed offset over time: zero copy at 80 Gbit/s for the first 4 s and at about 73 after them, read and write at about 29. 10 GB at these rates take 1.2 s, so they were sent more than once; here ${sizeText(size)} go ${times} times, ${sizeText(bytes)} in all.`,
    plots: [
      {
        ...{ title: 'A fixed offset over time', kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' } },
        series: [...ours, ...paperSeries(Math.max(...cells.map(({ samples }) => samples[0].seconds)))],
      },
    ],
    notes: [
      ...plan.notes,
      explainRatio(ratio, zero, copy),
      ...cells.map(({ label, samples }) => describeLoad(label, samples)),
      ...noiseNotes(cells),
    ],
  };
  return [finding];
}

/** @param until seconds that our own take */
function paperSeries(until: number): Series[] {
  const { zeroCopyFirst, firstSeconds, zeroCopyThen, copy } = figure11;
  const end = Math.max(until, firstSeconds + 1);
  return [
    {
      ...{ name: 'zero copy, paper', colour: 'zero-copy', paper: true },
      points: [
        [0, zeroCopyFirst],
        [firstSeconds, zeroCopyFirst],
        [firstSeconds, zeroCopyThen],
        [end, zeroCopyThen],
      ],
    },
    {
      ...{ name: 'read+write, paper', colour: 'copy', paper: true },
      points: [
        [0, copy],
        [end, copy],
      ],
    },
  ];
}

export const fig11: Experiment = {
  name: 'fig11',
  about: 'a fixed offset over time, with and without zero copy',
  run,
};
