/** `directio`: large files are read past the page cache, and arrive as ever. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Certificates } from '../tls/certificates.js';
import { bothListens, pair, secureFetch } from '../tls/support.js';
import { Client, fetchOnce, request } from './client.js';
import { noise, sha256, TestServer, ways } from './harness.js';

const large = noise(3_000_011, 1);
const small = noise(1000, 2);
/** A file that cannot be read so: a large one of a file system that knows no disk. */
const unread = '/sys/kernel/btf/vmlinux';

const certificates = new Certificates();
let server: TestServer;
before(async () => {
  certificates.selfSigned('site');
  server = await TestServer.start(
    {
      http: { directio: '64k', send_timeout: '10s', open_file_cache: 'max=10 inactive=1h' },
      listen: bothListens,
      server: `${pair(certificates, 'site')}
        location /threads/ { alias {root}/; aio threads; sendfile on; }
        location /cached/ { alias {root}/; directio off; sendfile on; }
        location /uncached/ { alias {root}/; open_file_cache off; directio_alignment 4k; }
        location /kernel/ { alias /sys/kernel/btf/; sendfile on; }`,
    },
    { large, small, 'index.html': 'home' },
  );
  for (const way of ['on', 'threads', 'cached']) {
    await fetchOnce(server.port, `/${way}/large`);
    await fetchOnce(server.port, `/${way}/small`);
  }
  await server.settle();
});
after(async () => {
  await server.stop();
  certificates.remove();
});

for (const way of [...ways, 'threads', 'cached', 'uncached']) {
  describe(`/${way}/`, () => {
    test('whole, in part, in several parts, by HEAD, not modified, and what follows on the connection', async () => {
      const client = await Client.connect(server.port);
      client.get(`/${way}/large`);
      const whole = await client.reply();
      assert.equal(sha256(whole.body), sha256(large));
      for (const [from, to] of [
        [0, 0],
        [511, 512],
        [512, 66_047],
        [4099, 2_900_000],
        [2_999_000, 3_000_010],
      ]) {
        client.get(`/${way}/large`, `Range: bytes=${from}-${to}`);
        const part = await client.reply();
        assert.deepEqual([part.status, sha256(part.body)], [206, sha256(large.subarray(from, to + 1))]);
      }
      client.get(`/${way}/large`, 'Range: bytes=0-99,70000-90001,-5');
      const parts = (await client.reply()).body;
      for (const part of [large.subarray(0, 100), large.subarray(70_000, 90_002), large.subarray(-5)]) {
        assert.ok(parts.includes(part));
      }
      client.send(request('HEAD', `/${way}/large`));
      assert.equal((await client.reply('HEAD')).headers['content-length'], `${large.length}`);
      client.get(`/${way}/large`, `If-None-Match: ${whole.headers.etag}`);
      assert.equal((await client.reply()).status, 304);
      client.get(`/${way}/small`);
      assert.equal(sha256((await client.reply()).body), sha256(small));
      client.close();
    });

    test('over TLS', async () => {
      const { body } = await secureFetch(server, `/${way}/large`);
      assert.equal(sha256(body), sha256(large));
    });

    test('clients that leave take nothing with them', async () => {
      const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(server.port)));
      for (const client of clients) client.get(`/${way}/large`);
      for (const client of clients) client.socket.resetAndDestroy();
      await server.isWell('/on/small', small);
    });
  });
}

test('a file system that does not let it: the error log says so, and the file is sent as ever', {
  skip: existsSync(unread) && statSync(unread).size > 65_536 ? false : `there is no ${unread}`,
}, async () => {
  const { body } = await fetchOnce(server.port, '/kernel/vmlinux');
  assert.equal(sha256(body), sha256(readFileSync(unread)));
  await server.logged(/\[alert\] .* open\(O_DIRECT\) "\/sys\/kernel\/btf\/vmlinux" failed \(22: Invalid argument\)/);
});
