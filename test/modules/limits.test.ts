/** Limits: the table in shared memory, and servers of one and of several workers that hold to it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { close, ftruncate } from '../../native/file.js';
import { mapShared, memfdCreate } from '../../native/shared-memory.js';
import { LimitTable } from '../../src/modules/limit-table.js';
import { Client, fetchOnce, type Reply, waitFor } from '../server/client.js';
import { noise, TestServer } from '../server/harness.js';
import { complaint, FILE } from './fake-request.js';

const never = () => Number.POSITIVE_INFINITY;
const run = promisify(execFile);

describe('the table', () => {
  test('finds what was put, by keys of all lengths', () => {
    const table = new LimitTable(new ArrayBuffer(1 << 20));
    const keys = ['', 'a', 'b', '\x7f\0\0\x01', '\x7f\0\0\x01\0', 'k'.repeat(40), 'k'.repeat(41), `${'k'.repeat(40)}l`];
    for (const [i, key] of keys.entries()) {
      assert.equal(table.find(key), -1, JSON.stringify(key));
      table.setCount(table.take(never), i + 1);
    }
    assert.deepEqual(
      keys.map(key => table.count(table.find(key))),
      keys.map((_, i) => i + 1),
    );
    table.free(table.find('a'));
    assert.equal(table.find('a'), -1);
    assert.equal(table.count(table.find('b')), 3);
  });

  test('has room for the keys that its documentation promises', () => {
    const table = new LimitTable(new ArrayBuffer(1 << 20));
    const most = 12_000;
    for (let i = 0; i < most; i++) {
      table.find(`${i}`);
      assert.ok(table.take(never) >= 0, `${i} keys`);
    }
    for (let i = 0; i < most; i += 97) assert.ok(table.find(`${i}`) >= 0);
  });

  test('that is full lets go of what ranks lowest, and of nothing that must stay', () => {
    const table = new LimitTable(new ArrayBuffer(32 * 1024));
    let taken = 0;
    const put = (key: string, rank: (place: number) => number) => {
      table.find(key);
      const place = table.take(rank);
      if (place >= 0) table.setNumber(place, 0, ++taken);
      return place;
    };
    for (let i = 0; i < 5000; i++) assert.ok(put(`${i}`, place => table.number(place, 0)) >= 0);
    assert.ok(table.find('4999') >= 0);
    assert.equal(table.find('0'), -1);
    for (let i = 0; i < 100; i++) assert.equal(put(`new ${i}`, never), -1);
  });

  test('a lock whose owner has died is taken over', async () => {
    const memory = new ArrayBuffer(32 * 1024);
    const table = new LimitTable(memory);
    const { child } = run(process.execPath, ['-e', '']) as unknown as { child?: { pid: number } } & Promise<unknown>;
    const dead = child?.pid ?? 0;
    await waitFor('the process has gone', () => {
      try {
        process.kill(dead, 0);
        return false;
      } catch {
        return true;
      }
    });
    new Int32Array(memory)[0] = dead;
    assert.equal(
      table.locked(() => 'done'),
      'done',
    );
    assert.equal(new Int32Array(memory)[0], 0);
  });

  test('several processes count to the same number', async () => {
    const size = 32 * 1024;
    const fd = memfdCreate('zerocopy-test');
    ftruncate(fd, size);
    const each = 20_000;
    const here = new URL('..', import.meta.url);
    const program = `
      const { openAt } = await import('${new URL('../native/file.js', here)}');
      const { mapShared } = await import('${new URL('../native/shared-memory.js', here)}');
      const { LimitTable } = await import('${new URL('../src/modules/limit-table.js', here)}');
      const table = new LimitTable(mapShared(openAt('/proc/${process.pid}/fd/${fd}', 2), ${size}));
      for (let i = 0; i < ${each}; i++) table.locked(() => {
        const known = table.find('key');
        const place = known >= 0 ? known : table.take(() => Infinity);
        table.setCount(place, table.count(place) + 1);
      });`;
    const counters = Array.from({ length: 3 }, () => run(process.execPath, ['--input-type=module', '-e', program]));
    await Promise.all(counters);
    const table = new LimitTable(mapShared(fd, size) as ArrayBuffer);
    assert.equal(table.count(table.find('key')), 3 * each);
    close(fd);
  });
});

describe('directives', () => {
  const of = (text: string) => complaint(`events {} http { ${text} server { } }`);
  const cases: readonly (readonly [text: string, reason: string])[] = [
    ['limit_req_zone $uri zone=x:1m;', 'invalid number of arguments in "limit_req_zone" directive'],
    ['limit_req_zone $uri zone=x rate=1r/s;', 'invalid zone size "zone=x"'],
    ['limit_req_zone $uri zone=x:y rate=1r/s;', 'invalid zone size "zone=x:y"'],
    ['limit_req_zone $uri zone=x:1k rate=1r/s;', 'zone "zone=x:1k" is too small'],
    ['limit_req_zone $uri zone=x:1m rate=0r/s;', 'invalid rate "rate=0r/s"'],
    ['limit_req_zone $uri zone=x:1m rate=1r/h;', 'invalid rate "rate=1r/h"'],
    ['limit_req_zone $uri zone=x:1m foo;', 'invalid parameter "foo"'],
    ['limit_req_zone $uri zone=:1m rate=1r/s;', '"limit_req_zone" must have "zone" parameter'],
    ['limit_req_zone $uri rate=1r/s rate=1r/s;', '"limit_req_zone" must have "zone" parameter'],
    [
      'limit_req_zone $uri zone=x:1m rate=1r/s; limit_req_zone $host zone=x:1m rate=1r/s;',
      'limit_req_zone "x" is already bound to key "$uri"',
    ],
    ['limit_req burst=1;', '"limit_req" must have "zone" parameter'],
    ['limit_req zone=x burst=0;', 'invalid burst value "burst=0"'],
    ['limit_req zone=x delay=x;', 'invalid delay value "delay=x"'],
    ['limit_req zone=x foo;', 'invalid parameter "foo"'],
    ['limit_req zone=x; limit_req zone=x;', '"limit_req" directive is duplicate'],
    ['limit_req_status 399;', 'value must be between 400 and 599'],
    ['limit_req_status x;', '"limit_req_status" directive invalid number'],
    ['limit_req_log_level crit;', 'invalid value "crit"'],
    ['limit_conn_zone $uri x;', 'invalid parameter "x"'],
    [
      'limit_conn_zone $uri zone=x:1m; limit_conn_zone $uri zone=x:1m;',
      'limit_conn_zone "x" is already bound to key "$uri"',
    ],
    ['limit_conn x 0;', 'invalid number of connections "0"'],
    ['limit_conn x 65536;', 'connection limit must be less 65536'],
    ['limit_conn x 1; limit_conn x 1;', '"limit_conn" directive is duplicate'],
    [
      'limit_conn_zone $uri zone=x:1m; limit_req zone=x;',
      'the shared memory zone "x" is already declared for a different use',
    ],
  ];
  for (const [text, reason] of cases) test(text, () => assert.equal(of(text), `${reason} in ${FILE}:1`));

  test('a zone that nobody declares', () => {
    assert.equal(of('limit_req zone=x;'), 'zero size shared memory zone "x"');
    assert.equal(of('limit_conn x 1; limit_conn_zone $uri zone=x:1m;'), 'ok');
    assert.equal(
      of('ssl_session_cache shared:x:1m; server { ssl_session_cache shared:x:2m; }'),
      `the size 2097152 of shared memory zone "x" conflicts with already declared size 1048576 in ${FILE}:1`,
    );
  });
});

/** More than the buffers of a socket hold. */
const file = noise(24_000_000, 9);

describe('a server of two workers', () => {
  let server: TestServer;
  const site = {
    main: { worker_processes: '2' },
    http: {
      limit_req_zone: [
        '$arg_k zone=minute:1m rate=1r/m',
        '$arg_k zone=slow:1m rate=10r/s',
        '$arg_k zone=second:1m rate=1r/s',
      ],
      limit_conn_zone: '$arg_k zone=conn:1m',
    },
    server: `
location /minute/ { alias {root}/; limit_req zone=minute burst=4 nodelay; }
location /slow/ { alias {root}/; limit_req zone=slow burst=20; }
location /second/ { alias {root}/; limit_req zone=second burst=20; }
location /conn/ { alias {root}/; limit_conn conn 2; send_timeout 20s; }`,
  };
  before(async () => {
    server = await TestServer.start(site, { file, a: 'here' });
  });
  after(() => server.stop());

  /** So many requests at once, over connections of their own: how many came through. */
  async function passed(path: string, times: number): Promise<number> {
    const replies = await Promise.all(Array.from({ length: times }, () => fetchOnce(server.port, path)));
    return replies.filter(({ status }) => status === 200).length;
  }

  /** A client that has begun to read a response, and goes no further. */
  async function stalled(path: string): Promise<Client> {
    const client = await Client.connect(server.port);
    client.get(path);
    await client.until('the first bytes', () => client.pending > 0);
    client.socket.pause();
    return client;
  }

  test('counts what both of them get', async () => {
    assert.equal(await passed('/minute/a?k=both', 40), 5);
    await server.logged(/limiting requests, excess: (?:5\.000|4\.\d{3}) by zone "minute", client: 127\.0\.0\.1/);
  });

  test('goes on counting after a reload', async () => {
    assert.equal(await passed('/minute/a?k=reload', 6), 5);
    const former = server.workers();
    server.signal('SIGHUP');
    await waitFor(
      'other workers',
      () => server.workers().length === 2 && !server.workers().some(pid => former.includes(pid)),
    );
    assert.equal(await passed('/minute/a?k=reload', 6), 0);
    assert.equal(await passed('/minute/a?k=another', 6), 5);
  });

  test('delays what comes too fast, one tenth of a second each', async () => {
    const begun = performance.now();
    assert.equal(await passed('/slow/a?k=delay', 5), 5);
    assert.ok(performance.now() - begun >= 380);
    await server.logged(/delaying request, excess: \d\.\d{3}, by zone "slow"/);
  });

  test('a client that leaves during its delay is logged as 499', async () => {
    const clients = await Promise.all(Array.from({ length: 6 }, () => Client.connect(server.port)));
    for (const client of clients) client.get('/second/a?k=leaves');
    await waitFor('delays', () => (server.errorLog().match(/delaying request.*k=leaves/g)?.length ?? 0) >= 3);
    for (const client of clients) client.close();
    await waitFor('the log line', () => /k=leaves HTTP\/1\.1" 499 0 /.test(server.accessLog()));
  });

  test('limits what is in progress at once, and forgets who has left', async () => {
    const slow = await Promise.all([0, 1].map(() => stalled('/conn/file?k=conn')));
    const refused = async (): Promise<Reply['status']> => (await fetchOnce(server.port, '/conn/a?k=conn')).status;
    await waitFor('a refusal', async () => (await refused()) === 503);
    assert.equal((await fetchOnce(server.port, '/conn/a?k=other')).status, 200);
    await server.logged('limiting connections by zone "conn", client: 127.0.0.1');
    slow[0]!.socket.destroy();
    await waitFor('room for one', async () => (await refused()) === 200);
    slow[1]!.socket.destroy();
    await waitFor('room for two', async () => (await passed('/conn/a?k=conn', 2)) === 2);
  });

  test('lets go of what a worker held that was killed', async () => {
    const held = await Promise.all([0, 1].map(() => stalled('/conn/file?k=killed')));
    const isOpen = async () => (await passed('/conn/a?k=killed', 1)) === 1;
    await waitFor('a refusal', async () => !(await isOpen()));
    const former = server.workers();
    for (const pid of former) process.kill(pid, 'SIGKILL');
    await waitFor('new workers', () => server.workers().filter(pid => !former.includes(pid)).length === 2);
    await waitFor('room', isOpen);
    for (const client of held) client.close();
  });
});
