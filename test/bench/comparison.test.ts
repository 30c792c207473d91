import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Comparison } from '../../src/bench/comparison.js';
import { nginxOn } from '../../src/bench/peers/nginx.js';
import type { PeerKind } from '../../src/bench/peers/peer.js';
import { zerocopyOn } from '../../src/bench/peers/zerocopy.js';
import { type Report, reportOf } from '../../src/bench/report.js';
import { workloads } from '../../src/bench/workloads/all.js';
import type { Plan } from '../../src/bench/workloads/workload.js';
import { Workplace } from '../../src/bench/workplace.js';
import { childrenOf } from '../../src/tools/processes.js';
import { findProgram } from '../../src/tools/programs.js';
import { until } from '../../src/tools/waiting.js';
import { isAlive } from '../cli/program.js';
import { assertWellFormed } from '../tools/well-formed.js';

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'zerocopy-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const place = new Workplace();
for (const name of ['1k.bin', '100m.bin'] as const) await place.make(name, new AbortController().signal);
after(() => place.remove());

const plan: Plan = { rounds: 1, slowRounds: 1, connections: 4, seconds: 0.2, downloadBytes: 1, slowClients: 20 };
const workload = (name: string) => workloads.find(each => each.name === name)!;

function bench(args: readonly string[], name: string) {
  const temporary = mkdtempSync(join(folder, `${name}-`));
  const child = spawn(process.execPath, [program, 'bench', ...args], { env: { ...process.env, TMPDIR: temporary } });
  const run = { stdout: '', stderr: '' };
  child.stdout.on('data', text => {
    run.stdout += text;
  });
  child.stderr.on('data', text => {
    run.stderr += text;
  });
  const code = new Promise<number | null>(resolve => {
    child.on('close', resolve);
  });
  return { child, temporary, code, output: () => run.stdout, messages: () => run.stderr };
}

function wrongPeer(mode: string): PeerKind {
  const server = fileURLToPath(new URL('./wrong-server.js', import.meta.url));
  return {
    ...{ name: mode, about: '', settings: '', notes: [], find: () => process.execPath, version: async () => '1' },
    configure: ({ port, root }, node) => ({
      ...{ command: node, args: [server, String(port), root, mode], files: {}, errorLog: 'error.log' },
    }),
  };
}

/** Runs a workload in this process. */
async function compare(kinds: readonly PeerKind[], name: string) {
  const candidates = kinds.map(kind => ({ kind, program: kind.find()! }));
  const settings = { candidates, workloads: [workload(name)], plan };
  const comparison = new Comparison(settings, place, () => {}, new AbortController().signal);
  await comparison.run();
  return reportOf(comparison.outcomes[0]!, plan);
}

describe('servers side by side', { concurrency: 2 }, () => {
  const withNginx = findProgram('nginx') !== undefined;
  const skip = !withNginx && 'nginx is not installed';

  test('a very small comparison, as JSON and as a page', { skip }, async () => {
    const page = join(folder, 'page.html');
    const quantity = ['--rounds', '1', '--duration', '0.3', '--connections', '4'];
    const what = ['--only', 'zerocopy,nginx', '--workload', '1k'];
    const { code, output, messages, temporary } = bench([...what, ...quantity, '--json', '--html', page], 'small');
    assert.equal(await code, 0, messages());
    const report = JSON.parse(output()) as Report;
    assert.equal(report.partial, false);
    assert.deepEqual(report.peers.map(({ name }) => name).sort(), ['nginx', 'zerocopy']);
    assert.deepEqual(
      report.workloads.map(({ name }) => name),
      ['1k'],
    );
    for (const { rows, name } of report.workloads) {
      assert.equal(rows.length, 2);
      for (const { peer, figures, ratio, requests } of rows) {
        const { rate, cpuRequest, memory } = figures;
        assert.equal(rate!.samples.length, 1, peer);
        // wide bounds: whatever the machine, outside of them something was not measured at all
        assert.ok(rate!.median > 50 && rate!.median < 5e6, `${name} ${peer}: ${rate!.median} requests/s`);
        assert.ok(cpuRequest!.median > 0.5 && cpuRequest!.median < 5000, `${name} ${peer}: ${cpuRequest!.median} us`);
        assert.ok(memory!.median > 1 && memory!.median < 1000, `${name} ${peer}: ${memory!.median} MB`);
        assert.equal(peer === 'nginx' ? ratio : 1, 1);
        assert.ok(requests > 10);
      }
    }
    const [first] = report.workloads;
    for (const { figures, latency } of first!.rows) {
      assert.ok(figures.p50!.median > 0 && figures.p50!.median <= figures.p99!.median);
      assert.ok(latency!.counts.length > 0);
    }
    assertWellFormed(readFileSync(page, 'utf8'));
    assert.deepEqual(readdirSync(temporary), []);
    assert.match(messages(), /^1k: round 1 of 1$/m);
  });

  test('Ctrl-C leaves no process and no folder, and prints what there is', async () => {
    const args = ['--only', 'zerocopy,zerocopy-off', '--workload', '1k,304', '--duration', '30', '--connections', '4'];
    const { child, code, output, messages, temporary } = bench(args, 'interrupted');
    const processes: number[] = [];
    const gather = () => {
      processes.length = 0;
      processes.push(...childrenOf(child.pid!));
      for (const pid of processes) processes.push(...childrenOf(pid));
      // two masters, two workers, a client
      return processes.length >= 5;
    };
    const isHopeful = () => child.exitCode === null;
    await until(() => messages().includes('1k: check') && gather(), isHopeful, messages);
    child.kill('SIGINT');
    assert.equal(await code, 130, messages());
    assert.match(output(), /: PARTIAL, it was interrupted$/m);
    assert.match(output(), /^1k: A file of 1 KB$/m);
    assert.doesNotMatch(output(), /not ranked/);
    assert.deepEqual(readdirSync(temporary), []);
    await until(
      () => processes.every(pid => !isAlive(pid)),
      () => true,
      () => `still there: ${processes.filter(isAlive)}`,
    );
  });

  test('a server that answers wrongly is reported, and not ranked', async () => {
    const { rows } = await compare([wrongPeer('short'), zerocopyOn], '1k');
    assert.deepEqual(
      rows.map(({ peer }) => peer),
      ['zerocopy', 'short'],
    );
    assert.equal(rows[0]!.failure, undefined);
    assert.match(rows[1]!.failure!, /^it sent a Content-Length of 1023 and not of 1024$/);
    assert.deepEqual(rows[1]!.figures, {});
  });

  test('a server that dies is reported, and the others go on', async () => {
    const { rows } = await compare([wrongPeer('die'), wrongPeer('well')], '1k');
    assert.equal(rows[0]!.peer, 'well');
    assert.equal(rows[0]!.figures.rate!.samples.length, 1);
    assert.match(rows[1]!.failure!, /it ended in the middle of a measurement/);
  });

  test('a server that does not do what a workload asks for', async () => {
    const [notModified, ranges] = await Promise.all([
      compare([wrongPeer('well')], '304'),
      compare([wrongPeer('well')], 'ranges'),
    ]);
    assert.match(notModified.rows[0]!.failure!, /it answered "200 OK" and not 304/);
    assert.match(ranges.rows[0]!.failure!, /it answered "200 OK" and not 206/);
  });

  test('a large file over HTTPS: CPU time beside nginx, and the target', { skip }, async () => {
    const { rows, metrics, tls } = await compare([zerocopyOn, nginxOn, wrongPeer('well')], 'tls12-100m');
    assert.equal(tls, 'TLSv1.2');
    assert.equal(metrics[0], 'cpuGigabyte');
    // who speaks no TLS takes no part
    assert.deepEqual(rows.map(({ peer }) => peer).sort(), ['nginx', 'zerocopy']);
    const [ours, theirs] = ['zerocopy', 'nginx'].map(name => rows.find(({ peer }) => peer === name)!);
    for (const { figures, failure, ktls } of [ours!, theirs!]) {
      assert.equal(failure, undefined);
      assert.equal(typeof ktls, 'boolean');
      assert.ok(figures.cpuGigabyte!.median > 0.01 && figures.cpuGigabyte!.median < 1000);
    }
    const ratio = ours!.figures.cpuGigabyte!.median / theirs!.figures.cpuGigabyte!.median;
    assert.equal(theirs!.target, undefined);
    assert.deepEqual(ours!.target, { metric: 'cpuGigabyte', beside: 'nginx', ratio, most: 1.05, isMet: ratio <= 1.05 });
  });

  for (const [name, cpu] of [
    ['tls-1k', 'cpuRequest'],
    ['tls-full', 'cpuHandshake'],
    ['tls-resumed', 'cpuHandshake'],
    ['tls12-resumed', 'cpuHandshake'],
  ] as const) {
    test(`HTTPS: ${name}`, async () => {
      const { rows } = await compare([zerocopyOn], name);
      const { figures, failure, requests } = rows[0]!;
      assert.equal(failure, undefined);
      assert.ok(figures[cpu]!.median > 0.01 && figures[cpu]!.median < 10_000 && requests > 0);
    });
  }

  test('slow clients beside fast ones', async () => {
    const { rows } = await compare([zerocopyOn], 'slow');
    const { p99, rate, memory } = rows[0]!.figures;
    assert.equal(rows[0]!.failure, undefined);
    assert.ok(p99!.median > 0 && rate!.median > 10 && memory!.median > 10);
  });
});

test('what makes no sense is refused', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['--only', 'iis'], /--only "iis": there is zerocopy, zerocopy-off, nginx,/],
    [['--workload', '2k'], /--workload "2k": there is 1k, 64k,/],
    [['--download', 'much'], /--download "much": give bytes/],
    [['--duration', 'long'], /--duration "long"/],
    [['--quick', '--full'], /give one of them/],
    [
      ['--tls', '--only', 'lighttpd'],
      /--only: HTTPS \(tls-100m\) is there for zerocopy, zerocopy-off, nginx, nginx-off/,
    ],
    [['--range', '0-1'], /--range goes with a URL/],
    [['http://127.0.0.1:9/', '--quick'], /--quick goes without a URL/],
    [['http://127.0.0.1:9/', '--range', '5-1'], /--range "5-1"/],
  ];
  const runs = cases.map(([args]) => bench(args, 'refused'));
  for (const [at, [args, message]] of cases.entries()) {
    assert.equal(await runs[at]!.code, 2, args.join(' '));
    assert.match(runs[at]!.messages(), message);
  }
});

test('--list names servers and workloads', async () => {
  const { code, output } = bench(['--list'], 'list');
  assert.equal(await code, 0);
  for (const name of ['zerocopy-off', 'nginx', 'uws', '100m', 'slow', 'tls-100m', 'tls12-resumed'])
    assert.match(output(), new RegExp(`^ {2}${name} `, 'm'));
});
