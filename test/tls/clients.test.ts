/** Certificates of clients: who gets in, what the others are told, and what a configuration can say of them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { exchange, namedServer, pair, secureFetch, tlsSite } from './support.js';
import { rawClient } from './tunnel.js';

const facts =
  'location = /facts { return 200 "$ssl_client_verify|$ssl_client_s_dn|$ssl_client_i_dn|$ssl_client_serial"; }';
const details =
  'location = /details { return 200 "$ssl_client_fingerprint|$ssl_client_v_start|$ssl_client_v_end|$ssl_client_v_remain|$ssl_client_s_dn_legacy|$ssl_client_escaped_cert|$ssl_client_i_dn_legacy|$ssl_client_sigalg|$ssl_client_raw_cert|$ssl_client_cert"; }';
const small = noise(1000);

describe('client certificates', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;

  before(async () => {
    for (const name of ['server', 'authority', 'stranger']) certificates.selfSigned(name);
    certificates.signed('anna', 'authority').signed('revoked', 'authority').signed('unknown', 'stranger');
    certificates.signed('expired', 'authority', ['20200101000000Z', '20210101000000Z']);
    certificates.signed('early', 'authority', ['20400101000000Z', '20410101000000Z']);
    certificates.signed('between', 'authority', null, 'ec', ['basicConstraints=critical,CA:TRUE']);
    certificates.signed('below', 'between');
    // what a client with such a certificate sends
    writeFileSync(
      certificates.path('below.pem'),
      Buffer.concat([certificates.read('below.pem'), certificates.read('between.pem')]),
    );
    certificates.revoked('authority', 'revoked');
    const ca = `ssl_client_certificate ${certificates.path('authority.pem')};`;
    const own = (name: string, lines: string) =>
      namedServer(`${name}.example`, `${pair(certificates, 'server')} ${lines} ${facts} ${details}`);
    const site = tlsSite(`${pair(certificates, 'server')} ${facts}`, {
      httpLines: [
        own('on', `ssl_verify_client on; ${ca}`),
        own('crl', `ssl_verify_client on; ${ca} ssl_crl ${certificates.path('authority.crl')};`),
        own('optional', `ssl_verify_client optional; ${ca}`),
        own('any', `ssl_verify_client optional_no_ca; ${ca}`),
        own(
          'pages',
          `ssl_verify_client on; ${ca} error_page 497 https://$host$request_uri; error_page 496 =403 /please; location = /please { return 403 "a certificate, please"; }`,
        ),
        own('shallow', `ssl_verify_client on; ${ca} ssl_verify_depth 0;`),
        own(
          'trusted',
          `ssl_verify_client on; ssl_client_certificate ${certificates.path('stranger.pem')}; ssl_trusted_certificate ${certificates.path('authority.pem')};`,
        ),
      ].join(''),
    });
    server = await TestServer.start(site, { small });
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  function as(name: string): ConnectionOptions {
    return name === '' ? {} : { cert: certificates.read(`${name}.pem`), key: certificates.read(`${name}.key`) };
  }

  const bad = /<h1>400 Bad Request<\/h1><\/center>\r\n<center>The SSL certificate error<\/center>/;
  const none = /<h1>400 Bad Request<\/h1><\/center>\r\n<center>No required SSL certificate was sent<\/center>/;

  const cases: [host: string, client: string, status: number, body: RegExp][] = [
    ['on', 'anna', 200, /^SUCCESS\|CN=anna,O=Tests\|CN=authority\|[0-9A-F]+$/],
    ['on', '', 400, none],
    ['on', 'unknown', 400, bad],
    ['on', 'expired', 400, bad],
    ['on', 'early', 400, bad],
    ['on', 'revoked', 200, /^SUCCESS/],
    ['crl', 'anna', 200, /^SUCCESS/],
    ['crl', 'revoked', 400, bad],
    ['crl', 'expired', 400, bad],
    ['optional', '', 200, /^NONE\|\|\|$/],
    ['optional', 'anna', 200, /^SUCCESS/],
    ['optional', 'unknown', 400, bad],
    [
      'any',
      'unknown',
      200,
      /^FAILED:unable to verify the first certificate\|CN=unknown|^FAILED:unable to get local issuer/,
    ],
    ['any', 'expired', 400, bad],
    ['any', '', 200, /^NONE/],
    ['shallow', 'anna', 200, /^SUCCESS/],
    ['shallow', 'below', 400, bad],
    ['on', 'below', 200, /^SUCCESS\|CN=below,O=Tests\|CN=between,O=Tests\|/],
    ['trusted', 'anna', 200, /^SUCCESS/],
    ['trusted', 'unknown', 200, /^SUCCESS/],
    ['optional', 'expired', 400, bad],
  ];
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [host, client, status, body] of cases) {
      test(`${maxVersion}: ${host}: ${client || 'no certificate'} gets ${status}`, async () => {
        const options = { ...as(client), servername: `${host}.example`, maxVersion };
        const reply = await secureFetch(server, '/facts', options, [`Host: ${host}.example`]);
        assert.equal(reply.status, status);
        assert.match(reply.body.toString('latin1'), body);
      });
    }
  }

  test("why is in the error log, in nginx's words", async () => {
    await server.logged('client sent no required SSL certificate while reading client request headers');
    await server.logged(
      'client SSL certificate verify error: (10:certificate has expired) while reading client request',
    );
    await server.logged('client SSL certificate verify error: (23:certificate revoked) while reading client request');
  });

  test('who is asked for a certificate under one name may not go on under another: 421', async () => {
    const options = { ...as('anna'), servername: 'optional.example' };
    const reply = await secureFetch(server, '/facts', options, ['Host: crl.example']);
    assert.equal(reply.status, 421);
    assert.match(reply.body.toString(), /421 Misdirected Request/);
    await server.logged('client attempted to request the server name different from the one that was negotiated');
    assert.equal((await secureFetch(server, '/facts', {}, ['Host: on.example'])).status, 421);
    assert.equal((await secureFetch(server, '/small', options)).status, 200);
  });

  test('error_page has its say: who comes by plain HTTP is sent to HTTPS, who has no certificate to a page', async () => {
    const client = await rawClient(server);
    const plain = await exchange(client, '/facts', ['Host: pages.example']);
    client.close();
    assert.deepEqual([plain.status, plain.headers.location], [302, 'https://pages.example/facts']);
    const none = await secureFetch(server, '/facts', { servername: 'pages.example' }, ['Host: pages.example']);
    assert.deepEqual([none.status, none.body.toString()], [403, 'a certificate, please']);
  });

  test('what is known of the certificate', async () => {
    const options = { ...as('anna'), servername: 'on.example' };
    const { body } = await secureFetch(server, '/details', options, ['Host: on.example']);
    const [fingerprint, start, end, remain, legacy, escaped, issuer, signature, raw, folded] = body
      .toString()
      .split('|');
    const told = certificates.openssl('x509', '-in', 'anna.pem', '-noout', '-fingerprint', '-sha1', '-dates');
    const [print, notBefore, notAfter] = told
      .trim()
      .split('\n')
      .map(line => line.slice(line.indexOf('=') + 1));
    assert.deepEqual([fingerprint, start, end], [print.replaceAll(':', '').toLowerCase(), notBefore, notAfter]);
    assert.ok(remain === '29' || remain === '30', remain);
    assert.deepEqual([legacy, issuer, signature], ['/O=Tests/CN=anna', '/CN=authority', 'ecdsa_secp256r1_sha256']);
    assert.equal(raw, certificates.read('anna.pem').toString());
    assert.equal(folded, raw.trimEnd().replaceAll('\n', '\n\t'));
    assert.equal(decodeURIComponent(escaped), certificates.read('anna.pem').toString());
  });

  test('the server is well, and all of its descriptors came back', () => server.isWell('/small', small));
});
