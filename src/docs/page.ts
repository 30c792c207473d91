import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs the commands of a page again, and puts what they print in the place of what stands there (`npm run docs:blog`,
 * `npm run docs:paper`, `npm run bench`). A command stands behind "$ " in a block that begins with ```console, and has "npx zerocopy" in it;
 * its output follows it up to the block's end. It is a line for bash: "| sed …" picks a part of a long output.
 */

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const block = /^```console\n\$ (.*\bnpx zerocopy .*)\n[\s\S]*?^```$/gm;

/** The command lines of a page. */
export function commandsOf(text: string): string[] {
  return [...text.matchAll(block)].map(match => match[1]);
}

/** ms that a command may take: the comparison of all servers is the longest. */
const patience = 3_600_000;

/** What a command of the page prints; throws where it fails. */
function outputOf(command: string): string {
  const line = command.replaceAll('npx zerocopy', `node ${program}`);
  const options: SpawnSyncOptionsWithStringEncoding = {
    ...{ encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: patience, killSignal: 'SIGKILL' },
    // who waits sees how far it is
    stdio: ['ignore', 'pipe', 'inherit'],
  };
  const { status, stdout } = spawnSync('bash', ['-o', 'pipefail', '-c', line], options);
  if (status !== 0) throw new Error(`${line} exited with ${status}`);
  return stdout.trimEnd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const page of process.argv.slice(2)) {
    const fresh = readFileSync(page, 'utf8').replace(block, (_, command: string) => {
      process.stderr.write(`${command}\n`);
      return `\`\`\`console\n$ ${command}\n${outputOf(command)}\n\`\`\``;
    });
    writeFileSync(page, fresh);
  }
}
