import { sizeText } from '../tools/words.js';
import { cellOf, noiseNotes, ratioOf, samplesOf, seconds, typical } from './cells.js';
import type { Experiment, Finding } from './experiment.js';
import { describeLoad, explainRatio, receiverNotes } from './explain.js';
import { rateOverTime } from './intervals.js';
import { type Lab, Way } from './lab.js';
import { figure15 } from './paper.js';

/** Figure 15: sent into the far end's memory, without its disks. */

async function run(lab: Lab): Promise<Finding[]> {
  const bytes = lab.settings.largeSize;
  const plan = await lab.plan(bytes, false);
  const target = { kind: 'memory' } as const;
  const zeroWay = new Way('zero copy into memory', () => lab.transfer(plan, { zeroCopy: true, target }));
  const copyWay = new Way('read+write into memory', () => lab.transfer(plan, { zeroCopy: false, target }));
  await lab.prepare(plan);
  await lab.rounds([zeroWay, copyWay]);
  const [zeroSamples, copySamples] = [samplesOf(zeroWay.results), samplesOf(copyWay.results)];
  const column = 'into memory';
  const zero = cellOf({ row: 'zero copy', column, paper: figure15.zeroCopy.rate }, zeroSamples);
  const copy = cellOf({ row: 'read+write', column, paper: figure15.copy.rate }, copySamples);
  const timed = { column: 'seconds', measure: seconds };
  const cells = [
    ...[zero, copy],
    cellOf({ row: 'zero copy', ...timed, paper: figure15.zeroCopy.seconds }, zeroSamples),
    cellOf({ row: 'read+write', ...timed, paper: figure15.copy.seconds }, copySamples),
  ];
  const ratio = ratioOf('zero copy / read+write', zero, copy, figure15.zeroCopy.rate / figure15.copy.rate);
  const finding: Finding = {
    ...{ name: 'fig15', title: 'Figure 15: sent into memory', cells, ratios: [ratio] },
    settings: { size: sizeText(bytes) },
    about: `The paper sent 100 GB to a receiver that only read them: ${figure15.zeroCopy.rate} Gbit/s with zero copy (${figure15.zeroCopy.seconds} s) and ${figure15.copy.rate} with read and write (${figure15.copy.seconds} s). Here ${sizeText(bytes)} go into one block of memory of the receiver's, again and again.`,
    plots: [
      {
        ...{ title: `${sizeText(bytes)} sent into memory`, kind: 'line', x: { label: 's' }, y: { label: 'Gbit/s' } },
        series: [
          { name: 'zero copy', colour: 'zero-copy', points: rateOverTime(typical(zeroWay.results).receiver.intervals) },
          { name: 'read+write', colour: 'copy', points: rateOverTime(typical(copyWay.results).receiver.intervals) },
        ],
      },
    ],
    notes: [
      ...plan.notes,
      explainRatio(ratio, zero, copy),
      ...receiverNotes(zeroSamples, copySamples),
      ...[zero, copy].map(({ label, samples }) => describeLoad(label, samples)),
      ...noiseNotes(cells),
    ],
  };
  return [finding];
}

export const fig15: Experiment = { name: 'fig15', about: "sent into the far end's memory", run };
