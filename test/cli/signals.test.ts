import assert from 'node:assert/strict';
import { existsSync, renameSync, statSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { packageFolder } from '../../src/cli/place.js';
import { accepts, Bench, freePort, isAlive, titleOf, until } from './program.js';

let bench: Bench;
let port: number;
beforeEach(async () => {
  bench = new Bench();
  port = await freePort();
});
afterEach(() => bench.clean());

async function page(path = ''): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, { headers: { connection: 'close' } });
  return response.text();
}

test('the background: it serves when the command returns, reloads, reopens its logs and quits', async () => {
  bench.configure(port, '');
  assert.deepEqual(await bench.here(), { code: 0, stdout: '', stderr: '' });
  const { pid } = bench;
  assert.ok(pid > 0);
  assert.ok(titleOf(pid).startsWith('zerocopy: master process'), titleOf(pid));
  assert.equal(await page(), 'hello\n');

  bench.configure(port, '', 'location = /new { return 200 new; }');
  assert.deepEqual(await bench.here('-s', 'reload'), { code: 0, stdout: '', stderr: '' });
  await until(async () => (await page('new')) === 'new', 'the new configuration holds');
  assert.equal(bench.pid, pid);

  renameSync(`${bench.folder}logs/access.log`, `${bench.folder}logs/old.log`);
  assert.equal((await bench.here('-s', 'reopen')).code, 0);
  await until(() => existsSync(`${bench.folder}logs/access.log`), 'the log is opened anew');

  assert.equal((await bench.here('-s', 'quit')).code, 0);
  await until(() => !isAlive(pid), 'the server ends');
  assert.ok(!existsSync(bench.pidFile));
  assert.equal(await accepts(port), false);
});

test('the background in one process, and -s stop', async () => {
  bench.configure(port, 'master_process off;');
  assert.equal((await bench.here()).code, 0);
  const { pid } = bench;
  assert.equal(await page(), 'hello\n');
  assert.equal((await bench.here('-s', 'stop')).code, 0);
  await until(() => !isAlive(pid), 'the server ends');
});

test('a server that cannot begin says why, in the background too', async () => {
  bench.configure(port, 'daemon off;');
  bench.start(['-p', bench.folder]);
  await until(() => accepts(port), 'the first server accepts');
  bench.write('conf/second.conf', bench.read('conf/nginx.conf').replace('daemon off;', 'pid logs/second.pid;'));
  const message = `zerocopy: [emerg] bind() to 127.0.0.1:${port} failed (98: Address already in use)\n`;
  assert.deepEqual(await bench.here('-c', 'conf/second.conf'), { code: 1, stdout: '', stderr: message });
  const inFront = await bench.here('-c', 'conf/second.conf', '-g', 'daemon off;');
  assert.deepEqual(inFront, { code: 1, stdout: '', stderr: message });
  assert.equal((await bench.here('-t')).code, 0, 'the address of a server that runs is no mistake');
});

test('the foreground ends with 0 on Ctrl-C', async () => {
  bench.configure(port, 'daemon off;');
  const run = bench.start(['-p', bench.folder]);
  await until(() => accepts(port), 'the server accepts');
  run.child.kill('SIGINT');
  assert.equal((await run.end).code, 0);
});

test('-s where no server is', async () => {
  bench.configure(port, '');
  const path = bench.pidFile;
  const quit = () => bench.here('-s', 'quit');
  const missing = `zerocopy: [error] open() "${path}" failed (2: No such file or directory)\n`;
  assert.deepEqual(await quit(), { code: 1, stdout: '', stderr: missing });
  // of numbers that kill(2) takes for groups of processes, none is sent to
  for (const text of ['x', '0', '00', '-1', '2147483648', '4294967295', '9999999999']) {
    bench.write('logs/zerocopy.pid', `${text}\n`);
    const stderr = `zerocopy: [error] invalid PID number "${text}" in "${path}"\n`;
    assert.deepEqual(await quit(), { code: 1, stdout: '', stderr });
  }
  bench.write('logs/zerocopy.pid', '99999999\n');
  assert.deepEqual(await quit(), {
    code: 1,
    stdout: '',
    stderr: 'zerocopy: [alert] kill(99999999, 3) failed (3: No such process)\n',
  });
});

test('npm start: the test file, what to try, and 0 on Ctrl-C, whatever the configuration says of daemon', async () => {
  bench.configure(port, 'daemon on;', 'sendfile on;');
  const run = bench.startPackage(['-p', bench.folder, '-c', 'conf/nginx.conf']);
  await until(() => run.stdout.includes('curl -s -o /dev/null') || run.child.exitCode !== null, 'it says what to try');
  assert.equal(run.stderr, '');
  assert.ok(run.stdout.includes(`on http://127.0.0.1:${port}/ (sendfile on), Ctrl-C stops`), run.stdout);
  assert.ok(run.stdout.includes('npm start -- -c conf/sendfile-off.conf'));
  assert.equal(statSync(`${packageFolder()}public/test.dat`).size, 100 * 1024 * 1024);
  assert.equal(await page(), 'hello\n');
  run.child.kill('SIGINT');
  assert.equal((await run.end).code, 0);
});
