import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type TraceCommandOptions, traceOptions } from './trace-options.js';

/** `zerocopy trace`, in yargs' terms. */
export const command: Command = {
  repeatable: ['read'],
  usage,
  async run(argv) {
    await (await import('./trace.js')).trace(argv as unknown as TraceCommandOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy trace SCENARIO [options]\nzerocopy trace --read FILE [--read FILE]\n\nRuns a scenario with a server and a client of its own, and shows each system call of the server. Exit code: 0 all checks passed, 1 a check failed, 2 something that is needed is missing.',
    )
    .positional('scenario', { type: 'string', describe: 'One of --list, or record-fixtures' })
    .options(traceOptions)
    .example([
      ['zerocopy trace --list', 'what there is to see'],
      ['zerocopy trace download --client-rate 20M', 'a client that is slower than the server'],
      ['zerocopy trace not-found --against nginx', 'the same with nginx, side by side'],
      ['zerocopy trace download --html page.html', 'the report as a page'],
      ['strace -f -o FILE -p PID; zerocopy trace --read FILE', 'read a trace of any program'],
    ]);
}
