import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsOf } from '../../src/docs/page.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

function page(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
}

/** The first words of the lines of a list. */
function listed(...args: string[]): Set<string> {
  const { stdout } = spawnSync(process.execPath, [program, ...args, '--list'], { encoding: 'utf8' });
  return new Set(stdout.split('\n').map(line => line.trim().split(/\s/)[0]));
}

test('every step of docs/blog.md is a scenario that there is, and has its output', () => {
  const scenarios = listed('trace');
  const text = page('blog.md');
  const commands = commandsOf(text);
  assert.ok(commands.length >= 8);
  for (const command of commands) {
    const [first, scenario] = command.split('npx zerocopy ')[1].split(' ');
    assert.equal(first, 'trace');
    assert.ok(scenarios.has(scenario), scenario);
  }
  assert.doesNotMatch(text, /npx zerocopy.*\n```/);
});

test('docs/paper.md has every experiment, each with its output', () => {
  const text = page('paper.md');
  const named = commandsOf(text).flatMap(command => [...command.matchAll(/npx zerocopy experiment (\w+)/g)]);
  const shown = new Set(named.map(([, name]) => name));
  // figure 13 is within 14, which compares the two ways of it
  const expected = [...listed('experiment')].filter(name => !['', 'all', 'fig13'].includes(name));
  assert.deepEqual([...shown].sort(), expected.sort());
  assert.doesNotMatch(text, /^\$ .*npx zerocopy.*\n```$/m);
});
