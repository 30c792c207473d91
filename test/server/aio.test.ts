/** `aio threads`: files that are not in the page cache are read by threads, and arrive as ever. */
import assert from 'node:assert/strict';
import { chmodSync, closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fadvise, POSIX_FADV_DONTNEED } from '../../native/file.js';
import { canTrace, record } from '../../src/trace/record.js';
import { Client, fetchOnce, request } from './client.js';
import { noise, sha256, TestServer, ways } from './harness.js';

const large = noise(9_000_000, 1);
const small = noise(1000, 2);

/** Of a file system that cannot say what is in the page cache: all that is read there goes through threads. */
const memory = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/zerocopy-test-') : '/nowhere';

let server: TestServer;
before(async () => {
  server = await TestServer.start(
    {
      main: { thread_pool: ['two threads=2 max_queue=100', 'none threads=1 max_queue=0'] },
      http: { aio: 'threads=two', send_timeout: '10s' },
      server: `
        location /standard/ { alias {root}/; aio threads; }
        location /none/ { alias {root}/; aio threads=none; }
        location /memory/ { alias ${memory}/; aio threads=none; }
        location /kept/ { alias {root}/; read_ahead 1m; open_file_cache max=10; open_file_cache_errors on; open_file_cache_valid 1s; }
        location /try/ { try_files $uri $uri/ /on$uri /small; }
        location /folder/ { alias {root}/sub/; index $args $args.html small; }`,
    },
    { large, small, 'index.html': 'home', 'sub/small': small },
  );
  // the open file cache keeps a file, and the first cold one opens /dev/null
  await fetchOnce(server.port, '/kept/small');
  makeCold('large');
  await fetchOnce(server.port, '/on/large');
  await server.settle();
});
after(async () => {
  await server.stop();
  rmSync(memory, { recursive: true, force: true });
});

/** Puts a file of the document root out of the page cache. */
function makeCold(name: string): void {
  const fd = openSync(`${server.root}/${name}`, 'r');
  fdatasyncSync(fd);
  assert.equal(fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
  closeSync(fd);
}

for (const way of [...ways, 'standard']) {
  describe(`/${way}/`, () => {
    test('a cold file arrives whole, and a range of it', async () => {
      makeCold('large');
      const whole = await fetchOnce(server.port, `/${way}/large`);
      assert.deepEqual([whole.status, sha256(whole.body)], [200, sha256(large)]);
      makeCold('large');
      const part = await fetchOnce(server.port, `/${way}/large`, ['Range: bytes=4099-7000000']);
      assert.deepEqual([part.status, sha256(part.body)], [206, sha256(large.subarray(4099, 7_000_001))]);
    });

    test('several clients at once, on connections that are used again', async () => {
      makeCold('large');
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const client = await Client.connect(server.port);
          for (const [name, bytes] of [
            ['small', small],
            ['large', large],
            ['small', small],
          ] as const) {
            client.get(`/${way}/${name}`);
            const reply = await client.reply();
            assert.deepEqual([reply.status, sha256(reply.body)], [200, sha256(bytes)]);
          }
          client.close();
        }),
      );
    });

    test('clients that leave take nothing with them', async () => {
      for (let round = 0; round < 5; round++) {
        makeCold('large');
        const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(server.port)));
        for (const client of clients) client.get(`/${way}/large`);
        for (const client of clients) client.socket.resetAndDestroy();
      }
      await server.isWell('/on/small', small);
    });
  });
}

let serial = 0;
/** A name that the kernel has never looked up. */
const newName = () => `never-asked-for-${process.pid}-${serial++}`;

const tracing = await canTrace();

describe('paths that the kernel does not know', () => {
  test('the loop asks for what is in memory alone; a thread has the disk asked', {
    skip: tracing.ok ? false : tracing.why,
  }, async () => {
    const [pid] = server.workers();
    const name = newName();
    const ask = async () => {
      assert.equal((await fetchOnce(server.port, `/on/${name}`)).status, 404);
    };
    const { events } = await record({ pid, ledgerFile: '' }, ask, { recorder: 'strace', hasThreads: true });
    const calls = events.flatMap(event => (event.kind === 'call' && event.path?.endsWith(name) ? [event] : []));
    const where = (thread: number) => (thread === pid ? 'loop' : 'thread');
    assert.deepEqual(
      calls.map(call => `${where(call.pid)}: ${call.name} ${call.errno}`),
      ['loop: openat2 EAGAIN', 'thread: statx ENOENT', 'loop: openat ENOENT'],
    );
    assert.match(calls[0].text, /RESOLVE_CACHED/);
  });

  test('are looked up by a thread, and are not there', async () => {
    for (const way of ways) {
      const { status } = await fetchOnce(server.port, `/${way}/${newName()}`);
      assert.equal(status, 404);
    }
    assert.match(server.errorLog(), /open\(\) "[^"]*never-asked-for[^"]*" failed \(2: No such file or directory\)/);
  });

  test('try_files and index ask for one after the other', async () => {
    for (const path of [`/try/${newName()}`, `/folder/?${newName()}`]) {
      const { status, body } = await fetchOnce(server.port, path);
      assert.deepEqual([status, sha256(body)], [200, sha256(small)]);
    }
  });

  test('one after the other over one connection, with a HEAD and a folder without its slash', async () => {
    const client = await Client.connect(server.port);
    for (let round = 0; round < 3; round++) {
      client.get(`/on/${newName()}`);
      assert.equal((await client.reply()).status, 404);
      client.send(request('HEAD', `/off/${newName()}`));
      assert.equal((await client.reply('HEAD')).status, 404);
      client.get('/on/sub');
      assert.equal((await client.reply()).status, 301);
      client.get('/on/small');
      assert.equal((await client.reply()).status, 200);
    }
    client.close();
  });

  test('with the open file cache, whose failures are kept', async () => {
    const name = newName();
    for (let round = 0; round < 3; round++) {
      assert.equal((await fetchOnce(server.port, `/kept/${name}`)).status, 404);
      assert.equal((await fetchOnce(server.port, '/kept/small')).status, 200);
    }
  });

  test('a queue that is full is an error of the server', async () => {
    const names = Array.from({ length: 6 }, newName);
    const replies = await Promise.all(names.map(name => fetchOnce(server.port, `/none/${name}`)));
    for (const { status } of replies) assert.ok(status === 404 || status === 500, `${status}`);
  });
});

test('a queue that is full closes the connection, and the error log says so', {
  skip: memory === '/nowhere',
}, async () => {
  chmodSync(memory, 0o755);
  writeFileSync(`${memory}/large`, large);
  let lines = 0;
  for (let round = 0; round < 20 && lines === 0; round++) {
    const clients = await Promise.all(Array.from({ length: 6 }, () => Client.connect(server.port)));
    for (const client of clients) client.get('/memory/large');
    await Promise.all(clients.map(client => client.reply().catch(() => null)));
    for (const client of clients) client.close();
    lines = server.errorLog().split('thread pool "none" queue overflow: 0 tasks waiting').length - 1;
  }
  assert.ok(lines > 0);
  await server.isWell('/on/small', small);
});

test('a worker that leaves sends on what its threads read', async () => {
  const other = await TestServer.start(
    { http: { aio: 'threads', send_timeout: '10s' } },
    { large, 'index.html': 'home' },
  );
  try {
    const clients = await Promise.all(Array.from({ length: 4 }, () => Client.connect(other.port)));
    for (const client of clients) client.get('/on/large');
    await Promise.all(clients.map(client => client.until('first bytes', () => client.pending > 0)));
    other.signal('SIGQUIT');
    for (const client of clients) assert.equal(sha256((await client.reply()).body), sha256(large));
    assert.equal(await other.ended(), 0);
  } finally {
    await other.stop();
  }
});
