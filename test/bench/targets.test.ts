/** `zerocopy bench --targets`: what is measured for it, and what is made of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findWrk } from '../../src/bench/clients/wrk.js';
import { Comparison, type Entry, type Outcome } from '../../src/bench/comparison.js';
import { cLoop } from '../../src/bench/peers/c-loop.js';
import { lighttpdWith } from '../../src/bench/peers/lighttpd.js';
import { nginx } from '../../src/bench/peers/nginx.js';
import type { PeerKind } from '../../src/bench/peers/peer.js';
import { zerocopy } from '../../src/bench/peers/zerocopy.js';
import { hasFailed, reportOf } from '../../src/bench/report.js';
import { held, idle } from '../../src/bench/targets/memory.js';
import { type Goal, targetRows } from '../../src/bench/targets/rows.js';
import { tailBeside } from '../../src/bench/targets/tail.js';
import { type TargetReport, targetText, verdictsOn } from '../../src/bench/targets/verdict.js';
import { downloadWorkloads } from '../../src/bench/workloads/downloads.js';
import type { Plan, Workload } from '../../src/bench/workloads/workload.js';
import { Workplace } from '../../src/bench/workplace.js';
import { installed } from '../../src/cli/bench-comparison.js';
import { ended, gather, start } from '../../src/tools/children.js';
import { describeMachine } from '../../src/tools/machine.js';
import { until } from '../../src/tools/waiting.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const place = new Workplace();
after(() => place.remove());
const plan: Plan = { rounds: 1, slowRounds: 1, connections: 4, seconds: 0.2, downloadBytes: 1, slowClients: 3 };
const never = new AbortController().signal;

async function run(workload: Workload, kinds: readonly PeerKind[], rounds = 1): Promise<Outcome> {
  const { candidates } = installed(kinds);
  const settings = { candidates, workloads: [workload], plan: { ...plan, rounds } };
  const comparison = new Comparison(settings, place, () => {}, never);
  await comparison.run();
  const [outcome] = comparison.outcomes;
  assert.equal(outcome!.skipped, undefined);
  return outcome!;
}

const rowOf = (name: string) => targetRows.find(({ workload }) => workload.name === name)!;

describe('what is measured', () => {
  test('small requests, of servers that keep files open', async () => {
    const { workload, peers } = rowOf('1k-cached');
    for (const { failure, samples } of (await run(workload, peers)).entries) {
      assert.equal(failure, undefined);
      assert.ok(samples[0]!.values.rate! > 0);
    }
  });

  test('each request has a line in the log, and files are kept where they are to be', () => {
    const where = { folder: '/f/', root: '/r', port: 1 };
    for (const kind of [zerocopy, nginx]) {
      const text = (extras: object) => kind(true, extras).configure(where, 'x').files['server.conf'] as string;
      assert.match(text({ accessLog: true }), /access_log access.log;/);
      assert.match(text({ accessLog: true }), /open_file_cache off;/);
      assert.match(text({ fileCache: true }), /open_file_cache max=1000;/);
      assert.match(text({}), /access_log off;/);
    }
    const text = (extras: object) => lighttpdWith(extras).configure(where, 'x').files['server.conf'] as string;
    assert.match(text({ accessLog: true, fileCache: true }), /accesslog.filename = "\/f\/access.log"\n[\s\S]*"simple"/);
    assert.doesNotMatch(text({}), /accesslog|"simple"/);
  });

  test('memory of idle connections, of a new server in each round, and of slow downloads', async () => {
    const [one] = (await run(idle, [zerocopy(true)], 2)).entries;
    assert.equal(one!.failure, undefined);
    for (const { values, requests } of one!.samples) {
      assert.equal(requests, 30);
      assert.ok(Number.isFinite(values.perConnection));
    }
    const started = readdirSync(place.folder).filter(name => name.startsWith('idle-zerocopy-'));
    assert.deepEqual(started.sort(), ['idle-zerocopy-1', 'idle-zerocopy-2']);
    const [other] = (await run(held, [zerocopy(true)])).entries;
    assert.equal(other!.failure, undefined);
    const { worker } = other!.samples[0]!.values;
    assert.ok(worker! > 20 && worker! < 500, `${worker}`);
  });

  test('small requests beside large downloads, of a loop in C too', { skip: noCompiler() }, async () => {
    const { entries } = await run(tailBeside('100m.bin', '100 MB'), [zerocopy(true)]);
    assert.equal(entries[0]!.failure, undefined);
    assert.ok(entries[0]!.samples[0]!.values.p99! > 0);
    assert.match(tailBeside('100m.bin', '100 MB').about({ ...plan, seconds: 0.8 }), / for 2\.4 s$/);
    const [loop] = (await run(downloadWorkloads[0]!, [cLoop])).entries;
    assert.equal(loop!.failure, undefined);
    assert.ok(loop!.samples[0]!.values.gigabits! > 0.1);
  });

  test('the command: a row of servers, and the start', () => {
    const args = ['bench', '--targets', '--workload', '1k,start', '--rounds', '1', '--duration', '0.2', '--json'];
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as TargetReport;
    assert.deepEqual(
      report.workloads.map(({ name }) => name),
      ['1k', 'start'],
    );
    const { value, isMet } = report.targets.at(-1)!;
    assert.ok(value! > 1, 'it does more than nothing');
    assert.equal(isMet, value! <= 2);
    const { rows } = report.workloads[1]!;
    assert.equal(rows.find(({ peer }) => peer === 'zerocopy serve')!.figures.start!.samples.length, 3);
  });

  test('wrk makes the same requests, with their fields', {
    skip: findWrk() === undefined && 'wrk is not installed',
  }, () => {
    const args = ['--workload', '304', '--rounds', '1', '--duration', '0.2', '--json', '--check-with-wrk'];
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'bench', '--targets', ...args], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const [work] = (JSON.parse(stdout) as TargetReport).workloads;
    assert.ok(work!.wrk!.rows.some(({ peer, wrk }) => peer === 'zerocopy' && wrk.median > 0));
  });

  test('interrupted, it gives what was measured until then', async () => {
    const args = [program, 'bench', '--targets', '--workload', 'start,304', '--duration', '30'];
    const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, messages] = [gather(child.stdout), gather(child.stderr)];
    const isHopeful = () => child.exitCode === null;
    await until(
      () => messages.text.includes('304: check'),
      isHopeful,
      () => messages.text,
    );
    child.kill('SIGINT');
    assert.equal(await ended(child), 130);
    assert.match(output.text, /: PARTIAL, it was interrupted$/m);
    assert.match(output.text, /^304 answers +requests\/s +at least 1\.2 of nginx +not measured$/m);
    assert.doesNotMatch(output.text, /zerocopy serve/);
  });

  for (const args of [['--only', 'nginx'], ['--tls'], ['--workload', 'slow']]) {
    test(`${args[0]} does not go with it`, () => {
      const { stderr, status } = spawnSync(process.execPath, [program, 'bench', '--targets', ...args], {
        encoding: 'utf8',
      });
      assert.equal(status, 2);
      assert.match(stderr, new RegExp(args[0]!));
    });
  }
});

function noCompiler(): string | false {
  return cLoop.find() === undefined && 'no C compiler is installed';
}

describe('what is made of it', () => {
  const workload = rowOf('1k').workload;
  const entry = (peer: string, rates: readonly number[]): Entry => ({
    peer,
    samples: rates.map(rate => ({ values: { rate }, requests: 1, hashed: 0 })),
  });
  const judged = (goal: Goal, ...entries: Entry[]) => verdictsOn({ workload, entries }, [goal])[0]!;
  const alone: Goal = { peer: 'zerocopy', metric: 'rate', most: 20 };
  const goal: Goal = { peer: 'zerocopy', metric: 'rate', beside: 'nginx', least: 1.15 };

  test('a ratio is the median of the rounds, whatever each of them was like', () => {
    const { value, isMet } = judged(goal, entry('zerocopy', [12, 120, 6]), entry('nginx', [10, 100, 10]));
    assert.deepEqual([value, isMet], [1.2, true]);
    assert.equal(judged(goal, entry('zerocopy', [11]), entry('nginx', [10])).isMet, false);
    // it is what is printed that is judged
    assert.equal(judged(goal, entry('zerocopy', [11.4996]), entry('nginx', [10])).isMet, true);
    assert.equal(judged(goal, entry('zerocopy', [11.494]), entry('nginx', [10])).isMet, false);
  });

  test('what wrk has found is told beside it', () => {
    const byWrk = (peer: string, wrk: readonly number[]): Entry => ({
      peer,
      samples: wrk.map(each => ({ values: { rate: 10 }, requests: 1, hashed: 0, wrk: each })),
    });
    assert.equal(judged(goal, byWrk('zerocopy', [12, 120, 6]), byWrk('nginx', [10, 100, 10])).wrk, 1.2);
    assert.equal(judged(goal, byWrk('zerocopy', [12]), entry('nginx', [10])).wrk, undefined);
  });

  test('a figure that has no other beside it', () => {
    const { value, spread, isMet } = judged(alone, entry('zerocopy', [10, 30, 20]));
    assert.deepEqual([value, spread, isMet], [20, 0.5, true]);
  });

  test('who is not there, or has failed, is neither met nor missed', () => {
    assert.equal(judged(goal, entry('zerocopy', [10])).isMet, undefined);
    const failed = { ...entry('nginx', [10]), failure: 'it went away' };
    assert.equal(judged(goal, entry('zerocopy', [10]), failed).isMet, undefined);
  });

  test('the text: each figure, and below them where each target stands', () => {
    const entries = [
      entry('zerocopy', [12, 12, 12, 12]),
      entry('nginx', [10, 10, 10, 10]),
      entry('zerocopy-off', [8, 12, 10, 14]),
      { ...entry('lighttpd', []), failure: 'it went away' },
    ];
    const outcome = { workload, entries };
    const goals = [
      goal,
      { ...goal, least: 1.3 },
      { ...goal, beside: 'lighttpd' },
      { ...goal, peer: 'zerocopy-off' },
      alone,
    ];
    const report: TargetReport = {
      ...{ date: '2026-01-01T00:00:00.000Z', partial: true, machine: describeMachine(), plan, peers: [], missing: [] },
      ...{ versions: { zerocopy: '0.1.0' }, workloads: [reportOf(outcome, plan)], targets: verdictsOn(outcome, goals) },
    };
    assert.ok(hasFailed(report));
    const text = targetText(report);
    assert.match(text, /PARTIAL, it was interrupted/);
    assert.match(text, /^zerocopy +12 ± +0 % +1\.20$/m);
    assert.match(text, /^ {2}lighttpd +not ranked: it went away$/m);
    const [, standings] = text.split(/^target .*\n/m);
    const after = standings!.split('\n').map(line => line.replace(/^1 KB, open_file_cache off +requests\/s +/, ''));
    assert.deepEqual(
      after.map(line => line.replaceAll(/ {2,}/g, ' | ')),
      [
        '1.200 of nginx | at least 1.15 of nginx | met',
        '1.200 of nginx | at least 1.3 of nginx | NOT MET',
        'at least 1.15 of lighttpd | not measured',
        '1.100 of nginx | at least 1.15 of nginx | NOT MET; noise',
        '12.00 | at most 20 | met',
        '',
      ],
    );
  });
});
