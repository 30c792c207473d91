/** What the console counts is what strace counts, call by call; and counting goes on over reloads and the end of workers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Snapshot } from '../../src/console/snapshot.js';
import type { SystemCall } from '../../src/trace/event.js';
import { canTrace, record, untilQuiet } from '../../src/trace/record.js';
import { fetchOnce, waitFor } from '../server/client.js';
import { noise, ways } from '../server/harness.js';
import { type ConsoleClient, startWithConsole } from './support.js';

const size = 20_000_000;
const file = noise(size, 5);
const tracing = await canTrace();

/** What was counted between two looks. */
function grown(before: Snapshot, after: Snapshot): Record<string, number> {
  const calls = Object.entries(after.totals.calls).map(
    ([name, count]) => [name, count - (before.totals.calls[name] ?? 0)] as const,
  );
  return Object.fromEntries(calls.filter(([, count]) => count > 0));
}

function countByName(calls: readonly SystemCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('one download', { skip: tracing.ok ? false : tracing.why }, () => {
  let console: ConsoleClient;
  before(async () => {
    console = await startWithConsole({ http: { send_timeout: '10s' } }, { file });
    for (const way of ways) await fetchOnce(console.server.port, `/${way}/file`);
  });
  after(() => console.server.stop());

  for (const way of ways) {
    test(`with sendfile ${way} costs the calls that strace sees`, async () => {
      const [pid] = console.server.workers();
      let before!: Snapshot;
      let after!: Snapshot;
      const trace = await record(
        { pid, ledgerFile: '' },
        async () => {
          before = await console.status();
          const { status, body } = await fetchOnce(console.server.port, `/${way}/file`);
          assert.ok(status === 200 && body.equals(file));
          await untilQuiet(pid);
          after = await console.status();
        },
        { recorder: 'strace' },
      );
      const calls = trace.events.filter(event => event.kind === 'call');
      const seen = countByName(calls);
      assert.deepEqual(grown(before, after), seen);
      assert.ok((way === 'on' ? seen.sendfile : seen.pread64) > 5);

      const path = way === 'on' ? 'sendfile' : 'buffers';
      assert.equal(after.totals.bytes[path] - before.totals.bytes[path], size);
      const [request] = after.requests;
      const { sendfile = 0, pread64 = 0, writev = 0 } = seen;
      const full = calls.filter(
        ({ errno, name }) => errno === 'EAGAIN' && ['sendfile', 'writev'].includes(name),
      ).length;
      assert.deepEqual(
        [request.line, request.status, request.path, request.complete],
        [`GET /${way}/file HTTP/1.1`, 200, path, true],
      );
      assert.deepEqual(
        [request.sendfile, request.pread, request.writev, request.eagain],
        [sendfile, pread64, writev, full],
      );
      assert.equal(after.totals.eagain - before.totals.eagain, full);
    });
  }
});

describe('totals', () => {
  let console: ConsoleClient;
  before(async () => {
    const server = `location = /stub { stub_status; } location = /words { return 200 "$connections_active $connections_writing"; }
       location /threads/ { alias {root}/; aio threads; sendfile on; location /threads/off/ { alias {root}/; sendfile off; } }`;
    console = await startWithConsole({ main: { worker_processes: '2' }, server }, { file });
  });
  after(() => console.server.stop());

  const ask = (path: string) => fetchOnce(console.server.port, path);

  test('are those of all workers, and stay when workers go', async () => {
    for (let count = 0; count < 20; count++) await ask('/on/file');
    assert.equal((await ask('/none')).status, 404);
    const first = await waitFor('all connections are closed', async () => {
      const status = await console.status();
      return status.connections.active === 0 ? status : null;
    });
    assert.equal(first.totals.requests, 21);
    assert.deepEqual([first.totals.accepted, first.totals.handled], [21, 21]);
    assert.deepEqual(first.totals.statuses, [0, 20, 0, 1, 0]);
    assert.equal(first.totals.bytes.sendfile, 20 * size);
    const old = first.workers.map(({ pid }) => pid);
    console.server.signal('SIGHUP');
    const later = await waitFor('the old workers have gone', async () => {
      const status = await console.status();
      return status.workers.every(({ pid, state }) => !old.includes(pid) && state === 'serving') ? status : null;
    });
    assert.equal(later.server.reloads, 1);
    assert.equal(later.workers.length, 2);
    assert.equal(later.totals.requests, 21);
    assert.equal(later.totals.bytes.sendfile, 20 * size);
    assert.ok(later.totals.cpuUser + later.totals.cpuSystem > 0);
    assert.ok(later.requests.length === 21 && later.requests[0].line === 'GET /none HTTP/1.1');
    assert.match(later.errors.map(({ text }) => text).join('\n'), /\[error\] .*none" failed \(2: No such file/);
  });

  /** The last client's connection may still be open. */
  const atRest = () =>
    waitFor('all connections are closed', async () => (await console.status()).connections.active === 0);

  test('stub_status has them in nginx’s form, and its variables', async () => {
    await atRest();
    const { headers, body } = await ask('/stub');
    assert.equal(headers['content-type'], 'text/plain');
    assert.equal(
      body.toString(),
      'Active connections: 1 \nserver accepts handled requests\n 22 22 22 \nReading: 0 Writing: 1 Waiting: 0 \n',
    );
    await atRest();
    assert.equal((await ask('/words')).body.toString(), '1 1');
  });

  test('the page cache is counted where threads read, and nowhere else', async () => {
    const before = await console.status();
    assert.deepEqual(before.totals.pageCache, { hits: 0, misses: 0 });
    await ask('/threads/file');
    await ask('/threads/off/file');
    await atRest();
    const { pageCache, threadJobs, threadOverflows } = (await console.status()).totals;
    assert.equal(pageCache.hits + pageCache.misses, 2 * size);
    assert.equal(threadJobs > 0, pageCache.misses > 0);
    assert.equal(threadOverflows, 0);
    const metrics = (await console.get('/metrics')).text;
    assert.ok(metrics.includes(`\nzerocopy_page_cache_bytes_total{result="hit"} ${pageCache.hits}\n`));
    assert.ok(metrics.includes(`\nzerocopy_thread_jobs_total ${threadJobs}\n`));
  });

  test('a worker that is killed is told, and its successor counts on', async () => {
    const before = await console.status();
    process.kill(before.workers[0].pid, 'SIGKILL');
    await waitFor('another worker serves', async () => {
      const { workers } = await console.status();
      return (
        workers.length === 2 && workers.every(({ pid, state }) => pid !== before.workers[0].pid && state === 'serving')
      );
    });
    const after = await console.status();
    assert.ok(after.totals.requests >= before.totals.requests);
    assert.match(after.errors.map(({ text }) => text).join('\n'), /\[alert\] .*exited on signal SIGKILL/);
  });
});
