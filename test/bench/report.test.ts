import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationFor } from '../../src/bench/configuration.js';
import { buildRows, formatReport, formatTable, type Report } from '../../src/bench/report.js';
import type { Measurements } from '../../src/bench/rounds.js';

function measured(smallRate: number, onCpu = 0.1): Measurements {
  return { smallRate, smallCpu: 10, onRate: 80, onCpu, offRate: 40, offCpu: 0.3 };
}

const quiet = [measured(100_000), measured(101_000), measured(99_000)];
const restless = [measured(200_000, 0.1), measured(200_000, 0.2), measured(200_000, 0.3)];

test('rows compare medians, and mark a wide spread of either server', () => {
  const rows = buildRows({ zerocopy: quiet, nginx: restless });
  assert.equal(rows.length, 6);
  assert.equal(rows[0]!.ratio, 0.5);
  assert.equal(rows[0]!.noise, false);
  const onCpu = rows.find(row => row.metric === 'onCpu')!;
  assert.equal(onCpu.ratio, 0.5);
  assert.equal(onCpu.noise, true);
});

test('alone there is nothing to compare with', () => {
  const rows = buildRows({ zerocopy: quiet });
  assert.equal(rows[0]!.nginx, undefined);
  assert.equal(rows[0]!.ratio, undefined);
  assert.doesNotMatch(formatTable(rows).join('\n'), /nginx/);
});

test('the table has figures with units, ratios and the word noise', () => {
  const [head, first, , , onCpu] = formatTable(buildRows({ zerocopy: quiet, nginx: restless }));
  assert.match(head!, /better\s+zerocopy\s+nginx\s+zerocopy\/nginx$/);
  assert.match(first!, /^1 KB: requests\/s\s+more\s+100,000 ± +1 %\s+200,000 ± +0 %\s+0\.50$/);
  assert.match(onCpu!, /sendfile on: CPU seconds a GB\s+less\s+0\.100 ± +0 %\s+0\.200 ± +50 %\s+0\.50\s+noise$/);
});

test('the report names what the figures depend on', () => {
  const report: Report = {
    date: '2026-01-01T00:00:00.000Z',
    machine: { processor: 'Some CPU', cores: 2, memory: 8, kernel: 'Linux 6.1', node: 'v20.1.0', loadAverage: 0.5 },
    versions: { zerocopy: '0.1.0', nginx: '1.22.1', load: 'autocannon 9.0.0' },
    settings: ['sendfile on'],
    plan: { rounds: 3, seconds: 2, downloads: 20, connections: 50 },
    folder: '/tmp/x/',
    rows: buildRows({ zerocopy: quiet, nginx: restless }),
  };
  const text = formatReport(report);
  for (const fact of ['Some CPU', 'Linux 6.1', 'nginx 1.22.1', 'autocannon 9.0.0', 'sendfile on', '2 GB', 'v20.1.0']) {
    assert.ok(text.includes(fact), fact);
  }
  assert.match(text, /the spread is above 15 %/);
  assert.match(text, /Fewer than 5 rounds/);
  assert.match(text, /autocannon is slower than the servers/);
});

test('both servers get the same settings; only nginx is told where its folders are', () => {
  const normal = (text: string, name: string) => text.replaceAll(name, 'NAME').replace(/^ {2}\w+_temp_path .*\n/gm, '');
  const ours = configurationFor('zerocopy', 8080, '/srv');
  const theirs = configurationFor('nginx', 8080, '/srv');
  assert.equal(normal(ours, 'zerocopy'), normal(theirs, 'nginx'));
  assert.equal(ours.includes('_temp_path'), false);
  assert.match(ours, /listen 127\.0\.0\.1:8080;/);
});
