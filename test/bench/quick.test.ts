import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../src/bench/report.js';
import { childrenOf } from '../../src/tools/processes.js';
import { findProgram } from '../../src/tools/programs.js';

const program = fileURLToPath(new URL('../../src/bench/quick.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zerocopy-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const little = ['--rounds', '1', '--downloads', '1', '--seconds', '1', '--connections', '4'];

interface Run {
  child: ChildProcess;
  output: string;
  messages: string;
  code: Promise<number | null>;
}

function start(args: readonly string[]): Run {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, TMPDIR: folder } });
  const code = once(child, 'close').then(([status]) => status as number | null);
  const run: Run = { child, output: '', messages: '', code };
  child.stdout.on('data', text => {
    run.output += text;
  });
  child.stderr.on('data', text => {
    run.messages += text;
  });
  return run;
}

async function report(args: readonly string[]): Promise<Report> {
  const run = start([...little, '--json', ...args]);
  assert.equal(await run.code, 0, run.messages);
  assert.deepEqual(readdirSync(folder), []);
  return JSON.parse(run.output) as Report;
}

/** Wide bounds: whatever the machine, outside of them something was not measured at all. */
function assertSane(found: Report, server: 'zerocopy' | 'nginx'): void {
  const median = (metric: string) => found.rows.find(row => row.metric === metric)![server]!.median;
  for (const [metric, least, most] of [
    ['smallRate', 100, 5e6],
    ['smallCpu', 0.5, 1000],
    ['onRate', 0.1, 5000],
    ['onCpu', 0.002, 10],
    ['offRate', 0.1, 5000],
    ['offCpu', 0.002, 20],
  ] as const) {
    const value = median(metric);
    assert.ok(value > least && value < most, `${server} ${metric}: ${value}`);
  }
}

test('this server alone, with autocannon', async () => {
  const found = await report(['--alone', '--load', 'autocannon']);
  assertSane(found, 'zerocopy');
  assert.match(found.versions.load, /^autocannon \d/);
  assert.equal(found.versions.nginx, undefined);
  assert.equal(found.rows[0]!.ratio, undefined);
});

test('side by side with nginx', { skip: findProgram('nginx') === undefined && 'nginx is not installed' }, async () => {
  const found = await report([]);
  assertSane(found, 'zerocopy');
  assertSane(found, 'nginx');
  assert.match(found.versions.nginx!, /^\d/);
  for (const row of found.rows) assert.equal(row.ratio, row.zerocopy.median / row.nginx!.median);
});

test('Ctrl-C ends the servers and the load, and removes the folder', async () => {
  const run = start([...little, '--alone', '--seconds', '30']);
  while (!run.messages.includes('round 1')) {
    await Promise.race([once(run.child.stderr!, 'data'), run.code.then(() => assert.fail(run.messages))]);
  }
  const children = childrenOf(run.child.pid!);
  assert.ok(children.length > 0);
  const processes = [...children, ...children.flatMap(childrenOf)];
  run.child.kill('SIGINT');
  assert.equal(await run.code, 130);
  assert.match(run.messages, /interrupted/);
  assert.deepEqual(readdirSync(folder), []);
  for (const pid of processes) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('options that make no sense are refused', async () => {
  for (const args of [['--rounds', '0'], ['--seconds', '1.5'], ['--load', 'ab'], ['--unknown']]) {
    const run = start(args);
    assert.equal(await run.code, 1, args.join(' '));
  }
});
