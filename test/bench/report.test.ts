import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, Outcome } from '../../src/bench/comparison.js';
import { Histogram } from '../../src/bench/histogram.js';
import { comparisonPage } from '../../src/bench/html/page.js';
import { hasFailed, type Report, reportOf } from '../../src/bench/report.js';
import { reportText } from '../../src/bench/text.js';
import { workloads } from '../../src/bench/workloads/all.js';
import type { Plan, Sample } from '../../src/bench/workloads/workload.js';
import { inspectPage, withoutBrowser } from '../tools/page-inspection.js';
import { assertWellFormed } from '../tools/well-formed.js';

const plan: Plan = { rounds: 3, slowRounds: 1, connections: 50, seconds: 2, downloadBytes: 1e9, slowClients: 1000 };
const workload = (name: string) => workloads.find(each => each.name === name)!;

function sample(rate: number, clientLoad = 0.5): Sample {
  const latency = new Histogram();
  for (let at = 1; at <= 100; at++) latency.record((at * 1e6) / rate);
  const values = { rate, cpuRequest: 1e6 / rate, p50: 50e3 / rate, p99: 99e3 / rate, memory: 30 };
  return { values, requests: 1000, hashed: 2, clientLoad, latency: latency.toJSON() };
}

function entry(peer: string, rates: readonly number[], wrk: readonly number[] = []): Entry {
  const samples = rates.map((rate, at) => {
    const found = wrk[at];
    return { ...sample(rate), ...(found !== undefined && { wrk: found }) };
  });
  return { peer, samples };
}

const small: Outcome = {
  workload: workload('1k'),
  entries: [
    entry('lighttpd', [50_000, 90_000, 110_000]),
    entry('nginx', [100_000, 101_000, 99_000], [104_000, 103_000, 105_000]),
    entry('zerocopy', [121_200, 120_000, 122_000], [120_000, 121_000, 119_000]),
    { ...entry('caddy', []), failure: 'it answered "500 Oops" and not 200' },
  ],
};

const report: Report = {
  date: '2026-01-01T00:00:00.000Z',
  partial: false,
  machine: {
    processor: 'Some CPU',
    cores: 2,
    memory: 8,
    kernel: 'Linux 6.1',
    node: 'v20.1.0',
    congestionControl: 'cubic',
    loadAverage: 0.5,
  },
  versions: { zerocopy: '0.1.0', autocannon: '9.0.0', wrk: '4.1.0' },
  peers: ['zerocopy', 'nginx', 'lighttpd', 'caddy'].map((name, at) => {
    return { name, about: '', version: `1.${at}`, settings: `settings of ${name}`, notes: [`A note on ${name}.`] };
  }),
  missing: ['h2o'],
  cores: { server: 0, client: 1 },
  plan,
  workloads: [
    reportOf(small, plan),
    reportOf({ workload: workload('1g'), entries: [], skipped: 'no room for 1g.bin' }, plan),
  ],
};

test('the best comes first, the failed ones last, and all are put in proportion to nginx', () => {
  const { rows } = report.workloads[0]!;
  assert.deepEqual(
    rows.map(({ peer, ratio }) => [peer, ratio]),
    [
      ['zerocopy', 1.212],
      ['nginx', 1],
      ['lighttpd', 0.9],
      ['caddy', undefined],
    ],
  );
  assert.equal(rows[3]!.failure, 'it answered "500 Oops" and not 200');
  assert.equal(rows[0]!.requests, 3000);
  assert.equal(rows[0]!.hashed, 6);
});

test('where less is better, less comes first', () => {
  const slow = reportOf({ workload: workload('slow'), entries: [entry('a', [10]), entry('b', [20])] }, plan);
  assert.deepEqual(
    slow.rows.map(({ peer }) => peer),
    ['b', 'a'],
  );
  assert.equal(slow.rows[0]!.ratio, undefined);
});

test('a wide spread is noise, of each figure by itself', () => {
  const { rows } = report.workloads[0]!;
  assert.deepEqual(rows[2]!.noisy, ['rate', 'cpuRequest', 'p50', 'p99']);
  assert.deepEqual(rows[0]!.noisy, []);
});

test('a client that needs its whole core is told', () => {
  const entries = [{ peer: 'fast', samples: [sample(10, 0.99), sample(10, 0.98), sample(10, 0.2)] }];
  const limited = reportOf({ workload: workload('1k'), entries }, plan);
  assert.equal(limited.rows[0]!.clientLimited, true);
  assert.equal(report.workloads[0]!.rows[0]!.clientLimited, false);
  assert.match(reportText({ ...report, workloads: [limited] }), /client at its limit\n[\s\S]*the server might do more/);
});

test('latencies of all rounds come together', () => {
  const total = report.workloads[0]!.rows[0]!.latency!.counts.reduce((sum, [, count]) => sum + count, 0);
  assert.equal(total, 300);
});

test('the exit code is that of a failure where one has failed, or a workload was skipped', () => {
  assert.equal(hasFailed(report), true);
  const fine = reportOf({ ...small, entries: small.entries.slice(0, 3) }, plan);
  assert.equal(hasFailed({ ...report, workloads: [fine] }), false);
});

test('the text: figures, ratio, noise, failures, wrk, and all that they depend on', () => {
  const text = reportText(report);
  for (const fact of [
    'Some CPU',
    'Linux 6.1',
    'TCP with cubic',
    'v20.1.0',
    'autocannon 9.0.0',
    'wrk 4.1.0',
    'zerocopy 1.0, nginx 1.1',
  ]) {
    assert.ok(text.includes(fact), fact);
  }
  assert.match(text, /^settings +nginx: settings of nginx$/m);
  assert.match(text, /^not installed h2o$/m);
  assert.match(text, /^cores +servers on core 0, clients on core 1;/m);
  assert.match(text, /^ +requests\/s +\/ nginx +CPU µs a request +p50 ms +p99 ms +memory MB$/m);
  assert.match(text, /^zerocopy +121,200 ± +1 % +1\.21 +8\.3 ± +1 % +0\.41 ± +1 % +0\.82 ± +1 % +30 ± +0 %$/m);
  assert.match(text, /^lighttpd .* noise$/m);
  assert.match(text, /^ {2}caddy +not ranked: it answered "500 Oops" and not 200$/m);
  assert.match(text, /^1g: A file of 1 GB\n {2}not measured: no room for 1g\.bin$/m);
  assert.match(text, /^ {2}nginx +100,000 ± +1 % +104,000 ± +1 % +0\.96$/m);
  assert.match(text, /The two differ by 4 % at most, and the ranking is the same\./);
  assert.match(text, /^note +A note on caddy\.$/m);
  assert.match(text, /3 rounds: good for a look/);
  assert.match(text, /Of 9,000 answers status and length were checked, and of 18 bodies/);
  for (const line of text.split('\n')) assert.ok(line.length <= 140, line);
});

function secured(peer: string, cpus: readonly number[], ktls = false): Entry {
  return { peer, samples: cpus.map(cpuGigabyte => ({ values: { cpuGigabyte }, requests: 1, hashed: 0, ktls })) };
}

function securedReport(...entries: Entry[]): Report {
  return { ...report, workloads: [reportOf({ workload: workload('tls-100m'), entries }, plan)] };
}

test('HTTPS: each data path beside that of nginx, round by round, with the target', () => {
  const found = securedReport(
    secured('nginx', [0.5, 1, 2]),
    secured('nginx-off', [1, 1, 1]),
    secured('zerocopy', [0.51, 1.02, 2.2], true),
    secured('zerocopy-off', [1.2, 1.06, 1.06]),
  );
  const rows = new Map(found.workloads[0]!.rows.map(row => [row.peer, row]));
  const target = { metric: 'cpuGigabyte', most: 1.05 };
  assert.deepEqual(rows.get('zerocopy')!.target, { ...target, beside: 'nginx', ratio: 1.02, isMet: true });
  assert.deepEqual(rows.get('zerocopy-off')!.target, { ...target, beside: 'nginx-off', ratio: 1.06, isMet: false });
  assert.equal(rows.get('nginx')!.target, undefined);
  const text = reportText(found);
  assert.match(text, /^zerocopy .* 1\.020 of nginx's, target 1\.05; kTLS; noise/m);
  assert.match(text, /^zerocopy-off .* 1\.060 of nginx-off's, ABOVE the target 1\.05/m);
  assert.match(text, /^HTTPS +encryption by the kernel \(kTLS\) was in use by zerocopy;/m);
  const page = comparisonPage(found);
  assertWellFormed(page);
  // processor time ranks, and has one plot, drawn for wide pages and for narrow ones
  assert.equal([...page.matchAll(/<title[^>]*>CPU s a GB \(less is better\)/g)].length, 2);
  assert.match(reportText(securedReport(secured('nginx', [1]))), /\(kTLS\) was not in use;/);
  assert.doesNotMatch(reportText(report), /^HTTPS /m);
});

test('HTTPS: without nginx, or where that has failed, there is nothing to be beside', () => {
  const entries = [secured('zerocopy', [1]), { ...secured('nginx', [1]), failure: 'it answered wrongly' }];
  const { rows } = securedReport(...entries).workloads[0]!;
  assert.ok(rows.every(row => row.target === undefined));
});

test('a partial report says so, first of all', () => {
  assert.match(reportText({ ...report, partial: true }), /^Zerocopy 0\.1\.0, .*: PARTIAL, it was interrupted\n/);
  assert.match(comparisonPage({ ...report, partial: true }), /Partial: the run was interrupted\./);
});

test('the page is well formed, needs nothing else, and has the tables and the plots', () => {
  const page = comparisonPage(report);
  assertWellFormed(page);
  assert.doesNotMatch(page, /<script|<link|<img|\bsrc=|@import|https?:/);
  assert.match(page, /not ranked: it answered &quot;500 Oops&quot; and not 200/);
  assert.match(page, /<title[^>]*>requests\/s \(more is better\)<\/title>/);
  assert.match(page, /<title[^>]*>Latency<\/title>/);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('the page on a phone: nothing stands out of it', { skip: withoutBrowser }, async () => {
  const { seen, console: messages } = await inspectPage(comparisonPage(report), 360, 'svg.plot');
  assert.deepEqual(seen.outside, []);
  assert.deepEqual(seen.overlaps, []);
  assert.equal(seen.violations, 0);
  assert.deepEqual(messages, []);
});
