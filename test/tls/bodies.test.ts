/** What is sent over TLS is what is sent without: files, ranges, several requests of one connection, both ways, both versions. */
import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { fetchOnce, request, stalled, waitFor } from '../server/client.js';
import { missing, noise, sha256, TestServer, ways } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { exchange, pair, secure, secureFetch, tlsSite } from './support.js';
import { record, tunnelled } from './tunnel.js';

const largestRecord = 16 * 1024;
const sizes = [0, 1, largestRecord - 1, largestRecord, largestRecord + 1, 65_536, 65_537, 1_000_003];
const contents = new Map(sizes.map(size => [`f${size}`, noise(size, size)]));
const large = noise(12_000_000, 1);
const small = noise(1000, 2);
const impatient = ways
  .map(way => `location /impatient-${way}/ { alias {root}/; sendfile ${way}; send_timeout 1s; }`)
  .join(' ');

describe('bodies over TLS', { skip: missing('openssl') }, () => {
  const certificates = new Certificates().selfSigned('server');
  let server: TestServer;

  async function start(): Promise<TestServer> {
    const site = tlsSite(pair(certificates, 'server') + impatient, {
      http: {
        log_format: "calls '$request_uri $status $eagain_count $sendfile_calls $ssl_ktls'",
        access_log: '{dir}/access.log calls',
      },
      listen: ['127.0.0.1:{port}', '127.0.0.1:{port2} ssl sndbuf=128k'],
    });
    const started = await TestServer.start(site, { ...Object.fromEntries(contents), large, small });
    await started.settle('/small');
    return started;
  }
  before(async () => {
    server = await start();
  });
  beforeEach(async () => {
    if (!server.isRunning) {
      await server.stop();
      server = await start();
    }
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  function same(got: Buffer, wanted: Buffer, what = ''): void {
    assert.equal(got.length, wanted.length, what);
    assert.equal(sha256(got), sha256(wanted), what);
  }

  for (const way of ways) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options: ConnectionOptions = { maxVersion };

      test(`sendfile ${way}, ${maxVersion}: files of all sizes and their HEAD, over one connection`, async () => {
        const { client } = await secure(server, options);
        for (const [name, content] of contents) {
          const path = `/${way}/${name}`;
          const got = await exchange(client, path);
          assert.equal(got.status, 200);
          same(got.body, content, name);
          const head = await exchange(client, path, [], 'HEAD');
          assert.equal(head.headers['content-length'], `${content.length}`);
        }
        client.close();
      });

      test(`sendfile ${way}, ${maxVersion}: ranges, and what has not changed`, async () => {
        const { client } = await secure(server, options);
        const path = `/${way}/large`;
        const part = await exchange(client, path, ['Range: bytes=1000000-3999999']);
        assert.equal(part.status, 206);
        same(part.body, large.subarray(1_000_000, 4_000_000));
        const several = await exchange(client, path, ['Range: bytes=0-9,100000-199999,-5']);
        const plain = await fetchOnce(server.port, path, ['Range: bytes=0-9,100000-199999,-5']);
        assert.equal(several.body.length, plain.body.length);
        assert.ok(several.body.includes(large.subarray(100_000, 200_000)));
        const { headers } = await exchange(client, path, [], 'HEAD');
        const unchanged = await exchange(client, path, [`If-None-Match: ${headers.etag}`]);
        assert.equal(unchanged.status, 304);
        client.close();
      });

      test(`sendfile ${way}, ${maxVersion}: a slow reader gets all of it`, async () => {
        const { client, socket } = await secure(server, options);
        socket.pause();
        client.get(`/${way}/large`);
        await stalled(client);
        socket.resume();
        same((await client.reply()).body, large);
        const line = await waitFor('a line of the log', () =>
          /\/large 200 (\d+) .*/.exec(server.accessLog().trimEnd().split('\n').at(-1) ?? ''),
        );
        assert.ok(Number(line[1]) > 0, line[0]);
        client.close();
      });
    }

    test(`sendfile ${way}: one that takes nothing is timed out`, async () => {
      const { client, socket } = await secure(server);
      socket.pause();
      client.get(`/impatient-${way}/large`);
      await server.logged(/client timed out \(110: .*\) while sending response to client/);
      socket.resume();
      assert.ok((await client.rest()).length < large.length);
      client.close();
    });

    test(`sendfile ${way}: a file that is cut short ends the connection without a goodbye`, async () => {
      const path = server.put('cut', noise(12_000_000, 5));
      const { client, socket, tunnel } = await tunnelled(server, { maxVersion: 'TLSv1.2' });
      socket.pause();
      client.get(`/${way}/cut`);
      await waitFor('the answer begins', () => tunnel.records.length > 10);
      truncateSync(path, 1_000_000);
      socket.resume();
      await client.rest();
      assert.equal(tunnel.records.at(-1), record.data);
      await server.logged(`/cut" was truncated at`);
    });

    for (const signal of ['SIGQUIT', 'SIGHUP'] as const) {
      test(`sendfile ${way}: ${signal} finishes a download`, async () => {
        const { client, socket } = await secure(server);
        socket.pause();
        client.get(`/${way}/large`);
        await stalled(client);
        const before = server.workers();
        server.signal(signal);
        if (signal === 'SIGHUP')
          await waitFor('new workers', () => server.workers().some(pid => !before.includes(pid)));
        const another = secureFetch(server, `/${way}/small`).then(
          reply => reply.status,
          () => 0,
        );
        socket.resume();
        same((await client.reply()).body, large);
        client.close();
        if (signal === 'SIGQUIT') assert.equal(await server.ended(), 0);
        else {
          assert.equal(await another, 200);
          await waitFor('the old worker leaves', () => server.workers().every(pid => !before.includes(pid)));
        }
      });
    }

    test(`sendfile ${way}: pipelined requests, bodies that are dropped, and an answer to each`, async () => {
      const { client } = await secure(server);
      const post = request('POST', `/${way}/small`, 'Content-Length: 100000');
      const gets = Array.from({ length: 20 }, () => request('GET', `/${way}/f65537`)).join('');
      client.send(`${post}${'x'.repeat(100_000)}${gets}${request('GET', `/${way}/small`, 'Connection: close')}`);
      assert.equal((await client.reply()).status, 405);
      for (let i = 0; i < 20; i++) same((await client.reply()).body, contents.get('f65537')!);
      same((await client.reply()).body, small);
      await client.until('the close', () => client.isClosed);
      assert.equal(client.pending, 0);
      client.close();
    });

    test(`sendfile ${way}: a large body that nobody reads does not cost the answer`, async () => {
      const { client } = await secure(server);
      client.send(request('POST', `/${way}/small`, 'Content-Length: 5000000', 'Connection: close'));
      client.send(Buffer.alloc(5_000_000));
      assert.equal((await client.reply()).status, 413);
      await client.until('the close', () => client.isClosed);
      client.close();
    });
  }

  test('the last word is close_notify', async () => {
    const { client, tunnel } = await tunnelled(server, { maxVersion: 'TLSv1.2' });
    client.get('/on/small', 'Connection: close');
    same((await client.reply()).body, small);
    await client.until('the close', () => client.isClosed);
    assert.equal(tunnel.records.at(-1), record.alert);
    // a head and its file are one record
    assert.equal(tunnel.records.filter(type => type === record.data).length, 1);
  });

  test('a client that has closed its side gets the whole answer', async () => {
    for (const way of ways) {
      const { client, socket } = await secure(server, { allowHalfOpen: true } as ConnectionOptions);
      client.get(`/${way}/large`);
      socket.end();
      same((await client.reply()).body, large);
      client.close();
    }
  });

  test('the server is well, and all of its descriptors came back', () => server.isWell('/small', small));
});
