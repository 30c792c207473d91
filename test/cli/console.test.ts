/** `--console`, and the directive in a configuration. */
import assert from 'node:assert/strict';
import { readFileSync, realpathSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import type { Snapshot } from '../../src/console/snapshot.js';
import { accepts, Bench, freePort, until } from './program.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clean());

const statusOf = async (port: number) => (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as Snapshot;

test('serve --console: a master, a worker, and the page', async () => {
  const [port, page] = [await freePort(), await freePort()];
  const run = bench.start(['serve', 'html', '--port', `${port}`, '--console', `${page}`, '--no-access-log']);
  await until(() => accepts(page), 'the console listens');
  await until(() => run.stderr.includes(`zerocopy: console on http://127.0.0.1:${page}/\n`), 'it says so');
  assert.equal((await fetch(`http://127.0.0.1:${port}/index.html`)).status, 200);
  const { server, workers, totals, control } = await statusOf(page);
  assert.deepEqual([server.hasMaster, workers.length, totals.requests, control.allowed], [true, 1, 1, true]);
  assert.equal((await fetch(`http://127.0.0.1:${page}/`)).status, 200);
  run.child.kill('SIGINT');
  assert.equal((await run.end).code, 0);
  assert.equal(await accepts(page), false);
});

test('--console comes before what the file says', async () => {
  const [port, page, other] = [await freePort(), await freePort(), await freePort()];
  bench.configure(port, `daemon off; console 127.0.0.1:${other};`);
  const run = bench.start(['-p', bench.folder, `--console=127.0.0.1:${page}`]);
  await until(() => accepts(page), 'the console listens');
  assert.equal(await accepts(other), false);
  assert.equal((await statusOf(page)).server.configuration, `${realpathSync(bench.folder)}/conf/nginx.conf`);
  run.child.kill('SIGTERM');
  assert.equal((await run.end).code, 0);
});

test('in the background as well', async () => {
  const [port, page] = [await freePort(), await freePort()];
  bench.configure(port, `console ${page};`);
  assert.equal((await bench.here()).code, 0);
  await until(() => accepts(page), 'the console listens');
  assert.equal((await statusOf(page)).server.pid, bench.pid);
});

test('mistakes are told', async () => {
  bench.configure(await freePort(), 'daemon off;');
  const { code, stderr } = await bench.here('-t', '--console=nowhere');
  assert.equal(code, 1);
  assert.match(stderr, /\[emerg\] invalid port in "nowhere" of the "console" directive in command line\n/);
  const served = await bench.run(['serve', 'html', '--console', 'nowhere:1']);
  assert.match(served.stderr, /invalid host in "nowhere:1" of the "console" directive, give an address/);
  bench.configure(await freePort(), 'daemon off; console *:9;');
  assert.match((await bench.here('-t')).stderr, /\[warn\] the console on 0\.0\.0\.0:9 is there for everybody to see/);
});

test('the default configurations have it, on the loopback', () => {
  for (const name of ['nginx.conf', 'sendfile-off.conf']) {
    const text = readFileSync(new URL(`../../../conf/${name}`, import.meta.url), 'utf8');
    assert.match(text, /^console 127\.0\.0\.1:8081;$/m);
  }
});
