import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsOf } from '../../src/docs/page.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const text = readFileSync(new URL('../../../docs/blog.md', import.meta.url), 'utf8');

test('every step of docs/blog.md is a scenario that there is, and has its output', () => {
  const { stdout } = spawnSync(process.execPath, [program, 'trace', '--list'], { encoding: 'utf8' });
  const scenarios = new Set(stdout.split('\n').map(line => line.trim().split(/\s/)[0]));
  const commands = commandsOf(text);
  assert.ok(commands.length >= 8);
  for (const command of commands) {
    const [first, scenario] = command.split('npx zerocopy ')[1].split(' ');
    assert.equal(first, 'trace');
    assert.ok(scenarios.has(scenario), `${scenario} in ${stdout}`);
  }
  assert.doesNotMatch(text, /npx zerocopy.*\n```/);
});
