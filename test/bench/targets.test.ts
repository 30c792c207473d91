/** `zerocopy bench --targets`: what is measured for it, and what is made of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Comparison, type Entry, type Outcome } from '../../src/bench/comparison.js';
import { cServer } from '../../src/bench/peers/c-server.js';
import { lighttpdWith } from '../../src/bench/peers/lighttpd.js';
import { nginx } from '../../src/bench/peers/nginx.js';
import type { PeerKind } from '../../src/bench/peers/peer.js';
import { zerocopy } from '../../src/bench/peers/zerocopy.js';
import { held, idle } from '../../src/bench/targets/memory.js';
import { type Goal, targetRows } from '../../src/bench/targets/rows.js';
import { tailBeside } from '../../src/bench/targets/tail.js';
import { hasFailed, type TargetReport, targetText, verdictOn } from '../../src/bench/targets/verdict.js';
import { downloadWorkloads } from '../../src/bench/workloads/downloads.js';
import type { Plan, Workload } from '../../src/bench/workloads/workload.js';
import { Workplace } from '../../src/bench/workplace.js';
import { describeMachine } from '../../src/tools/machine.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const place = new Workplace();
after(() => place.remove());
const plan: Plan = { rounds: 1, slowRounds: 1, connections: 4, seconds: 0.2, downloadBytes: 1, slowClients: 3 };
const never = new AbortController().signal;

async function run(workload: Workload, kinds: readonly PeerKind[]): Promise<Outcome> {
  const candidates = kinds.flatMap(kind => {
    const found = kind.find();
    return found === undefined ? [] : [{ kind, program: found }];
  });
  const comparison = new Comparison({ candidates, workloads: [workload], plan }, place, () => {}, never);
  await comparison.run();
  const [outcome] = comparison.outcomes;
  assert.equal(outcome!.skipped, undefined);
  return outcome!;
}

const rowOf = (name: string) => targetRows.find(({ workload }) => workload.name === name)!;

describe('what is measured', () => {
  for (const name of ['1k-cached', '304']) {
    test(name, async () => {
      const { workload, peers } = rowOf(name);
      for (const { failure, samples } of (await run(workload, peers)).entries) {
        assert.equal(failure, undefined);
        assert.ok(samples[0]!.values.rate! > 10);
      }
    });
  }

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

  test('memory of idle connections and of slow downloads', async () => {
    const [one] = (await run(idle, [zerocopy(true)])).entries;
    assert.equal(one!.failure, undefined);
    assert.equal(one!.samples[0]!.requests, 30);
    assert.ok(Number.isFinite(one!.samples[0]!.values.perConnection));
    const [other] = (await run(held, [zerocopy(true)])).entries;
    assert.equal(other!.failure, undefined);
    const { worker } = other!.samples[0]!.values;
    assert.ok(worker! > 20 && worker! < 500, `${worker}`);
  });

  test('small requests beside large downloads, of a loop in C too', { skip: noCompiler() }, async () => {
    const { entries } = await run(tailBeside('100m.bin', '100 MB'), [zerocopy(true)]);
    assert.equal(entries[0]!.failure, undefined);
    assert.ok(entries[0]!.samples[0]!.values.p99! > 0);
    const [loop] = (await run(downloadWorkloads[0]!, [cServer])).entries;
    assert.equal(loop!.failure, undefined);
    assert.ok(loop!.samples[0]!.values.gigabits! > 0.1);
  });

  test('the command: a row of servers, and the start', () => {
    const args = ['bench', '--targets', '--workload', '1k,start', '--rounds', '1', '--duration', '0.2', '--json'];
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const report = JSON.parse(stdout) as TargetReport;
    assert.deepEqual(
      report.rows.map(({ name }) => name),
      ['1k', 'start'],
    );
    const { value, isMet } = report.rows[1]!.goals[0]!;
    assert.ok(value! > 1, 'it does more than nothing');
    assert.equal(isMet, value! <= 2);
    assert.equal(report.rows[1]!.figures['zerocopy serve']!.start!.samples.length, 3);
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
  return cServer.find() === undefined && 'no C compiler is installed';
}

describe('what is made of it', () => {
  const workload = rowOf('1k').workload;
  const entry = (peer: string, rates: readonly number[]): Entry => ({
    peer,
    samples: rates.map(rate => ({ values: { rate }, requests: 1, hashed: 0 })),
  });
  const judged = (goal: Goal, ...entries: Entry[]) => verdictOn({ workload, entries }, [goal], plan).goals[0]!;
  const goal: Goal = { peer: 'zerocopy', metric: 'rate', beside: 'nginx', least: 1.15 };

  test('a ratio is the median of the rounds, whatever each of them was like', () => {
    const { value, isMet } = judged(goal, entry('zerocopy', [12, 120, 6]), entry('nginx', [10, 100, 10]));
    assert.deepEqual([value, isMet], [1.2, true]);
    assert.equal(judged(goal, entry('zerocopy', [11]), entry('nginx', [10])).isMet, false);
  });

  test('a figure that has no other beside it', () => {
    const { value, isMet } = judged({ peer: 'zerocopy', metric: 'rate', most: 20 }, entry('zerocopy', [10, 30, 20]));
    assert.deepEqual([value, isMet], [20, true]);
  });

  test('who is not there, or has failed, is neither met nor missed', () => {
    assert.equal(judged(goal, entry('zerocopy', [10])).isMet, undefined);
    const failed = { ...entry('nginx', [10]), failure: 'it went away' };
    assert.equal(judged(goal, entry('zerocopy', [10]), failed).isMet, undefined);
  });

  test('the text says each figure, and where each target stands', () => {
    const failed = { ...entry('lighttpd', []), failure: 'it went away' };
    const entries = [entry('zerocopy', [12, 12]), entry('nginx', [10, 10]), failed];
    const row = verdictOn(
      { workload, entries },
      [goal, { ...goal, least: 1.3 }, { ...goal, beside: 'lighttpd' }],
      plan,
    );
    const report: TargetReport = {
      ...{ date: '2026-01-01T00:00:00.000Z', partial: true, machine: describeMachine(), plan },
      ...{ versions: { nginx: '1.22.1' }, rows: [row] },
    };
    assert.ok(hasFailed(report));
    const text = targetText(report);
    assert.match(text, /PARTIAL, it was interrupted/);
    assert.match(text, /^ {2}zerocopy +12 ± +0 %/m);
    assert.match(text, /^ {2}lighttpd: not ranked: it went away$/m);
    assert.match(text, /1\.20 of nginx +at least 1\.15 +met$/m);
    assert.match(text, /1\.20 of nginx +at least 1\.3 +NOT MET$/m);
    assert.match(text, /at least 1\.15 +not measured$/m);
  });
});
