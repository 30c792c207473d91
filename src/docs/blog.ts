import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs the commands of docs/blog.md again, and puts what they print in the place of what stands there (`npm run docs:blog`).
 * A command stands behind "$ npx zerocopy" in a block that begins with ```console; its output follows it up to the block's
 * end. "| sed …" behind it picks a part of a long output.
 */

const page = fileURLToPath(new URL('../../../docs/blog.md', import.meta.url));
const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));

const block = /^```console\n\$ npx zerocopy (.*)\n[\s\S]*?^```$/gm;

/** The command lines of the page, behind "npx zerocopy". */
export function commandsOf(text: string): string[] {
  return [...text.matchAll(block)].map(match => match[1]);
}

/** What a command of the page prints; throws where it fails. */
function outputOf(command: string): string {
  const [arguments_, ...filters] = command.split(' | ');
  const line = [`node ${program} ${arguments_}`, ...filters].join(' | ');
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', line], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${line} exited with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(page, 'utf8');
  const fresh = text.replace(block, (_, command: string) => {
    process.stderr.write(`zerocopy ${command}\n`);
    return `\`\`\`console\n$ npx zerocopy ${command}\n${outputOf(command)}\n\`\`\``;
  });
  writeFileSync(page, fresh);
}
