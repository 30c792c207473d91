/** What clients send that they should not, and what they do not do that they should. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Client, fetchOnce, request, stalled, taken, waitFor } from './client.js';
import { noise, TestServer, ways } from './harness.js';

const file = noise(50_000, 5);
const large = noise(8_000_000, 6);
const secret = 'nobody may see this';
const connectionLimit = 64;

let server: TestServer;
before(async () => {
  const site = {
    events: { worker_connections: `${connectionLimit}` },
    http: { client_max_body_size: '10k' },
    listen: ['127.0.0.1:{port} sndbuf=128k'],
  };
  server = await TestServer.start(site, { file, large, 'index.html': 'home', '../secret': secret, 'folder/x': 'x' });
  await server.settle('/on/file');
});
after(() => server.stop());
afterEach(() => server.isWell('/on/file', file));

/** Sends bytes over a connection of their own, and gives all that comes until the server closes it. */
async function converse(bytes: string | Buffer): Promise<string> {
  const client = await Client.connect(server.port);
  client.send(bytes);
  const all = await client.rest();
  client.close();
  return all.toString('latin1');
}

/** The statuses of all responses in a conversation. */
function statuses(conversation: string): number[] {
  return [...conversation.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(match => Number(match[1]));
}

describe('heads', () => {
  test('64 KB of random bytes', async () => {
    for (let seed = 100; seed < 110; seed++) {
      const found = statuses(await converse(noise(65_536, seed)));
      assert.ok(found.length <= 1 && found.every(status => status === 400 || status === 414), `${found}`);
    }
  });

  test('a header of 1 MB, and a megabyte of small ones', async () => {
    const long = `GET /on/file HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`;
    const many = `GET /on/file HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(170_000)}\r\n`;
    for (const text of [long, many]) {
      const answer = await converse(text);
      assert.deepEqual(statuses(answer), [400]);
      assert.match(answer, /Request Header Or Cookie Too Large/);
    }
    assert.deepEqual(statuses(await converse(`GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\n\r\n`)), [414]);
  });

  const broken: [string, string][] = [
    ['NUL in the path', 'GET /on/file\0 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['NUL encoded', 'GET /on/file%00 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['NUL in a header', 'GET /on/file HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['bare CR in a header', 'GET /on/file HTTP/1.1\r\nHost: a\r\nX: a\rb: c\r\n\r\n'],
    ['no Host', 'GET /on/file HTTP/1.1\r\n\r\n'],
    ['two Hosts', 'GET /on/file HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['no version number', 'GET /on/file HTTP/x\r\nHost: a\r\n\r\n'],
    ['lower-case method', 'get /on/file HTTP/1.1\r\nHost: a\r\n\r\n'],
    [
      'Content-Length and Transfer-Encoding',
      'GET /on/file HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two Content-Lengths', 'GET /on/file HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ...['-1', '+5', '5x', '0x5', 'five', '', '5 5', '5,5', '18446744073709551621', '9223372036854775808'].map(
      (value): [string, string] => [
        `Content-Length "${value}"`,
        `GET /on/file HTTP/1.1\r\nHost: a\r\nContent-Length: ${value}\r\n\r\n`,
      ],
    ),
  ];
  for (const [name, text] of broken) {
    test(`${name}: 400 and the end`, async () => {
      // what follows must not pass for a second request
      assert.deepEqual(statuses(await converse(text + request('GET', '/on/file'))), [400]);
    });
  }

  test('a coding that is not known: 501', async () => {
    const text = 'GET /on/file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n';
    assert.deepEqual(statuses(await converse(text + request('GET', '/on/file'))), [501]);
  });

  test('a folded line is no header of its own', async () => {
    const text = request('GET', '/on/file', 'X: a', ' Range: bytes=0-0', 'Connection: close');
    const answer = statuses(await converse(text));
    assert.ok(answer.length === 1 && (answer[0] === 400 || answer[0] === 200), `${answer}`);
  });
});

describe('paths out of the root', () => {
  const up = [
    '..',
    '%2e%2e',
    '%2E%2E',
    '.%2e',
    '%2e.',
    '%252e%252e',
    '%c0%ae%c0%ae',
    '%e0%80%ae%e0%80%ae',
    '%uff0e%uff0e',
  ];
  const slashes = ['/', '%2f', '%2F', '\\', '%5c', '%c0%af', '%252f', '//'];
  const prefixes = ['/', '/on/', '/off/', '/folder/', '/on', '//', '/on/folder/../'];

  test('no answer holds the secret', async () => {
    const targets = prefixes.flatMap(prefix =>
      up.flatMap(dots =>
        slashes.flatMap(slash => [1, 2, 3].map(depth => `${prefix}${`${dots}${slash}`.repeat(depth)}secret`)),
      ),
    );
    targets.push(
      '/on/..;/secret',
      '/on../secret',
      '/on/%2e%2e%00/secret',
      '/folder/..%00/..%00/secret',
      'http://a/../secret',
    );
    const statusCounts = new Map<number, number>();
    let client = await Client.connect(server.port);
    for (const target of targets) {
      const reply = await client.get(target).reply();
      const text = reply.body.toString('latin1') + JSON.stringify(reply.headers);
      assert.ok(!text.includes(secret), target);
      assert.ok([400, 403, 404].includes(reply.status), `${target}: ${reply.status}`);
      statusCounts.set(reply.status, (statusCounts.get(reply.status) ?? 0) + 1);
      if (reply.headers.connection === 'close') {
        client.close();
        client = await Client.connect(server.port);
      }
    }
    client.close();
    assert.ok(
      (statusCounts.get(400) ?? 0) > 50 && (statusCounts.get(404) ?? 0) > 50,
      JSON.stringify([...statusCounts]),
    );
  });
});

for (const way of ways) {
  describe(`sendfile ${way}`, () => {
    test('ranges that make no sense are ignored or refused', async () => {
      const cases: [string, number][] = [
        ['bytes=-0', 416],
        ['bytes=5-2', 416],
        ['bytes=--5', 416],
        ['bytes=-', 416],
        ['bytes=a-b', 416],
        ['bytes=0-9223372036854775806', 206],
        ['bytes=0-99999999999999999999', 416],
        ['bytes=99999999999999999999-', 416],
        ['bytes=9223372036854775807-9223372036854775808', 416],
        ['bytes=18446744073709551616-18446744073709551617', 416],
        ['bytes=-18446744073709551617', 416],
        ['lines=0-5', 200],
      ];
      for (const [range, status] of cases) {
        const reply = await fetchOnce(server.port, `/${way}/file`, [`Range: ${range}`]);
        assert.equal(reply.status, status, range);
        if (status === 416) assert.equal(reply.headers['content-range'], `bytes */${file.length}`);
        if (status === 206) assert.ok(reply.body.equals(file));
      }
    });

    test('1,000 ranges', async () => {
      const list = (count: number, more: number) =>
        Array.from({ length: count }, (_, i) => `${i}-${i + more}`).join(',');
      const parts = await fetchOnce(server.port, `/${way}/file`, [`Range: bytes=${list(1000, 0)}`]);
      assert.equal(parts.status, 206);
      assert.equal(parts.body.toString('latin1').split('Content-Range: ').length - 1, 1000);
      // more bytes than the file has: nobody needs that (RFC 9110 section 14.2)
      const whole = await fetchOnce(server.port, `/${way}/file`, [`Range: bytes=${list(900, 100)}`]);
      assert.ok(whole.status === 200 && whole.body.equals(file));
    });

    test('a client that never reads is let go after send_timeout', async () => {
      const clients = await Promise.all(Array.from({ length: 5 }, () => Client.connect(server.port, false)));
      for (const client of clients) client.get(`/${way}/large?never-read`);
      const timeouts = new RegExp(
        `timed out .* while sending response to client, .*"GET /${way}/large.never-read`,
        'g',
      );
      await waitFor('a line for each', () => server.errorLog().match(timeouts)?.length === clients.length);
      // the clients are still there: that the descriptors are back is not their doing
      await server.isWell(`/${way}/file`, file);
      for (const client of clients) client.close();
    });

    test('a client that closes its side after the request gets the whole answer', async () => {
      const client = await Client.connect(server.port);
      client.get(`/${way}/large`);
      client.socket.end();
      assert.ok((await client.reply()).body.equals(large));
      // it has said that nothing more will come: keepalive_timeout, 5 s, is not waited for
      await client.rest(2500);
      client.close();
    });

    test('a reset in the middle of a download', async () => {
      for (let i = 0; i < 10; i++) {
        const client = await Client.connect(server.port);
        client.get(`/${way}/large`);
        await client.until('the first bytes', () => client.pending > 0);
        client.socket.resetAndDestroy();
      }
      await server.logged(/\((104: Connection reset by peer|32: Broken pipe)\) while sending response to client/);
    });

    test('bodies on GET: the next request is found behind them', async () => {
      const chunked = '4\r\nGET \r\n5;x=y\r\n/file\r\n0\r\nTrailer: x\r\n\r\n';
      const client = await Client.connect(server.port);
      const next = request('GET', `/${way}/file`);
      client.send(request('GET', `/${way}/file`, 'Content-Length: 9000') + 'x'.repeat(9000) + next);
      client.send(request('GET', `/${way}/file`, 'Transfer-Encoding: chunked') + chunked + next);
      for (let i = 0; i < 4; i++) assert.ok((await client.reply()).body.equals(file));
      // and one whose body comes after the answer, byte by byte
      client.send(request('GET', `/${way}/large`, 'Transfer-Encoding: chunked'));
      assert.ok((await client.reply()).body.equals(large));
      for (const byte of chunked + next) client.send(byte);
      assert.ok((await client.reply()).body.equals(file));
      assert.deepEqual([client.pending, client.isClosed], [0, false]);
      client.close();
    });

    test('Expect: 100-continue', async () => {
      const client = await Client.connect(server.port);
      client.send(request('GET', `/${way}/file`, 'Expect: 100-continue', 'Content-Length: 5'));
      assert.equal((await client.reply()).status, 100);
      assert.ok((await client.reply()).body.equals(file));
      client.send(`hello${request('GET', `/${way}/file`)}`);
      assert.ok((await client.reply()).body.equals(file));
      client.close();
    });
  });
}

describe('bodies', () => {
  test('one that is too large: 413, although the client sends on', async () => {
    const client = await Client.connect(server.port);
    client.send(request('POST', '/on/file', `Content-Length: ${large.length}`)).send(large.subarray(0, 500_000));
    const reply = await client.reply();
    assert.deepEqual([reply.status, reply.headers.connection], [413, 'close']);
    await client.rest();
    client.close();
  });

  test('POST to a file: 405, and the connection lives', async () => {
    const client = await Client.connect(server.port);
    client.send(`${request('POST', '/on/file', 'Content-Length: 5')}hello${request('GET', '/on/file')}`);
    assert.equal((await client.reply()).status, 405);
    assert.ok((await client.reply()).body.equals(file));
    client.close();
  });

  test('a chunk size that is none: the connection ends', async () => {
    const found = statuses(
      await converse(`${request('GET', '/on/file', 'Transfer-Encoding: chunked')}zz\r\n${request('GET', '/on/file')}`),
    );
    assert.ok(found.length === 1, `${found}`);
  });

  test('a body that never comes', async () => {
    const client = await Client.connect(server.port);
    client.send(request('GET', '/on/file', 'Content-Length: 100'));
    assert.ok((await client.reply()).body.equals(file));
    await client.rest();
    client.close();
  });
});

describe('time and numbers', () => {
  test('one byte at a time, and never to the end: closed by client_header_timeout', async () => {
    const client = await Client.connect(server.port);
    const began = performance.now();
    const text = request('GET', '/on/file', `X: ${'x'.repeat(500)}`);
    for (let at = 0; at < text.length - 1 && !client.isClosed; at++) {
      client.send(text[at]);
      await client.until('the close', () => client.isClosed, 20).catch(() => {});
    }
    const took = performance.now() - began;
    assert.ok(client.isClosed && took > 900 && took < 2500, `${took} ms`);
    assert.equal((await client.rest()).length, 0);
    client.close();
    await server.logged(/client timed out \(110: Connection timed out\) while reading client request headers/);
    await waitFor('status 408 in the access log', () => / 408 0 /.test(server.accessLog()));
  });

  test('500 connections that say nothing: the oldest give way', async () => {
    const clients: Client[] = [];
    for (let i = 0; i < 500; i++) {
      clients.push(await Client.connect(server.port));
      if (i % 100 === 99) assert.equal((await fetchOnce(server.port, '/on/file')).status, 200);
    }
    assert.ok(server.descriptors() < connectionLimit + 40);
    await waitFor('most were closed', () => clients.filter(client => client.isClosed).length > 500 - connectionLimit);
    for (const client of clients) client.close();
  });

  test('connections that have begun a head fill the house: new ones are refused, with a line in the log', async () => {
    // time enough for all of them to begin, however busy the machine is
    const http = { client_header_timeout: '60s' };
    const full = await TestServer.start({ http, events: { worker_connections: '100' } }, { file });
    const clients: Client[] = [];
    try {
      for (let i = 0; i < 110; i++) {
        const client = await Client.connect(full.port);
        clients.push(client.send('GET / HT'));
        // before that it counts as idle, and would give way
        await taken(client);
      }
      await full.logged('worker_connections are not enough');
      for (const client of clients) client.close();
      await waitFor('requests are served again', () =>
        fetchOnce(full.port, '/on/file').then(
          reply => reply.status === 200,
          () => false,
        ),
      );
    } finally {
      for (const client of clients) client.close();
      await full.stop();
    }
  });

  test('clients that read a little and wait, beside one that does not', async () => {
    const slow = await Promise.all(Array.from({ length: 20 }, () => Client.connect(server.port, false)));
    for (const client of slow) client.get('/off/large');
    await stalled(slow[0]);
    for (let i = 0; i < 20; i++) assert.ok((await fetchOnce(server.port, '/off/file')).body.equals(file));
    for (const client of slow) client.close();
  });
});
