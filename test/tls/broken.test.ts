/** Certificates and keys that cannot be used: `-t`, a start and a reload say so in nginx's shape, and a running server goes on. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Bench } from '../cli/program.js';
import { waitFor } from '../server/client.js';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { certificateShown, pair, secureFetch, tlsSite } from './support.js';

const small = noise(1000);

describe('certificates that cannot be used', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let bench: Bench;
  let server: TestServer;

  before(async () => {
    certificates.selfSigned('server').selfSigned('other').selfSigned('next');
    const { folder } = certificates;
    certificates.openssl('ec', '-in', 'server.key', '-aes256', '-passout', 'pass:secret', '-out', 'locked.key');
    writeFileSync(`${folder}/passwords`, 'wrong\nsecret\n');
    writeFileSync(`${folder}/wrong-passwords`, 'wrong\nalso wrong\n');
    writeFileSync(`${folder}/broken.pem`, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    writeFileSync(`${folder}/empty.pem`, '');
    writeFileSync(`${folder}/short.key`, 'short');
    bench = new Bench();
    server = await TestServer.start(tlsSite(pair(certificates, 'server')), { small });
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    await bench.clean();
    certificates.remove();
  });

  function of(certificate: string, key: string, rest = ''): string {
    const { folder } = certificates;
    return `ssl_certificate ${folder}/${certificate}; ssl_certificate_key ${folder}/${key}; ${rest.replaceAll('{certs}', folder)}`;
  }

  const cases: [what: string, lines: () => string, message: RegExp][] = [
    [
      'a certificate that is missing',
      () => of('none.pem', 'server.key'),
      /cannot load certificate "\S+\/none\.pem": \S+ failed \(SSL: error:80000002:system library::No such file or directory:calling fopen\(\S+\/none\.pem, r\)/,
    ],
    [
      'a key that is missing',
      () => of('server.pem', 'none.key'),
      /cannot load certificate key "\S+\/none\.key": BIO_new_file\(\) failed \(SSL: error:80000002:system library::No such file or directory:calling fopen\(\S+\/none\.key, r\) error:10000080:BIO routines::no such file\)/,
    ],
    [
      'a certificate that is broken',
      () => of('broken.pem', 'server.key'),
      /cannot load certificate "\S+": .* failed \(SSL: error:/,
    ],
    [
      'a certificate that is empty',
      () => of('empty.pem', 'server.key'),
      /cannot load certificate "\S+": .*PEM routines::no start line/,
    ],
    [
      'a key that is none',
      () => of('server.pem', 'server.pem'),
      /cannot load certificate key "\S+": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:/,
    ],
    [
      'the key of another certificate',
      () => of('server.pem', 'other.key'),
      /SSL_CTX_use_PrivateKey\("\S+\/other\.key"\) failed \(SSL: error:0[0-9A-F]{7}:x509 certificate routines::key values mismatch\)/,
    ],
    [
      'an encrypted key without its password',
      () => of('server.pem', 'locked.key'),
      /cannot load certificate key "\S+": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:/,
    ],
    [
      'an encrypted key with wrong ones',
      () => of('server.pem', 'locked.key', 'ssl_password_file {certs}/wrong-passwords;'),
      /cannot load certificate key "\S+": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:/,
    ],
    ['no certificate', () => '', /no "ssl_certificate" is defined for the "listen \.\.\. ssl" directive in \S+:\d+/],
    [
      'no key',
      () => `ssl_certificate ${certificates.path('server.pem')};`,
      /no "ssl_certificate_key" is defined for certificate "\S+\/server\.pem"/,
    ],
    [
      'ciphers that are none',
      () => of('server.pem', 'server.key', 'ssl_ciphers nonsense;'),
      /SSL_CTX_set_cipher_list\("nonsense"\) failed \(SSL: error:0A0000B9:SSL routines::no cipher match\)/,
    ],
    [
      'a curve that is none',
      () => of('server.pem', 'server.key', 'ssl_ecdh_curve nonsense;'),
      /SSL_CTX_set1_curves_list\("nonsense"\) failed/,
    ],
    [
      'parameters that are none',
      () => of('server.pem', 'server.key', 'ssl_dhparam {certs}/empty.pem;'),
      /PEM_read_bio_DHparams\("\S+"\) failed \(SSL: error:/,
    ],
    [
      'a command that is none',
      () => of('server.pem', 'server.key', 'ssl_conf_command Nonsense 1;'),
      /SSL_CONF_cmd\("Nonsense", "1"\) failed \(SSL: error:/,
    ],
    [
      'a ticket key of the wrong size',
      () => of('server.pem', 'server.key', 'ssl_session_ticket_key {certs}/short.key;'),
      /"\S+\/short\.key" must be 48 or 80 bytes/,
    ],
    [
      'clients to be verified by nobody',
      () => of('server.pem', 'server.key', 'ssl_verify_client on;'),
      /no ssl_client_certificate for ssl_verify_client/,
    ],
    [
      'authorities that are missing',
      () => of('server.pem', 'server.key', 'ssl_verify_client on; ssl_client_certificate {certs}/none.pem;'),
      /SSL_CTX_load_verify_locations\("\S+\/none\.pem"\) failed \(SSL: error:80000002:system library::No such file/,
    ],
    [
      'a list of revoked ones that is none',
      () =>
        of(
          'server.pem',
          'server.key',
          'ssl_verify_client on; ssl_client_certificate {certs}/server.pem; ssl_crl {certs}/server.pem;',
        ),
      /X509_LOOKUP_load_file\("\S+"\) failed/,
    ],
    [
      'a list of revoked ones that is missing',
      () =>
        of(
          'server.pem',
          'server.key',
          'ssl_verify_client on; ssl_client_certificate {certs}/server.pem; ssl_crl {certs}/none.crl;',
        ),
      /X509_LOOKUP_load_file\("\S+\/none\.crl"\) failed \(SSL: error:80000002:system library::No such file/,
    ],
    [
      'a zone that is too small',
      () => of('server.pem', 'server.key', 'ssl_session_cache shared:a:1k;'),
      /session cache "shared:a:1k" is too small in \S+:\d+/,
    ],
    [
      'a zone with two sizes',
      () =>
        of(
          'server.pem',
          'server.key',
          'ssl_session_cache shared:a:1m; listen {port3}; } server { listen 127.0.0.1:{port2} ssl; server_name b; ssl_certificate {certs}/server.pem; ssl_certificate_key {certs}/server.key; ssl_session_cache shared:a:2m;',
        ),
      /the size 2097152 of shared memory zone "a" conflicts with already declared size 1048576 in \S+:\d+/,
    ],
    ['a version that is gone', () => of('server.pem', 'server.key', 'ssl_protocols SSLv3;'), /SSLv3/],
    [
      'a staple that is none',
      () => of('server.pem', 'server.key', 'ssl_stapling on; ssl_stapling_file {certs}/server.pem;'),
      /d2i_OCSP_RESPONSE_bio\("\S+"\) failed/,
    ],
  ];

  for (const [what, lines, message] of cases) {
    test(`${what}: a reload says so, and the old configuration stays`, async () => {
      const before = server.errorLog().length;
      server.configure(tlsSite(lines()));
      server.signal('SIGHUP');
      const found = () => server.errorLog().slice(before);
      await waitFor(`${message} in the error log`, () => /\[emerg\].*\n/.test(found()));
      assert.match(found(), message);
      assert.equal(await certificateShown(server), 'server');
    });
  }

  for (const [what, lines, message] of cases.slice(0, 2)) {
    test(`${what}: -t, in nginx's shape`, async () => {
      const text = `events {} http { server { listen 127.0.0.1:${server.ports[2]} ssl; ${lines()} } }`;
      bench.write('conf/test.conf', text);
      const { code, stderr } = await bench.run(['-t', '-c', `${bench.folder}conf/test.conf`]);
      assert.equal(code, 1);
      const [first, second, end] = stderr.split('\n');
      assert.match(first, /^zerocopy: \[emerg\] /);
      assert.match(first, message);
      assert.match(second, /^zerocopy: configuration file \S+test\.conf test failed$/);
      assert.equal(end, '');
    });
  }

  test('a key that may not be read, for who is not root', {
    skip: process.getuid?.() === 0 ? false : 'needs root',
  }, async () => {
    // root reads everything: what is tested is that workers read keys before they give up their rights
    certificates.selfSigned('private');
    chmodSync(certificates.path('private.key'), 0o600);
    const other = await TestServer.start(tlsSite(pair(certificates, 'private'), { main: { user: 'nobody nogroup' } }), {
      small,
    });
    try {
      assert.equal(await certificateShown(other), 'private');
    } finally {
      await other.stop();
    }
  });

  test('after all that a good one is taken: another certificate, and a key with its password', async () => {
    server.configure(tlsSite(pair(certificates, 'next')));
    server.signal('SIGHUP');
    await waitFor('the next certificate', async () => (await certificateShown(server)) === 'next');
    server.configure(tlsSite(of('server.pem', 'locked.key', 'ssl_password_file {certs}/passwords;')));
    server.signal('SIGHUP');
    await waitFor('the certificate with the locked key', async () => (await certificateShown(server)) === 'server');
    assert.ok((await secureFetch(server, '/small')).body.equals(small));
  });

  test('a start with a wrong one fails with the same message', async () => {
    const text = tlsSite(of('server.pem', 'other.key'));
    await assert.rejects(TestServer.start(text), /key values mismatch/);
  });
});
