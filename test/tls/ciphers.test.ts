/** Versions and cipher suites: which are taken by default, of all numbers there are, and what the directives change about it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { choiceFor, handshakeFailure, protocolVersion, suitesTaken } from './hello.js';
import { namedServer, pair, refused, resume, secure, secureFetch, sessionOf, tlsSite } from './support.js';

const small = noise(1000);
const facts = 'location = /facts { return 200 "$ssl_cipher|$ssl_curve|$ssl_ciphers|$ssl_curves|$ssl_sigalg"; }';
const [aes128, aes256] = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];

describe('versions and cipher suites', { skip: missing('openssl') }, () => {
  const certificates = new Certificates().selfSigned('server').selfSigned('rsa', [], 'rsa');
  let server: TestServer;

  before(async () => {
    certificates.openssl(
      ...['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', 'group:ffdhe2048', '-out', 'dh.pem'],
    );
    const both = pair(certificates, 'server') + pair(certificates, 'rsa') + facts;
    const own = (name: string, lines: string) => namedServer(`${name}.example`, both + lines);
    server = await TestServer.start(
      tlsSite(both, {
        httpLines: [
          own('ours', `ssl_ciphers ${aes256}:${aes128}; ssl_prefer_server_ciphers on;`),
          own('theirs', `ssl_ciphers ${aes256}:${aes128};`),
          own('curve', 'ssl_ecdh_curve secp384r1:prime256v1;'),
          own('dh', `ssl_dhparam ${certificates.path('dh.pem')};`),
          own(
            'conf',
            'ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256; ssl_conf_command Options -SessionTicket;',
          ),
        ].join(''),
      }),
      { small },
    );
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  /** A line of `openssl ciphers -V` for each suite, by its number. */
  function known(list: string, ...options: readonly string[]): Map<number, string> {
    const lines = certificates
      .openssl('ciphers', '-V', ...options, list)
      .trimEnd()
      .split('\n');
    return new Map(
      lines.map(line => {
        const [, high, low, what] = /0x(\w\w),0x(\w\w) +- +(.*)/.exec(line) ?? [];
        return [Number.parseInt(high + low, 16), what];
      }),
    );
  }

  const everything = 'ALL:COMPLEMENTOFALL@SECLEVEL=0';
  const TLS12 = 0x0303;
  const TLS13 = 0x0304;

  test('SSLv3, TLS 1.0 and TLS 1.1 are refused', async () => {
    const ciphers = [...known(everything).keys()];
    // SSLv3 has no word for it but that the handshake has failed
    assert.equal((await choiceFor(server, { version: 0x0300, ciphers })).alert, handshakeFailure);
    for (const version of [0x0301, 0x0302]) {
      assert.equal((await choiceFor(server, { version, ciphers })).alert, protocolVersion, `${version}`);
    }
    assert.equal((await choiceFor(server, { version: TLS12, ciphers })).version, TLS12);
  });

  test('TLS 1.2: of all suites, those of HIGH:!aNULL:!MD5 for the certificates are taken, and none is weak', async () => {
    const taken = await suitesTaken(server, TLS12);
    const names = known(everything);
    for (const suite of taken) {
      const what = names.get(suite) ?? assert.fail(`suite ${suite}`);
      assert.doesNotMatch(what, /NULL|EXP|RC[24]|DES|IDEA|SEED|MD5|Au=None|Enc=None|Enc=\w+\((40|56|112)\)/);
      assert.match(what, /Kx=(ECDH|RSA) +Au=(ECDSA|RSA) /);
    }
    const promised = [...known('HIGH:!aNULL:!MD5', '-s', '-tls1_2')].filter(([, what]) =>
      /Kx=(ECDH|RSA) +Au=(ECDSA|RSA) /.test(what),
    );
    assert.deepEqual(taken.sort(), promised.map(([suite]) => suite).sort());
  });

  test('TLS 1.3: its three suites that OpenSSL begins with', async () => {
    assert.deepEqual((await suitesTaken(server, TLS13)).sort(), [0x1301, 0x1302, 0x1303]);
  });

  /** What came of a handshake with a server: cipher, curve, those that were offered, how it was signed. */
  async function agreed(name: string, options: ConnectionOptions): Promise<string[]> {
    const host = `${name}.example`;
    const { body } = await secureFetch(server, '/facts', { servername: host, ...options }, [`Host: ${host}`]);
    return body.toString().split('|');
  }

  test('ssl_prefer_server_ciphers: whose order counts', async () => {
    const options: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: `${aes128}:${aes256}` };
    assert.equal((await agreed('ours', options))[0], aes256);
    assert.equal((await agreed('theirs', options))[0], aes128);
  });

  test('ssl_ecdh_curve: those and no others', async () => {
    assert.equal((await agreed('curve', { ecdhCurve: 'X25519:P-256:P-384' }))[1], 'secp384r1');
    assert.equal((await agreed('curve', { ecdhCurve: 'X25519:P-256' }))[1], 'prime256v1');
    const only = { servername: 'curve.example', ecdhCurve: 'X25519' };
    assert.match(await refused(server, only), /HANDSHAKE_FAILURE/);
  });

  test('ssl_dhparam: with it there is DHE, and without it there is none', async () => {
    const ciphers = 'DHE-RSA-AES128-GCM-SHA256';
    const options: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers };
    const { client, socket } = await secure(server, { ...options, servername: 'dh.example' });
    assert.deepEqual([socket.getCipher().name, socket.getEphemeralKeyInfo()], [ciphers, { type: 'DH', size: 2048 }]);
    client.close();
    assert.match(await refused(server, options), /HANDSHAKE_FAILURE/);
  });

  test('ssl_conf_command: all of them, in OpenSSL', async () => {
    assert.equal((await agreed('conf', {}))[0], 'TLS_CHACHA20_POLY1305_SHA256');
    const { client, socket } = await secure(server, { servername: 'conf.example', maxVersion: 'TLSv1.2' });
    client.close();
    assert.ok(!socket.getTLSTicket());
  });

  test('what the client has offered is known, in its order', async () => {
    const options: ConnectionOptions = {
      maxVersion: 'TLSv1.2',
      ciphers: `${aes256}:${aes128}`,
      ecdhCurve: 'P-384:X25519:P-256',
    };
    const [cipher, curve, ciphers, curves] = await agreed('server', options);
    assert.deepEqual([cipher, curve, curves], [aes256, 'secp384r1', 'secp384r1:X25519:prime256v1']);
    assert.match(ciphers, new RegExp(`^${aes256}:${aes128}(:|$)`));
  });

  test('how this server has signed', async () => {
    const signed = async (options: ConnectionOptions) => (await agreed('server', options))[4];
    const rsa: ConnectionOptions = { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' };
    assert.equal(await signed({ sigalgs: 'ecdsa_secp256r1_sha256' }), 'ecdsa_secp256r1_sha256');
    assert.equal(await signed({ sigalgs: 'rsa_pss_rsae_sha384' }), 'rsa_pss_rsae_sha384');
    assert.equal(await signed({ ...rsa, sigalgs: 'rsa_pkcs1_sha512' }), 'rsa_pkcs1_sha512');
    // a session that is taken up again is not signed
    const { isReused, reply } = await resume(server, await sessionOf(server, '/facts'), '/facts');
    assert.deepEqual([isReused, reply.body.toString().split('|')[4]], [true, '']);
  });

  test('the server is well, and all of its descriptors came back', () => server.isWell('/small', small));
});
