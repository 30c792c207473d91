import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { type DemoResult, table } from '../../src/cli/demo/report.js';
import { parseTrace } from '../../src/cli/demo/strace.js';
import { writeRandomFile } from '../../src/cli/random-file.js';
import { canTrace } from '../../src/trace/record.js';
import { Bench, until } from './program.js';

const size = 4 * 1024 * 1024;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  mkdirSync(`${bench.folder}tmp`);
});
afterEach(() => bench.clean());

function environment(path?: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: `${bench.folder}tmp`, ...(path === undefined ? {} : { PATH: path }) };
}

function checkResult(result: DemoResult): void {
  const { off, on } = result;
  assert.equal(result.size, size);
  assert.equal(result.ok, true);
  assert.ok(off.equal && on.equal && off.sha256 === result.sha256 && on.sha256 === result.sha256);
  assert.equal(off.calls.pread64, size / 32768);
  assert.ok(off.calls.writev >= size / 65536);
  assert.equal(off.calls.sendfile ?? 0, 0);
  assert.ok(on.calls.sendfile >= 1);
  assert.equal(on.calls.pread64 ?? 0, 0);
  // once into the server, once out of it, and the head
  assert.ok(off.copiedBytes > 2 * size && off.copiedBytes < 2 * size + 1000, `${off.copiedBytes}`);
  assert.ok(on.copiedBytes > 100 && on.copiedBytes < 1000, `${on.copiedBytes}`);
  for (const mode of [off, on]) {
    assert.ok(mode.wallSeconds > 0 && mode.wallSeconds < 5);
    assert.ok(mode.userSeconds >= 0 && mode.systemSeconds >= 0);
  }
}

const tracing = await canTrace();

test('the demo with strace: what arrives, what it cost, nothing left behind', {
  skip: tracing.ok ? false : tracing.why,
}, async () => {
  const { code, stdout, stderr } = await bench.run(['demo', '--size', '4M', '--json'], environment());
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as DemoResult;
  checkResult(result);
  assert.equal(result.callsFrom, 'strace');
  assert.ok(result.off.calls.epoll_pwait > 0);
  assert.deepEqual(readdirSync(`${bench.folder}tmp`), []);
});

test('the demo without strace and without curl', async () => {
  const { code, stdout, stderr } = await bench.run(
    ['demo', '--size', '4M', '--json', '--keep'],
    environment('/nowhere'),
  );
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as DemoResult;
  checkResult(result);
  assert.equal(result.callsFrom, 'log');
  assert.equal(result.client, 'node');
  const [kept] = readdirSync(`${bench.folder}tmp`);
  const content = readFileSync(`${bench.folder}tmp/${kept}/test.dat`);
  assert.equal(createHash('sha256').update(content).digest('hex'), result.sha256);
});

test('Ctrl-C in the midst of it stops all and removes all', async () => {
  const run = bench.start(['demo', '--size', '200M'], environment());
  const folder = () => readdirSync(`${bench.folder}tmp`)[0];
  const file = (name: string) => `${bench.folder}tmp/${folder()}/${name}`;
  await until(() => {
    try {
      return readFileSync(file('pid'), 'latin1').endsWith('\n');
    } catch {
      return false;
    }
  }, 'the server of the demo runs');
  const server = Number(readFileSync(file('pid'), 'latin1'));
  run.child.kill('SIGINT');
  assert.equal((await run.end).code, 130);
  assert.deepEqual(readdirSync(`${bench.folder}tmp`), []);
  await until(() => !readdirSync('/proc').includes(`${server}`), 'the server of the demo ends');
});

test('a trace is counted', () => {
  const text = [
    'epoll_pwait(13, [{events=EPOLLIN, data=0x11}], 512, -1, NULL, 8) = 1',
    'pread64(20, "a = b) = 7 EAGAIN"..., 32768, 0) = 32768',
    'writev(18, [{iov_base="x", iov_len=32768}], 1) = 20000',
    'writev(18, [{iov_base="x", iov_len=12768}], 1) = -1 EAGAIN (Resource temporarily unavailable)',
    'sendfile(18, 20, [0] => [5], 5)         = 5',
    '--- SIGCHLD {si_signo=SIGCHLD} ---',
    'epoll_pwait(13,  <detached ...>',
  ].join('\n');
  assert.deepEqual(parseTrace(text), {
    callsFrom: 'strace',
    calls: { epoll_pwait: 1, pread64: 1, writev: 2, sendfile: 1 },
    eagain: 1,
    copiedBytes: 52768,
  });
});

test('the table fits a terminal, and a difference is not passed over', () => {
  const mode = {
    ...parseTrace('pread64(1) = 5\n'),
    userSeconds: 0.1,
    systemSeconds: 12.5,
    wallSeconds: 20,
    sha256: 'a',
    equal: true,
  };
  const result: DemoResult = {
    size: 104857600,
    sha256: 'a',
    rounds: 10,
    client: 'curl',
    callsFrom: 'log',
    ok: true,
    off: mode,
    on: { ...mode, userSeconds: 0, systemSeconds: 1.26 },
  };
  for (const line of table(result).split('\n')) assert.ok(line.length <= 80, line);
  assert.ok(table(result).includes('90% less CPU time'));
  const broken = table({ ...result, ok: false, on: { ...mode, equal: false } });
  assert.ok(broken.includes('NO') && broken.includes('must not happen'));
});

test('random bytes: the same for a size, of exactly that size, and not to be compressed', async () => {
  const path = `${bench.folder}random`;
  const odd = 5 * 1024 * 1024 + 7;
  const hash = writeRandomFile(path, odd);
  const content = readFileSync(path);
  assert.equal(content.length, odd);
  assert.equal(hash, createHash('sha256').update(content).digest('hex'));
  assert.equal(writeRandomFile(path, odd), hash);
  const { deflateRawSync } = await import('node:zlib');
  assert.ok(deflateRawSync(content.subarray(0, 1 << 20)).length > (1 << 20) * 0.999);
});
