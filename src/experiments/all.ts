import type { Experiment } from './experiment.js';
import { ibm } from './ibm.js';
import { measureInside, table2, table3 } from './inside.js';
import type { Lab } from './lab.js';
import { fig15 } from './memory.js';
import { fig9 } from './network.js';
import { fig11 } from './over-time.js';
import { fig10 } from './store-speed.js';
import { fig12, fig13, fig14, measureStored } from './stored.js';
import { storing } from './storing.js';
import { sweep } from './sweep.js';

const inside = (lab: Lab) => measureInside(lab, ['fixed', 'moving'], lab.settings.cLoop);

/** By the names that a user gives. */
export const experiments: readonly Experiment[] = [
  {
    name: 'table2',
    about: 'zero copy or not, at a fixed or a moving offset, inside one system',
    run: async lab => [await table2(lab, await inside(lab))],
  },
  {
    name: 'table3',
    about: 'the moving offset of table2, second by second',
    run: async lab => [table3(lab, await measureInside(lab, ['moving'], false))],
  },
  fig9,
  fig10,
  fig11,
  {
    name: 'fig12',
    about: 'a file sent and stored, both ways',
    run: async lab => [fig12(await measureStored(lab, lab.settings.size))],
  },
  {
    name: 'fig13',
    about: 'the same with a larger file (the paper: 100 GB)',
    run: async lab => [fig13(await measureStored(lab, lab.settings.largeSize))],
  },
  {
    name: 'fig14',
    about: 'what zero copy does for the time until the larger file is stored',
    run: async lab => [fig14(await measureStored(lab, lab.settings.largeSize))],
  },
  fig15,
  ibm,
  storing,
  sweep,
];

/** The same in one go: what two tables or figures are of is measured once, and the file grows but once. */
export const everything: readonly Experiment[] = [
  {
    name: 'table2, table3',
    about: '',
    run: async lab => {
      const measured = await inside(lab);
      return [await table2(lab, measured), table3(lab, measured)];
    },
  },
  ...['fig9', 'fig10', 'fig11', 'fig12', 'ibm', 'store', 'sweep'].map(experimentOf),
  {
    name: 'fig13, fig14',
    about: '',
    run: async lab => {
      const measured = await measureStored(lab, lab.settings.largeSize);
      return [fig13(measured), fig14(measured)];
    },
  },
  experimentOf('fig15'),
];

/** @throws RangeError for a name that is none */
function experimentOf(name: string): Experiment {
  const found = experiments.find(each => each.name === name);
  if (found === undefined) throw new RangeError(`no experiment "${name}"`);
  return found;
}

/** The place of a result in a report: the order of `experiments`. */
export function placeOf(name: string): number {
  return experiments.findIndex(each => each.name === name);
}
