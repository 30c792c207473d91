/** Files arrive whole and in order, over both ways, from every kind of listener. */
import assert from 'node:assert/strict';
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Client, fetchOnce, type Reply, request, stalled, type Target, waitFor } from './client.js';
import { noise, sha256, TestServer, ways } from './harness.js';

const buffer = 32 * 1024;
/** sendfile_max_chunk of the server here, small so that files of several chunks stay small. */
const chunk = 256 * 1024;
const sizes = [
  0,
  1,
  buffer - 1,
  buffer,
  buffer + 1,
  2 * buffer,
  2 * buffer + 1,
  chunk - 1,
  chunk,
  chunk + 1,
  1_000_003,
];
const large = noise(12_000_000, 1);
const contents = new Map(sizes.map(size => [`f${size}`, noise(size, size)]));
const small = noise(1000, 2);

/** Compares bytes without printing them. */
function same(got: Buffer, wanted: Buffer, what = ''): void {
  assert.equal(got.length, wanted.length, what);
  assert.equal(sha256(got), sha256(wanted), what);
}

let server: TestServer;
before(async () => {
  server = await TestServer.start(
    {
      http: {
        sendfile_max_chunk: '256k',
        send_timeout: '10s',
        log_format: "calls '$request_uri $status $eagain_count'",
        access_log: '{dir}/access.log calls',
      },
      listen: ['127.0.0.1:{port} sndbuf=128k', '[::1]:{port2}', 'unix:{dir}/socket'],
    },
    { ...Object.fromEntries(contents), large, small, 'index.html': 'home' },
  );
});
after(() => server.stop());

/** The parts of a multipart/byteranges body, cut at its boundary and nowhere else. */
function parts(reply: Reply): { range: string; bytes: Buffer }[] {
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(reply.headers['content-type'])?.[1];
  assert.ok(boundary !== undefined, reply.headers['content-type']);
  const { body } = reply;
  const found = [];
  let at = 0;
  for (;;) {
    const opening: string = `\r\n--${boundary}`;
    assert.equal(body.toString('latin1', at, at + opening.length), opening);
    at += opening.length;
    if (body.toString('latin1', at) === '--\r\n') return found;
    const end = body.indexOf('\r\n\r\n', at);
    const head = body.toString('latin1', at, end);
    const [, range, first, last] =
      /^\r\nContent-Type: \S+\r\nContent-Range: (bytes (\d+)-(\d+)\/\d+)$/.exec(head) ?? [];
    assert.ok(range !== undefined, JSON.stringify(head));
    at = end + 4 + Number(last) - Number(first) + 1;
    found.push({ range, bytes: body.subarray(end + 4, at) });
  }
}

for (const way of ways) {
  describe(`sendfile ${way}`, () => {
    for (const [name, content] of contents) {
      test(`a file of ${content.length} bytes, and its HEAD`, async () => {
        const got = await fetchOnce(server.port, `/${way}/${name}`);
        assert.equal(got.status, 200);
        same(got.body, content);
        const head = await fetchOnce(server.port, `/${way}/${name}`, [], 'HEAD');
        assert.equal(head.status, 200);
        assert.equal(head.headers['content-length'], `${content.length}`);
        assert.equal(head.headers.etag, got.headers.etag);
      });
    }

    test('single ranges', async () => {
      const size = large.length;
      const cases: [string, number, number][] = [
        ['0-0', 0, 1],
        [`${buffer - 1}-${buffer}`, buffer - 1, buffer + 1],
        [`1000000-${size + 5}`, 1_000_000, size],
        ['11999999-', size - 1, size],
        ['-1', size - 1, size],
        [`-${chunk + 1}`, size - chunk - 1, size],
        ['-99999999', 0, size],
      ];
      const client = await Client.connect(server.port);
      for (const [range, start, end] of cases) {
        const reply = await client.get(`/${way}/large`, `Range: bytes=${range}`).reply();
        assert.equal(reply.status, 206, range);
        assert.equal(reply.headers['content-range'], `bytes ${start}-${end - 1}/${size}`);
        same(reply.body, large.subarray(start, end), range);
      }
      client.close();
    });

    test('a recording of 100 GB: its end, and 3 MB across the border of 4 GB', async () => {
      const path = server.put('recording', '');
      truncateSync(path, 100 * 2 ** 30);
      const fd = openSync(path, 'r+');
      const middle = noise(3_000_000, 31);
      writeSync(fd, middle, 0, middle.length, 2 ** 32 - 1_000_000);
      writeSync(fd, Buffer.from('the end'), 0, 7, 100 * 2 ** 30 - 7);
      closeSync(fd);
      const end = await fetchOnce(server.port, `/${way}/recording`, ['Range: bytes=-7']);
      assert.equal(end.headers['content-range'], 'bytes 107374182393-107374182399/107374182400');
      assert.equal(end.body.toString(), 'the end');
      const range = `Range: bytes=${2 ** 32 - 1_000_000}-${2 ** 32 + 1_999_999}`;
      assert.ok((await fetchOnce(server.port, `/${way}/recording`, [range])).body.equals(middle));
      const head = await fetchOnce(server.port, `/${way}/recording`, [], 'HEAD');
      assert.equal(head.headers['content-length'], '107374182400');
    });

    test('a range behind the end', async () => {
      const reply = await fetchOnce(server.port, `/${way}/large`, [`Range: bytes=${large.length}-`]);
      assert.equal(reply.status, 416);
      assert.equal(reply.headers['content-range'], `bytes */${large.length}`);
      const empty = await fetchOnce(server.port, `/${way}/f0`, ['Range: bytes=0-']);
      assert.deepEqual([empty.status, empty.body.length], [200, 0], 'as nginx');
    });

    test('several ranges', async () => {
      const wanted: [number, number][] = [
        [0, 0],
        [100_000, 299_999],
        [5_000_000, 5_032_767],
        [large.length - 7, large.length - 1],
      ];
      const list = wanted.map(([first, last]) => `${first}-${last}`).join(', ');
      const reply = await fetchOnce(server.port, `/${way}/large`, [`Range: bytes=${list}`]);
      assert.equal(reply.status, 206);
      const found = parts(reply);
      assert.deepEqual(
        found.map(part => part.range),
        wanted.map(([first, last]) => `bytes ${first}-${last}/${large.length}`),
      );
      for (const [index, [first, last]] of wanted.entries()) same(found[index].bytes, large.subarray(first, last + 1));
    });

    test('450 small parts for clients that pause, while others are served', async () => {
      const first = Array.from({ length: 450 }, (_, i) => 1_000_000 + i * 10_000);
      const range = `Range: bytes=${first.map(start => `${start}-${start + 4999}`).join(',')}`;
      const clients = await Promise.all(Array.from({ length: 6 }, () => Client.connect(server.port, false)));
      for (const client of clients) client.get(`/${way}/large`, range);
      for (const client of clients) await stalled(client);
      for (let i = 0; i < 10; i++) same((await fetchOnce(server.port, `/${way}/small`)).body, small);
      for (const client of clients) {
        client.socket.resume();
        const found = parts(await client.reply());
        assert.deepEqual(
          found.map(part => part.range),
          first.map(start => `bytes ${start}-${start + 4999}/${large.length}`),
        );
        for (const [i, start] of first.entries()) same(found[i].bytes, large.subarray(start, start + 5000));
        client.close();
      }
    });

    test('If-Range: the part while the file is the same, else the whole', async () => {
      const { headers } = await fetchOnce(server.port, `/${way}/f1000003`, [], 'HEAD');
      const cases: [string, number][] = [
        [headers.etag, 206],
        [headers['last-modified'], 206],
        ['"other"', 200],
        ['Thu, 01 Jan 1970 00:00:00 GMT', 200],
      ];
      const whole = contents.get('f1000003') as Buffer;
      for (const [value, status] of cases) {
        const reply = await fetchOnce(server.port, `/${way}/f1000003`, ['Range: bytes=500000-', `If-Range: ${value}`]);
        assert.equal(reply.status, status, value);
        same(reply.body, status === 206 ? whole.subarray(500_000) : whole);
      }
    });

    test('a download that broke off is taken up where it was', async () => {
      const client = await Client.connect(server.port);
      client.get(`/${way}/large`);
      await client.until('the first part', () => client.pending > 1_000_000);
      client.close();
      const first = large.subarray(0, 1_000_000);
      const rest = await fetchOnce(server.port, `/${way}/large`, [`Range: bytes=${first.length}-`]);
      assert.equal(rest.status, 206);
      same(Buffer.concat([first, rest.body]), large);
    });

    test('a reader that pauses gets every byte', async () => {
      const client = await Client.connect(server.port, false);
      client.get(`/${way}/large?slow`, 'Connection: close');
      for (let step = 1; step <= 8; step++) {
        await stalled(client);
        client.socket.resume();
        const goal = Math.min(step * 1_000_000, large.length);
        await client.until(`${goal} bytes`, () => client.pending >= goal);
        client.socket.pause();
      }
      client.socket.resume();
      const reply = await client.reply();
      same(reply.body, large);
      const line = await waitFor('its log line', () =>
        new RegExp(`^/${way}/large.slow .*\n`, 'm').exec(server.accessLog()),
      );
      assert.ok(Number(line[0].split(' ')[2]) >= 4, `EAGAIN is to show at each pause: ${line[0]}`);
    });

    test('300 requests over one connection', async () => {
      const client = await Client.connect(server.port);
      const names = [...contents.keys()].slice(0, 6);
      for (let i = 0; i < 300; i++) {
        const name = names[i % names.length];
        const reply = await client.get(`/${way}/${name}`).reply();
        assert.equal(reply.headers.connection, 'keep-alive');
        same(reply.body, contents.get(name) as Buffer, name);
      }
      assert.equal(client.isClosed, false);
      client.close();
    });

    test('50 pipelined requests in one packet', async () => {
      const client = await Client.connect(server.port);
      const names = Array.from({ length: 50 }, (_, i) => [...contents.keys()][(i * 7) % contents.size]);
      client.send(names.map(name => request('GET', `/${way}/${name}`)).join(''));
      for (const name of names) same((await client.reply()).body, contents.get(name) as Buffer, name);
      assert.equal(client.pending, 0);
      client.close();
    });

    test('pipelined requests that arrive in odd pieces, while large files go out', async () => {
      const client = await Client.connect(server.port);
      const text = Array.from({ length: 6 }, (_, i) =>
        request('GET', `/${way}/${i % 2 === 0 ? 'f1000003' : 'small'}`),
      ).join('');
      for (let at = 0; at < text.length; at += 37) {
        client.send(text.slice(at, at + 37));
        await new Promise(resolve => setImmediate(resolve));
      }
      for (let i = 0; i < 6; i++) {
        same((await client.reply()).body, i % 2 === 0 ? (contents.get('f1000003') as Buffer) : small);
      }
      client.close();
    });

    test('HTTP/1.0 closes, unless it is asked to keep the connection', async () => {
      const client = await Client.connect(server.port);
      client.send(`GET /${way}/small HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
      const kept = await client.reply();
      assert.equal(kept.headers.connection, 'keep-alive');
      same(kept.body, small);
      client.send(`GET /${way}/small HTTP/1.0\r\n\r\n`);
      const last = await client.reply();
      assert.equal(last.headers.connection, 'close');
      same(last.body, small);
      assert.equal((await client.rest()).length, 0);
      client.close();
    });

    test('HTTP/0.9 gets the bare file', async () => {
      const client = await Client.connect(server.port);
      client.send(`GET /${way}/f1000003\r\n`);
      same(await client.rest(), contents.get('f1000003') as Buffer);
      client.close();
    });

    test('Connection: close', async () => {
      const client = await Client.connect(server.port);
      const reply = await client.get(`/${way}/small`, 'Connection: close').reply();
      assert.equal(reply.headers.connection, 'close');
      same(reply.body, small);
      assert.equal((await client.rest()).length, 0);
      client.close();
    });

    test('over IPv6 and over a unix socket', async () => {
      const targets: Target[] = [{ host: '::1', port: server.ports[1] }, { path: `${server.dir}/socket` }];
      for (const target of targets) {
        const client = await Client.connect(target);
        for (let i = 0; i < 3; i++) {
          client.get(`/${way}/large`, 'Range: bytes=0-2999999');
          same((await client.reply()).body, large.subarray(0, 3_000_000));
        }
        client.close();
      }
    });
  });
}

test('reuseport: two workers with a socket each, and both serve', async () => {
  const site = {
    main: { worker_processes: '2' },
    listen: ['127.0.0.1:{port} reuseport'],
    http: { log_format: "pid '$pid'", access_log: '{dir}/access.log pid' },
  };
  const two = await TestServer.start(site, { small });
  try {
    const pids = () => new Set(two.accessLog().trim().split('\n'));
    await waitFor('lines of both workers', async () => {
      same((await fetchOnce(two.port, '/small')).body, small);
      return pids().size === 2;
    });
    assert.deepEqual([...pids()].sort(), two.workers().map(String).sort());
  } finally {
    await two.stop();
  }
});

test('a server of one address beside one of all addresses, on one port', async () => {
  const site = {
    listen: ['{port}'],
    httpLines: `
      server { listen 127.0.0.2:{port}; root {root}/special; }
      server { listen 127.0.0.3:{port}; root {root}/special; location / { return 403; } }`,
  };
  const both = await TestServer.start(site, { which: 'all', 'special/which': 'special' });
  try {
    for (const [host, status, text] of [
      ['127.0.0.1', 200, 'all'],
      ['127.0.0.2', 200, 'special'],
      ['127.0.0.4', 200, 'all'],
    ] as const) {
      const reply = await fetchOnce({ host, port: both.port }, '/which');
      assert.deepEqual([reply.status, reply.body.toString()], [status, text], host);
    }
    assert.equal((await fetchOnce({ host: '127.0.0.3', port: both.port }, '/which')).status, 403);
  } finally {
    await both.stop();
  }
});
