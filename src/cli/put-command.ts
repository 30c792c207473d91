import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type PutOptions, putOptions } from './put-options.js';

/** `zerocopy put`, in yargs' terms. */
export const command: Command = {
  usage,
  repeatable: ['header'],
  async run(argv) {
    await (await import('./put.js')).put(argv as PutOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy put FILE URL [options]\n\nUploads a file with HTTP PUT: the kernel moves it to the socket (sendfile). Where URL ends with "/", the name of the file is appended. A broken connection and a server that cannot for the moment are tried again, from the start. Exit code: 0 it is there, 1 it failed, 2 the command line is wrong.',
    )
    .positional('file', { type: 'string', describe: 'The file' })
    .positional('url', { type: 'string', describe: 'Where it goes: http://HOST[:PORT]/PATH, or https' })
    .options(putOptions)
    .example([
      ['zerocopy put scan.vdif http://store/scans/', 'to http://store/scans/scan.vdif'],
      ['zerocopy put scan.vdif http://store/a --user me:secret', 'with a password'],
      ['zerocopy put scan.vdif http://store/a --no-zero-copy', 'with read and write instead'],
      ['zerocopy put scan.vdif https://store/a --cacert ca.pem', 'encrypted, which takes copies'],
    ]);
}
