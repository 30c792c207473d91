import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { metrics } from '../../src/bench/metrics.js';
import { peerKinds } from '../../src/bench/peers/all.js';
import { startGoal, targetRows } from '../../src/bench/targets/rows.js';
import { startWorkload } from '../../src/bench/targets/start.js';
import { goalText } from '../../src/bench/targets/verdict.js';
import { workloads } from '../../src/bench/workloads/all.js';
import { commandsOf } from '../../src/docs/page.js';

const page = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');

const [before, targets, ...outputs] = page.split(/^\$ npx zerocopy bench.*\n/m);

test('docs/benchmarks.md has four commands, with their output: every workload, and every server', () => {
  assert.deepEqual(
    commandsOf(page),
    [...['--targets --check-with-wrk', '', '--tls'], '--only c-epoll,c-uring,c-uring-zc --workload 1k,1g'].map(option =>
      `npx zerocopy bench ${option}`.trim(),
    ),
  );
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

test('docs/benchmarks.md has every target, and how it stands', () => {
  const rows = [...targetRows, { workload: startWorkload, goals: [startGoal] }];
  const lines = rows.flatMap(({ workload: { title }, goals }) =>
    goals.map(goal => `| ${title} | ${metrics[goal.metric].label} | ${goalText(goal)} |\n`),
  );
  for (const line of lines) assert.ok(before!.includes(line), line);
  assert.equal([...targets!.matchAll(/ (met|NOT MET)(; noise)?$/gm)].length, lines.length);
});
