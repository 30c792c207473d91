import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type SendOptions, sendOptions } from './send-options.js';

/** `zerocopy send`, in yargs' terms. */
export const command: Command = {
  usage,
  async run(argv) {
    await (await import('./send.js')).send(argv as SendOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy send FILE… HOST:PORT [options]\n\nSends files to a zerocopy receive, over TCP: the kernel moves them to the socket (sendfile). A file is there whole, with the same checksum, or not at all; what has come of one that broke off is kept, for --resume. Exit code: 0 all files are there, 1 it failed, 2 the command line is wrong.',
    )
    .positional('files', { type: 'string', describe: 'The files, and last where they go: HOST:PORT' })
    .options(sendOptions)
    .example([
      ['zerocopy send scan.vdif store:9000', 'one file'],
      ['zerocopy send *.vdif store:9000 --streams 4', 'several, each over four connections'],
      ['zerocopy send scan.vdif store:9000 --resume', 'go on where it broke off'],
      ['zerocopy send scan.vdif store:9000 --no-zero-copy', 'with read and write instead'],
      ['zerocopy send scan.vdif store:9000 --udp --rate 100M', 'in datagrams, and count what is lost'],
    ]);
}
