import type { Argv } from 'yargs';
import { type CertOptions, certOptions } from './cert-options.js';
import type { Command } from './commands.js';

/** `zerocopy cert`, in yargs' terms. */
export const command: Command = {
  usage,
  async run(argv) {
    (await import('./cert.js')).cert(argv as unknown as CertOptions);
  },
};

function usage(parser: Argv): Argv {
  return parser
    .usage(
      'zerocopy cert [NAMES...] [options]\n\nMakes a key and a certificate that it signs itself, to try HTTPS out. Nobody vouches for it: clients have to be told to trust it.',
    )
    .positional('names', {
      type: 'string',
      array: true,
      describe: 'Host names and addresses (localhost 127.0.0.1 ::1)',
    })
    .options(certOptions)
    .example([
      ['zerocopy cert --out conf', 'for this machine, where conf/https.conf looks for it'],
      ['zerocopy cert data.example 192.0.2.7', 'for a name and an address'],
    ]);
}
