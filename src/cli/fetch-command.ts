import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type FetchOptions, fetchOptions } from './fetch-options.js';

/** `zerocopy fetch`, in yargs' terms. */
export const command: Command = {
  usage,
  repeatable: ['header'],
  async run(argv) {
    await (await import('./fetch.js')).fetch(argv as FetchOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy fetch URL… [options]\n\nDownloads files over HTTP: the kernel moves them from the socket into the file (splice). A file has its name when all of it is there, and not before; what has come of one that broke off is kept, for --resume. Exit code: 0 all files are there, 1 one is not, 2 the command line is wrong.',
    )
    .positional('urls', { type: 'string', describe: 'http://HOST[:PORT]/PATH, or https' })
    .options(fetchOptions)
    .example([
      ['zerocopy fetch http://store/scan.vdif', 'one file, under the name that it has there'],
      ['zerocopy fetch http://store/scan.vdif --streams 8', 'in parts, over eight connections'],
      ['zerocopy fetch http://store/scan.vdif --resume', 'go on where it broke off'],
      ['zerocopy fetch URL -o a.iso --checksum sha-256=HEX', 'only if it is the right one'],
    ]);
}
