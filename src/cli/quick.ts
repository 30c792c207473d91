import { commandLine } from './bytes.js';
import { fail } from './failure.js';
import { isNginxForm, nginxCommand } from './nginx-command.js';
import { readPlain } from './serve-options.js';

/**
 * The program `zerocopy` as it is installed: `src/build/bundle.ts` makes one file of this and of all that serving takes. Every other command is
 * main.ts's.
 */
async function main(args: readonly string[]): Promise<void> {
  const [first = '', ...rest] = args;
  const options = first === 'serve' ? readPlain(rest) : null;
  if (options !== null) await (await import('./serve.js')).serve(options);
  else if (isNginxForm(args)) await nginxCommand(args);
  else await import('./main.js');
}

main(commandLine()).catch(fail);
