/** What waits, paces and takes bodies does so over TLS as well: `dav`, `limit_rate`, `auth_basic`, `auth_delay`, `add_trailer`. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { request } from '../server/client.js';
import { missing, noise, TestServer, ways } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { pair, secure, secureFetch, tlsSite } from './support.js';

const body = noise(3_000_000, 7);
const file = noise(600_000, 8);

describe('modules over TLS', { skip: missing('openssl') }, () => {
  const certificates = new Certificates().selfSigned('server');
  let server: TestServer;
  before(async () => {
    const lines = `client_max_body_size 0; client_body_timeout 5s;
location /dav/ { dav_methods PUT; create_full_put_path on; }
location /closed/ { alias {root}/; auth_basic x; auth_basic_user_file users; auth_delay 100ms; }
location /trailer/ { alias {root}/; add_trailer X-End $uri; }
${ways.map(way => `location /paced-${way}/ { alias {root}/; sendfile ${way}; limit_rate 400000; }`).join('\n')}`;
    server = await TestServer.start(tlsSite(pair(certificates, 'server') + lines), { file });
    // "secret", by crypt(3)
    writeFileSync(join(server.dir, 'users'), 'anna:$1$saltsalt$9xy1btjgzLYfb7hivXtC//\n');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  test('a body is taken, plain, in chunks, and when it is asked for', async () => {
    const { client } = await secure(server);
    client.send(request('PUT', '/dav/plain', `Content-Length: ${body.length}`)).send(body);
    assert.equal((await client.reply()).status, 201);
    assert.ok(readFileSync(join(server.root, 'dav/plain')).equals(body));
    const half = body.subarray(0, 1_500_000);
    client.send(request('PUT', '/dav/plain', 'Transfer-Encoding: chunked'));
    for (let i = 0; i < 2; i++)
      client
        .send(`${half.length.toString(16)}\r\n`)
        .send(half)
        .send('\r\n');
    client.send('0\r\n\r\n');
    assert.equal((await client.reply()).status, 204);
    assert.ok(readFileSync(join(server.root, 'dav/plain')).equals(Buffer.concat([half, half])));
    client.send(request('PUT', '/dav/asked', 'Content-Length: 3', 'Expect: 100-continue'));
    assert.equal((await client.reply()).status, 100);
    client.send('abc');
    assert.equal((await client.reply()).status, 201);
    client.close();
  });

  test('a response keeps to its rate', async () => {
    await Promise.all(
      ways.map(async way => {
        const begun = performance.now();
        assert.ok((await secureFetch(server, `/paced-${way}/file`)).body.equals(file));
        assert.ok(performance.now() - begun >= 990, way);
      }),
    );
  });

  test('users are asked, slow ones by threads, and refused after a while', async () => {
    const as = (user: string) => [`Authorization: Basic ${Buffer.from(user).toString('base64')}`];
    assert.equal((await secureFetch(server, '/closed/file', {}, as('anna:secret'))).status, 200);
    const begun = performance.now();
    assert.equal((await secureFetch(server, '/closed/file', {}, as('anna:other'))).status, 401);
    assert.ok(performance.now() - begun >= 95);
  });

  test('what stands behind a body comes with it', async () => {
    const { client } = await secure(server);
    client.get('/trailer/file', 'Connection: close');
    const text = (await client.rest()).toString('latin1');
    assert.ok(text.endsWith('\r\n0\r\nX-End: /trailer/file\r\n\r\n'));
    assert.ok(text.includes(`\r\n\r\n${file.length.toString(16)}\r\n${file.toString('latin1')}`));
    client.close();
  });
});
