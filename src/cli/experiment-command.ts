import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type ExperimentOptions, experimentOptions } from './experiment-options.js';

/** `zerocopy experiment`, in yargs' terms. */
export const command: Command = {
  // to be told that they are given twice
  repeatable: Object.keys(experimentOptions),
  usage,
  async run(argv) {
    await (await import('./experiment.js')).experiment(argv as ExperimentOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy experiment NAME [options]\nzerocopy experiment --list\n\nRuns what the paper and IBM have measured, on this machine, and prints their figures beside its own. Exit code: 0 it has run, 1 a transfer failed, 2 the command line is wrong.\n\nIt needs room for the file, and for as much again where it is stored; what does not fit is sent from a sparse file into memory only.',
    )
    .positional('name', { type: 'string', describe: 'One of --list, or all' })
    .options(experimentOptions)
    .example([
      ['zerocopy experiment --list', 'what there is to measure'],
      ['zerocopy experiment table2 --size 10G', "the paper's table 2, at its size"],
      ['zerocopy experiment fig13 --size 100G --runs 1', 'its large file, where the disk has 200 GB'],
      ['zerocopy experiment all --html report.html', 'everything in some minutes, as one page'],
    ]);
}
