/** What the processes that serve are given: environment, folder, priority, limits. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { workerEnvironment } from '../../src/server/environment.js';
import { fetchOnce, waitFor } from './client.js';
import { freePorts, TestServer } from './harness.js';

/** Of the environment that the servers here are started in. */
const own = { ZC_TEST_KEPT: 'kept', ZC_TEST_DROPPED: 'secret', ZC_TEST_CHANGED: 'before' };
Object.assign(process.env, own);
after(() => {
  for (const name of Object.keys(own)) delete process.env[name];
});

function environmentOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return new Map(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The nice value, field 19 of stat(5). */
function priorityOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
}

const main = {
  env: ['ZC_TEST_KEPT', 'ZC_TEST_CHANGED=after', 'ZC_TEST_CHANGED=later', '"ZC_TEST_MADE=a b"', 'ZC_TEST_ABSENT'],
  worker_priority: '7',
  worker_rlimit_core: '4k',
  working_directory: '{root}',
};

describe('a worker', () => {
  test('has the environment, the folder, the priority and the limit that its configuration says', async () => {
    const server = await TestServer.start({ main }, { 'a.txt': 'x' });
    try {
      const [pid] = server.workers() as [number];
      const environment = environmentOf(pid);
      const names = [...environment.keys()].filter(name => name.startsWith('ZC_TEST_')).sort();
      assert.deepEqual(names, ['ZC_TEST_CHANGED', 'ZC_TEST_KEPT', 'ZC_TEST_MADE']);
      assert.equal(environment.get('ZC_TEST_KEPT'), 'kept');
      assert.equal(environment.get('ZC_TEST_CHANGED'), 'after');
      assert.equal(environment.get('ZC_TEST_MADE'), 'a b');
      assert.ok(!environment.has('PATH'));
      assert.equal(readlinkSync(`/proc/${pid}/cwd`), server.root);
      assert.equal(priorityOf(pid), priorityOf(process.pid) + 7);
      assert.match(readFileSync(`/proc/${pid}/limits`, 'latin1'), /^Max core file size\s+4096\s+4096/m);
      assert.equal((await fetchOnce(server.port, '/on/a.txt')).status, 200);
    } finally {
      await server.stop();
    }
  });

  test('that cannot go to its folder does not start: nginx’s words', async () => {
    const server = TestServer.prepare(await freePorts(3));
    try {
      server.configure({ main: { working_directory: '/no/such/folder' } });
      await assert.rejects(server.launch(), /chdir\("\/no\/such\/folder"\) failed \(2: No such file or directory\)/);
    } finally {
      await server.stop();
    }
  });

  test('that may not have a priority, so many files or a processor says so, and serves with what it has', async () => {
    const settings = new URL('../../src/server/process-settings.js', import.meta.url).href;
    const native = new URL('../../native/process.js', import.meta.url).href;
    const code = `
      const { applyProcessSettings } = await import(${JSON.stringify(settings)});
      const { setuid } = await import(${JSON.stringify(native)});
      if (process.getuid() === 0) setuid(65534);
      const workerCpuAffinity = { auto: false, masks: [[1023]] };
      const main = { user: null, workerCpuAffinity, workerRlimitNofile: 2 ** 31, workingDirectory: '' };
      const alerts = [];
      applyProcessSettings({ ...main, workerPriority: -20, workerRlimitCore: -1 }, 0, text => alerts.push(text));
      console.log(JSON.stringify(alerts));`;
    const said = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
    assert.deepEqual(said, [
      'setpriority(-20) failed (13: Permission denied)',
      'setrlimit(RLIMIT_NOFILE, 2147483648) failed (1: Operation not permitted)',
      'sched_setaffinity() failed (22: Invalid argument)',
    ]);
  });
});

test('master_process off: the one process goes to the folder, and forgets what a worker is not told', async () => {
  const server = await TestServer.start({ main: { master_process: 'off', working_directory: '{root}' } }, { a: 'x' });
  try {
    await waitFor('its folder', () => readlinkSync(`/proc/${server.pid}/cwd`) === server.root);
    assert.equal((await fetchOnce(server.port, '/on/a')).status, 200);
  } finally {
    await server.stop();
  }
  const module = new URL('../../src/server/environment.js', import.meta.url).href;
  const code = `
    const { limitEnvironment } = await import(${JSON.stringify(module)});
    limitEnvironment([{ name: 'ZC_TEST_KEPT', value: undefined }, { name: 'ZC_TEST_CHANGED', value: 'after' }]);
    const { ZC_TEST_KEPT, ZC_TEST_CHANGED, ZC_TEST_DROPPED = 'gone', PATH = 'gone' } = process.env;
    console.log(JSON.stringify([ZC_TEST_KEPT, ZC_TEST_CHANGED, ZC_TEST_DROPPED, PATH]));`;
  const seen = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' }));
  assert.deepEqual(seen, ['kept', 'after', 'gone', 'gone']);
});

test('what Node, its loader and this program read is kept, and nothing else', () => {
  const given = {
    ...{ TZ: 'Asia/Tokyo', NODE_OPTIONS: 'a', UV_THREADPOOL_SIZE: '5', LD_PRELOAD: 'b', ZEROCOPY_LEDGER: 'c' },
    ...{ OPENSSL_CONF: 'f', SSL_CERT_FILE: 'g', GLIBC_TUNABLES: 'h', SSLKEYLOGFILE: 'i' },
    ...{ PATH: '/bin', HOME: '/root', TZDIR: 'd', MY_NODE_X: 'e' },
  };
  const names = Object.keys(workerEnvironment([], given)).sort();
  const loader = ['GLIBC_TUNABLES', 'LD_PRELOAD', 'NODE_OPTIONS', 'OPENSSL_CONF', 'SSL_CERT_FILE'];
  assert.deepEqual(names, [...loader, 'TZ', 'UV_THREADPOOL_SIZE', 'ZEROCOPY_LEDGER']);
  const entries = [
    { name: 'TZ', value: 'UTC' },
    { name: 'HOME', value: undefined },
    { name: 'B\xc3\xa9', value: '\xc3\xa9' },
  ];
  const environment = workerEnvironment(entries, given);
  assert.deepEqual([environment.TZ, environment.HOME, environment.Bé], ['UTC', '/root', 'é']);
});
