/** /metrics: read strictly, by promtool, and by a Prometheus that scrapes it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { start } from '../../src/tools/children.js';
import { freePort } from '../../src/tools/waiting.js';
import { fetchOnce, waitFor } from '../server/client.js';
import { missing, noise } from '../server/harness.js';
import { parseMetrics } from './prometheus.js';
import { type ConsoleClient, startWithConsole } from './support.js';

const file = noise(500_000, 2);

describe('metrics', () => {
  let console: ConsoleClient;
  before(async () => {
    const server = 'location ~ "^/odd\\"\\\\x$" { return 404; }';
    console = await startWithConsole({ main: { console_auth: 'prom secret' }, server }, { file });
    console = console.with({ authorization: `Basic ${Buffer.from('prom:secret').toString('base64')}` });
    for (const way of ['on', 'off']) await fetchOnce(console.server.port, `/${way}/file`);
    // the client has the last byte before the worker has ended the request
    await waitFor('both are done', async () => {
      const { totals, connections } = await console.status();
      return totals.statuses[1] === 2 && connections.active === 0;
    });
  });
  after(() => console.server.stop());

  test('are what the format wants, and the numbers of the status', async () => {
    const { headers, text } = await console.get('/metrics');
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const metrics = parseMetrics(text);
    const valueFor = (name: string, labels: Record<string, string> = {}) =>
      metrics
        .find(metric => metric.name === `zerocopy_${name}`)
        ?.samples.find(sample => JSON.stringify(sample.labels) === JSON.stringify(labels))?.value;
    const { totals } = await console.status();
    assert.equal(valueFor('requests_total'), 2);
    assert.equal(valueFor('responses_total', { class: '2xx' }), 2);
    assert.equal(valueFor('sent_bytes_total', { path: 'sendfile' }), file.length);
    assert.equal(valueFor('sent_bytes_total', { path: 'buffers' }), file.length);
    assert.equal(valueFor('system_calls_total', { call: 'pread64' }), totals.calls.pread64);
    assert.equal(valueFor('workers', { state: 'serving' }), 1);
    assert.equal(valueFor('connections', { state: 'writing' }), 0);
    assert.ok(valueFor('worker_memory_bytes')! > 10e6);
    const places = metrics.find(({ name }) => name === 'zerocopy_sendfile_enabled')!;
    assert.ok(places.samples.some(({ labels }) => labels.name === '~ ^/odd"\\x$'));
  });

  test('the parser of this test refuses what is wrong', () => {
    const right = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"\\n"} 1\n';
    assert.equal(parseMetrics(right)[0].samples[0].labels.b, 'c"\n');
    for (const wrong of [
      right.slice(0, -1),
      right.replace('# HELP a_total x\n', ''),
      right.replaceAll('a_total', 'a'),
      right.replace('1\n', 'one\n'),
      right.replace('"}', '}'),
      `${right}a_total{b="c\\"\\n"} 2\n`,
      `${right}${right}`,
      right.replace('} 1', '} -1'),
      right.replace('b=', '0b='),
    ]) {
      assert.throws(() => parseMetrics(wrong), /line \d+|last line/);
    }
  });

  test('promtool finds nothing wrong', { skip: missing('promtool') }, async () => {
    const { text } = await console.get('/metrics');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  test('a real Prometheus scrapes it', { skip: missing('prometheus') }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'zerocopy-prometheus-'));
    const port = await freePort();
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: {scrape_interval: 1s}
scrape_configs:
  - job_name: zerocopy
    basic_auth: {username: prom, password: secret}
    static_configs: [{targets: ["127.0.0.1:${console.port}"]}]
`,
    );
    const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
    const child = start('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    try {
      const query = async (text: string): Promise<number | undefined> => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
        const { data } = (await answer.json()) as { data?: { result: { value: [number, string] }[] } };
        const value = data?.result[0]?.value[1];
        return value === undefined ? undefined : Number(value);
      };
      const found = await waitFor(
        'the scraped bytes',
        () => query('zerocopy_sent_bytes_total{path="sendfile"}').catch(() => undefined),
        20_000,
      );
      assert.equal(found, file.length);
      assert.equal(await query('up{job="zerocopy"}'), 1);
    } finally {
      const gone = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
