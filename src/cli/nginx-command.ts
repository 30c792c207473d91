import { product } from '../version.js';
import { say } from './bytes.js';
import { parseFlags } from './nginx-flags.js';

/** Whether a command line is nginx's: it begins with an option, or is empty. @param args byte strings */
export function isNginxForm([first = '']: readonly string[]): boolean {
  return (first === '' || first.startsWith('-')) && first !== '--help' && first !== '--version';
}

/** Does what nginx's options ask for. What is loaded depends on what that is. */
export async function nginxCommand(args: readonly string[]): Promise<void> {
  const flags = parseFlags(args);
  if (flags.help) {
    await (await import('./commands.js')).runCommand(['--help']);
  } else if (flags.build) {
    const { packageFolder } = await import('./place.js');
    say((await import('./version-text.js')).buildText(packageFolder()));
  } else if (flags.version) say(`zerocopy version: ${product}`);
  const tests = flags.test || flags.dump;
  // what is told of the program is all that is asked for, unless a test is too
  if ((flags.help || flags.build || flags.version) && !tests) return;
  const options = (await import('./place.js')).configOptions(flags);
  if (tests) (await import('./test-config.js')).testConfig(options, flags.quiet, flags.dump);
  else if (flags.signal !== undefined) (await import('./send-signal.js')).sendSignal(options, flags.signal);
  else await (await import('./run.js')).run(options);
}
