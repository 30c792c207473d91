import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type ReceiveOptions, receiveOptions } from './receive-options.js';

/** `zerocopy receive`, in yargs' terms. */
export const command: Command = {
  usage,
  async run(argv) {
    await (await import('./receive.js')).receive(argv as ReceiveOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy receive (--dir DIR | --output FILE | --discard | --memory) [options]\n\nTakes files from zerocopy send, until Ctrl-C. A file gets its name when it is whole; until then it is .NAME.zc-part. There is no password and no encryption: whoever reaches the port may send. Exit code with --once: 0 all files are there, 1 it failed; 2 the command line is wrong.',
    )
    .options(receiveOptions)
    .example([
      ['zerocopy receive --dir /data', 'from this machine alone'],
      ['zerocopy receive --dir /data --listen 0.0.0.0:9000', 'from all who can reach it'],
      ['zerocopy receive --output scan.vdif --once', 'one file, then end'],
      ['zerocopy receive --discard', 'to measure senders'],
    ]);
}
