import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { peerKinds } from '../../src/bench/peers/all.js';
import { targetRows } from '../../src/bench/targets/rows.js';
import { workloads } from '../../src/bench/workloads/all.js';
import { commandsOf } from '../../src/docs/page.js';

const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');

test('docs/benchmarks.md has three commands, with their output: every target, every workload, and every server', () => {
  assert.deepEqual(
    commandsOf(page),
    ['--targets', '', '--tls'].map(option => `npx zerocopy bench ${option}`.trim()),
  );
  const [before, targets, ...outputs] = page.split(/^\$ npx zerocopy bench.*\n/m);
  for (const { workload, goals } of targetRows) {
    const lines = targets!.split('\n').filter(line => line.startsWith(`${workload.title}  `));
    assert.equal(lines.length, goals.length, workload.title);
  }
  const about = before! + targets!;
  for (const each of outputs) assert.match(each, /^Zerocopy \d+\.\d+\.\d+, \d{4}-\d\d-\d\dT[^\n]*Z\n/);
  const output = outputs.join();
  for (const { name, title } of workloads) {
    assert.ok(output.includes(`\n${name}: ${title}\n`), name);
    assert.ok(about.includes(`\`${name}\``), name);
  }
  for (const { name } of peerKinds) {
    assert.match(output, new RegExp(`^ *${name} `, 'm'), name);
    assert.ok(about.includes(`\`${name}\``), name);
  }
});
