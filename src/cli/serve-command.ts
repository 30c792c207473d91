import type { Argv } from 'yargs';
import type { Command } from './commands.js';
import { type ServeOptions, serveOptions } from './serve-options.js';

/** `zerocopy serve`, in yargs' terms. */
export const command: Command = {
  usage,
  async run(argv) {
    await (await import('./serve.js')).serve(argv as unknown as ServeOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage('zerocopy serve DIR [options]\n\nServes the files of a folder until Ctrl-C.')
    .positional('dir', { type: 'string', describe: 'The folder' })
    .options(serveOptions)
    .example([
      ['zerocopy serve .', 'this folder, on http://127.0.0.1:8080/'],
      ['zerocopy serve /data --host 0.0.0.0 --port 80', 'for all who can reach this machine'],
      ['zerocopy serve /data --console', 'with a live page on http://127.0.0.1:8081/'],
      ['zerocopy serve /data --sendfile off', 'copy through output buffers instead'],
    ]);
}
