import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type DemoOptions, demoOptions } from './demo-options.js';

/** `zerocopy demo`, in yargs' terms. */
export const command: Command = {
  usage,
  async run(argv) {
    await (await import('./demo.js')).demo(argv as unknown as DemoOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage('zerocopy demo [options]\n\nSends one file with sendfile off and with sendfile on, and compares the cost.')
    .options(demoOptions)
    .example([
      ['zerocopy demo', 'a file of 100 MB'],
      ['zerocopy demo --size 1G --json', 'a larger one, for a program to read'],
      ['zerocopy demo --keep', 'keep the file, the traces and the configuration'],
    ]);
}
