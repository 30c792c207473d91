#!/usr/bin/env node
import { commandLine } from './bytes.js';
import { fail } from './failure.js';
import { isNginxForm, nginxCommand } from './nginx-command.js';
import { runPlainCommand } from './plain-commands.js';

/**
 * The program `zerocopy`. What is loaded depends on what is asked for, since loading is most of the time that a start takes:
 * yargs reads the commands, and costs more than Node's own start; plain command lines of those that serve and move files go without it.
 */

async function main(args: readonly string[]): Promise<void> {
  if (await runPlainCommand(args)) return;
  if (isNginxForm(args)) await nginxCommand(args);
  else await (await import('./commands.js')).runCommand(args);
}

main(commandLine()).catch(fail);
