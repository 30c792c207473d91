import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { readPlain } from '../../src/cli/serve-options.js';
import { accepts, Bench, freePort, until } from './program.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clean());

const names = [
  'with space',
  'a"b\'c',
  'c:\\dir',
  '$uri and ${',
  'semi;colon {brace}',
  '# no comment',
  'caf\u00e9',
  'x\ny',
];

test('folders of any name', async () => {
  for (const name of names) {
    const port = await freePort();
    mkdirSync(bench.folder + name);
    bench.write(`${name}/file`, name);
    const run = bench.start(['serve', name, '--port', `${port}`]);
    await until(async () => (await accepts(port)) || run.child.exitCode !== null, 'the server accepts');
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/file`)).text(), name, run.stderr);
    await until(() => run.stderr.includes(`on http://127.0.0.1:${port}/ (sendfile on), Ctrl-C stops`), 'it says so');
    await until(() => run.stdout.includes('"GET /file HTTP/1.1" 200'), 'the access log');
    run.child.kill(name === 'x\ny' ? 'SIGHUP' : 'SIGINT');
    assert.equal((await run.end).code, 0);
  }
});

test('a folder whose name is not UTF-8', async () => {
  const port = await freePort();
  const folder = Buffer.concat([Buffer.from(bench.folder), Buffer.from([0x62, 0xe9])]);
  mkdirSync(folder);
  writeFileSync(Buffer.concat([folder, Buffer.from('/file')]), 'bytes');
  const run = bench.startBy(`exec "$@" serve "$(printf 'b\\351')" --port ${port} --no-access-log`);
  await until(() => accepts(port), 'the server accepts');
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/file`)).text(), 'bytes');
  run.child.kill('SIGTERM');
  assert.deepEqual((await run.end).stdout, '');
});

test('several workers, sendfile off, a log file, and nothing left behind', async () => {
  const port = await freePort();
  mkdirSync(`${bench.folder}tmp`);
  const env = { ...process.env, TMPDIR: `${bench.folder}tmp` };
  const run = bench.start(
    ['serve', 'html', `--port=${port}`, '--workers', '2', '--sendfile', 'off', '--access-log', 'logs/requests'],
    env,
  );
  await until(() => run.stderr.includes('Ctrl-C'), 'the server serves');
  assert.equal(readdirSync(`${bench.folder}tmp`).length, 1);
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'hello\n');
  await until(() => bench.read('logs/requests').includes('GET / '), 'the log file');
  const workers = execFileSync('ps', ['--ppid', `${run.child.pid}`, '-o', 'args='], { encoding: 'latin1' });
  assert.equal(workers.match(/^zerocopy: worker process/gm)?.length, 2);
  run.child.kill('SIGHUP');
  const { code, stdout } = await run.end;
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
  assert.deepEqual(readdirSync(`${bench.folder}tmp`), []);
});

test('a busy port: which, and what to do', async () => {
  const port = await freePort();
  bench.start(['serve', 'html', '--port', `${port}`]);
  await until(() => accepts(port), 'the first server accepts');
  const { code, stderr } = await bench.run(['serve', 'html', '--port', `${port}`]);
  assert.equal(code, 1);
  assert.ok(stderr.includes(`[emerg] bind() to 127.0.0.1:${port} failed (98: Address already in use)`), stderr);
  assert.ok(stderr.includes(`port ${port} is busy`) && stderr.includes('--port'), stderr);
});

test('what is read without yargs, and what is left to it', () => {
  const plain = readPlain(['dir', '--port=1', '--host', '::1', '--no-access-log']);
  assert.deepEqual(plain && { ...plain }, {
    dir: 'dir',
    port: '1',
    host: '::1',
    sendfile: 'on',
    workers: '1',
    'access-log': '/dev/stdout',
    'no-access-log': true,
  });
  const others = ['', 'a b', 'a --help', 'a --port', 'a --port --host', 'a --prt 1', 'a -p 1', 'a --port 1 --port 2'];
  for (const line of others) assert.equal(readPlain(line === '' ? [] : line.split(' ')), null, line);
  assert.equal(readPlain(['a', '--dir', 'b']), null);
});
