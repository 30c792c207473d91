#!/usr/bin/env node
import { product } from '../version.js';
import { commandLine, say } from './bytes.js';
import { fail } from './failure.js';
import { parseFlags } from './nginx-flags.js';
import { runPlainCommand } from './plain-commands.js';

/**
 * The program `zerocopy`. What is loaded depends on what is asked for, since loading is most of the time that a start takes:
 * yargs reads the commands, and costs more than Node's own start; plain command lines of those that serve and move files go without it.
 */

async function nginxCommand(args: readonly string[]): Promise<void> {
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

async function main(args: readonly string[]): Promise<void> {
  if (await runPlainCommand(args)) return;
  const [first = ''] = args;
  const isCommand = first !== '' && (!first.startsWith('-') || first === '--help' || first === '--version');
  if (isCommand) await (await import('./commands.js')).runCommand(args);
  else await nginxCommand(args);
}

main(commandLine()).catch(fail);
