/** What server and client agree on: versions, ciphers, protocols above, and the server that a client names. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { certificateShown, namedServer, pair, refused, secure, secureFetch, stapleShown, tlsSite } from './support.js';

const body = noise(3000);
const files = { small: body };
const facts =
  'return 200 "$ssl_protocol|$ssl_cipher|$ssl_server_name|$ssl_session_reused|$ssl_ktls|$scheme|$https|$ssl_alpn_protocol|$ssl_curve";';

describe('the handshake', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;

  before(async () => {
    for (const name of ['default', 'exact', 'wild', 'old']) certificates.selfSigned(name);
    certificates.selfSigned('rsa', [], 'rsa');
    certificates.selfSigned('authority').signed('stapled', 'authority').stapled('stapled', 'authority');
    const site = tlsSite(
      `${pair(certificates, 'default')}${pair(certificates, 'rsa')} location = /facts { ${facts} } ssl_prefer_server_ciphers on;`,
      {
        httpLines: [
          namedServer('exact.example', pair(certificates, 'exact')),
          namedServer('*.wild.example', pair(certificates, 'wild')),
          namedServer(
            'stapled.example',
            `${pair(certificates, 'stapled')} ssl_stapling on; ssl_stapling_file ${certificates.path('stapled.ocsp')};`,
          ),
          namedServer('no.example', 'ssl_reject_handshake on;'),
          namedServer('nothing.example', 'location = /facts { return 200 nothing; }'),
          namedServer(
            'old.example',
            `${pair(certificates, 'old')} ssl_protocols TLSv1 TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0; location = /facts { ${facts} }`,
          ),
        ].join(''),
      },
    );
    server = await TestServer.start(site, files);
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  const only = (version: 'TLSv1.2' | 'TLSv1.3'): ConnectionOptions => ({ minVersion: version, maxVersion: version });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${version} is spoken`, async () => {
      const { body } = await secureFetch(server, '/facts', { ...only(version), servername: 'test.local' });
      const [protocol, cipher, name, reused, ktls, scheme, https] = body.toString().split('|');
      assert.deepEqual([protocol, name, reused, scheme, https], [version, 'test.local', '.', 'https', 'on']);
      assert.match(cipher, /GCM|CHACHA20/);
      assert.match(ktls, /^o(n|ff)$/);
    });
  }

  test('older versions are not, unless a server asks for them; versions are by server', async () => {
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    assert.match(await refused(server, old), /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION/);
    await server.logged('SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol');
    const { body } = await secureFetch(server, '/facts', { ...old, servername: 'old.example' }, ['Host: old.example']);
    assert.match(body.toString(), /^TLSv1\.1\|/);
    assert.match(await refused(server, { servername: 'old.example' }), /ALERT_PROTOCOL_VERSION/);
  });

  test('each kind of key has its certificate', async () => {
    const shown = (ciphers: string) => certificateShown(server, { ...only('TLSv1.2'), ciphers });
    assert.equal(await shown('ECDHE-ECDSA-AES128-GCM-SHA256'), 'default');
    assert.equal(await shown('ECDHE-RSA-AES128-GCM-SHA256'), 'rsa');
  });

  test('weak ciphers are refused', async () => {
    for (const ciphers of ['aNULL:@SECLEVEL=0', 'eNULL:@SECLEVEL=0', 'AECDH-NULL-SHA:@SECLEVEL=0', 'PSK']) {
      assert.match(
        await refused(server, { ...only('TLSv1.2'), ciphers }),
        /HANDSHAKE_FAILURE|NO_CIPHERS|NO_SHARED_CIPHER|PSK/,
        ciphers,
      );
    }
  });

  const names: [servername: string, certificate: string][] = [
    ['exact.example', 'exact'],
    ['EXACT.example', 'exact'],
    ['a.wild.example', 'wild'],
    ['a.b.wild.example', 'wild'],
    ['wild.example', 'default'],
    ['unknown.example', 'default'],
    ['nothing.example', 'default'],
    ['', 'default'],
  ];
  for (const [servername, certificate] of names) {
    test(`for "${servername}" the certificate of ${certificate} is shown`, async () => {
      assert.equal(await certificateShown(server, { servername }), certificate);
    });
  }

  test('ssl_reject_handshake: for that name alone', async () => {
    assert.match(await refused(server, { servername: 'no.example' }), /UNRECOGNIZED_NAME/);
    assert.equal((await secureFetch(server, '/small', { servername: 'exact.example' })).status, 200);
  });

  test('ssl_reject_handshake for all but those that are known', async () => {
    const site = tlsSite('', {
      listen: ['127.0.0.1:{port}'],
      httpLines:
        'server { listen 127.0.0.1:{port2} ssl default_server; ssl_reject_handshake on; }' +
        namedServer('exact.example', pair(certificates, 'exact')),
    });
    const other = await TestServer.start(site, files);
    try {
      for (const servername of ['', 'unknown.example']) {
        assert.match(await refused(other, { servername }), /UNRECOGNIZED_NAME/);
      }
      assert.equal(await certificateShown(other, { servername: 'exact.example' }), 'exact');
    } finally {
      await other.stop();
    }
  });

  test('the request may name another server than the handshake did', async () => {
    const answer = await secureFetch(server, '/facts', { servername: 'exact.example' }, ['Host: nothing.example']);
    assert.equal(answer.body.toString(), 'nothing');
  });

  test('ALPN: http/1.1 is chosen, h2 alone is refused, and who offers nothing gets HTTP/1.1', async () => {
    for (const ALPNProtocols of [['http/1.1'], ['h2', 'http/1.1'], ['http/1.0', 'spdy/3', 'http/1.1']]) {
      const { socket, client } = await secure(server, { ALPNProtocols });
      client.close();
      assert.equal(socket.alpnProtocol, 'http/1.1');
    }
    assert.match(await refused(server, { ALPNProtocols: ['h2'] }), /NO_APPLICATION_PROTOCOL/);
    const { body } = await secureFetch(server, '/facts', { ALPNProtocols: ['http/1.1'] });
    assert.equal(body.toString().split('|')[7], 'http/1.1');
    const none = await secureFetch(server, '/facts');
    assert.equal(none.body.toString().split('|')[7], '');
  });

  test('an OCSP response is stapled for who asks, under the name that has one', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      assert.deepEqual(await stapleShown(server, 'stapled.example', version), certificates.read('stapled.ocsp'));
      assert.equal(await stapleShown(server, 'exact.example', version), null);
    }
  });

  test('the curve that was agreed on', async () => {
    const { body } = await secureFetch(server, '/facts', { ecdhCurve: 'P-384' });
    assert.equal(body.toString().split('|')[8], 'secp384r1');
  });

  test('the server is well, and all of its descriptors came back', () => server.isWell('/small', body));
});
