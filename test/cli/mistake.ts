import assert from 'node:assert/strict';
import { runCommand } from '../../src/cli/commands.js';
import { UsageError } from '../../src/cli/failure.js';
import { runPlainCommand } from '../../src/cli/plain-commands.js';

/** That a command line is refused with words that match. It is read in this process: to start the program takes a hundred times as long. */
export async function assertRefused(args: readonly string[], words: RegExp): Promise<void> {
  const run = async () => (await runPlainCommand(args)) || (await runCommand(args));
  await assert.rejects(run, (error: unknown) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.equal(error.exitCode, 2);
    assert.match(error.message, words);
    return true;
  });
}
