/** Certificates whose names hold variables: which one is shown is found out in each handshake. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { Bench } from '../cli/program.js';
import { waitFor } from '../server/client.js';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { certificateShown, namedServer, refused, resume, secureFetch, sessionOf, tlsSite } from './support.js';
import { rawSocket, Tunnel } from './tunnel.js';

const small = noise(1000);

describe('certificates from variables', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  const folder = certificates.folder;
  let server: TestServer;

  before(async () => {
    const names = ['a.example', 'b.example', 'site', '127.0.0.1', 'secret', 'gone.example', 'kept.example', 'next'];
    for (const name of names) certificates.selfSigned(name);
    certificates.selfSigned('a.example-rsa', [], 'rsa');
    mkdirSync(`${folder}/sub`);
    const both = (name: string, rest = '') => `ssl_certificate ${name}.pem; ssl_certificate_key ${name}.key; ${rest}`;
    const text = (name: string) => `"${certificates.read(name)}"`;
    const inDir = (name: string) => both(`${folder}/${name}`);
    const site = tlsSite(
      `${inDir('$ssl_server_name')} ssl_certificate $rsa.pem; ssl_certificate_key $rsa.key; location = /name { return 200 $ssl_server_name; }`,
      {
        httpLines: `
          map $ssl_server_name $rsa { b.example ${folder}/b.example; default ${folder}/a.example-rsa; }
          map $ssl_server_name $text { text.example ${text('site.pem')}; broken.example nothing; }
          map $ssl_server_name $out { out.example ../../secret; default secret; }
          ${namedServer('~^(?<site>[^.]+)\\.sites\\.example$', both('certificates/$site'))}
          ${namedServer('address.example', inDir('$remote_addr'))}
          ${namedServer('inline.example', `ssl_certificate "data:${certificates.read('site.pem')}"; ssl_certificate_key "data:${certificates.read('site.key')}";`)}
          ${namedServer('text.example broken.example', `ssl_certificate data:$text; ssl_certificate_key ${folder}/site.key;`)}
          ${namedServer('mixed.example', `ssl_certificate ${folder}/$ssl_server_name.pem; ssl_certificate_key ${folder}/site.key;`)}
          ${namedServer('out.example', inDir('sub/$out'))}
          ${namedServer('kept.example', `${inDir('$ssl_server_name')} ssl_certificate_cache max=2 valid=1h;`)}
          ${namedServer('fresh.example', `${inDir('$ssl_server_name')} ssl_certificate_cache max=2 valid=0;`)}
        `,
      },
    );
    server = await TestServer.start(site, { small });
    mkdirSync(`${server.dir}/certificates`);
    for (const end of ['pem', 'key']) {
      copyFileSync(certificates.path(`site.${end}`), `${server.dir}/certificates/one.${end}`);
      copyFileSync(certificates.path(`site.${end}`), certificates.path(`fresh.example.${end}`));
    }
    copyFileSync(certificates.path('a.example.pem'), certificates.path('mixed.example.pem'));
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  const ec: ConnectionOptions = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
  const shown: [what: string, servername: string, certificate: string, options?: ConnectionOptions][] = [
    ['the name that the client asks for', 'a.example', 'a.example', ec],
    ['in lower case', 'A.Example', 'a.example', ec],
    ['a further one, of another kind of key', 'a.example', 'a.example-rsa', { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }],
    ['another name', 'b.example', 'b.example'],
    ["a capture of the server's name, below the folder of the configuration", 'one.sites.example', 'site'],
    ['the address of the client', 'address.example', '127.0.0.1'],
    ['text in the configuration', 'inline.example', 'site'],
    ['text in a variable', 'text.example', 'site'],
  ];
  for (const [what, servername, certificate, options] of shown) {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      if (options !== undefined && maxVersion === 'TLSv1.3') continue;
      test(`${what}: ${servername}, ${maxVersion}`, async () => {
        assert.equal(await certificateShown(server, { servername, maxVersion, ...options }), certificate);
      });
    }
  }

  test('a body comes as ever, and the variable is what it was in the handshake', async () => {
    assert.ok(
      (await secureFetch(server, '/small', { servername: 'b.example' }, ['Host: test.local'])).body.equals(small),
    );
    const { body } = await secureFetch(server, '/name', { servername: 'b.example' }, ['Host: test.local']);
    assert.equal(body.toString(), 'b.example');
  });

  const failures: [what: string, servername: string, line: string][] = [
    [
      'a name without a certificate',
      'none.example',
      'cannot load certificate "{folder}/none.example.pem": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen({folder}/none.example.pem, r) error:10000080:BIO routines::no such file) while SSL handshaking, client: 127.0.0.1, server: 127.0.0.1:{port2}',
    ],
    ['no name', '', 'cannot load certificate "{folder}/.pem": BIO_new_file() failed (SSL: error:80000002'],
    [
      'text that is no certificate',
      'broken.example',
      'cannot load certificate "data:": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line',
    ],
    [
      'the key of another certificate',
      'mixed.example',
      'SSL_use_PrivateKey("{folder}/site.key") failed (SSL: error:05800074:x509 certificate routines::key values mismatch) while',
    ],
    [
      'a value that leads out of its folder',
      'out.example',
      'cannot load certificate "{folder}/sub/../../secret.pem": a value in its name leads out of its folder while',
    ],
  ];
  for (const [what, servername, line] of failures) {
    test(`${what}: the handshake fails, and the error log says why`, async () => {
      const before = server.errorLog().length;
      assert.match(await refused(server, { servername }), /ALERT_INTERNAL_ERROR/);
      const found = () => server.errorLog().slice(before);
      await waitFor('the line of the handshake', () => found().includes('cert cb error) while SSL handshaking'));
      const log = found();
      assert.ok(log.includes(server.fill(line.replaceAll('{folder}', folder))), log);
      assert.match(log, /\[error\] \d+#\d+: \*\d+ (cannot load|SSL_use)/);
      assert.match(log, /\[info\] .*SSL_do_handshake\(\) failed \(SSL: error:0A000179:SSL routines::cert cb error\)/);
      await server.isWell('/small', small);
    });
  }

  // there are certificates at all of these paths
  for (const servername of ['../secret', 'sub/../secret', '/secret', './secret', 'data:secret', '..', 'sub/secret']) {
    test(`"${servername}" is no name: it leads nowhere`, async () => {
      for (const end of ['pem', 'key']) {
        for (const copy of ['sub/secret', 'sub/..secret']) {
          copyFileSync(certificates.path(`secret.${end}`), certificates.path(`${copy}.${end}`));
        }
      }
      const before = server.errorLog().length;
      assert.match(await refused(server, { servername }), /ALERT_INTERNAL_ERROR/);
      const asked = () => /cannot load certificate "([^"]*)"/.exec(server.errorLog().slice(before))?.[1];
      await waitFor('the line of the certificate', asked);
      assert.equal(asked(), servername === 'data:secret' ? `${folder}/data.pem` : `${folder}/.pem`);
    });
  }

  test('a name with a NUL is refused', async () => {
    const tunnel = new Tunnel(await rawSocket(server), (socket, bytes) => {
      socket.write(Buffer.from(bytes.toString('latin1').replace('a.exampleX', 'a.example\0'), 'latin1'));
    });
    const socket = connect({ socket: tunnel, servername: 'a.exampleX', rejectUnauthorized: false });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /UNRECOGNIZED_NAME/);
    socket.destroy();
    await server.isWell('/small', small);
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`a session is taken up again without its certificate: ${maxVersion}`, async () => {
      const options: ConnectionOptions = { servername: 'gone.example', maxVersion };
      const session = await sessionOf(server, '/small', options, ['Host: test.local']);
      for (const end of ['pem', 'key']) {
        renameSync(certificates.path(`gone.example.${end}`), certificates.path(`put-away.${end}`));
      }
      try {
        assert.match(await refused(server, options), /ALERT_INTERNAL_ERROR/);
        const { isReused, reply } = await resume(server, session, '/small', options, ['Host: test.local']);
        assert.deepEqual([isReused, reply.status], [true, 200]);
      } finally {
        for (const end of ['pem', 'key']) {
          renameSync(certificates.path(`put-away.${end}`), certificates.path(`gone.example.${end}`));
        }
      }
    });
  }

  test('ssl_certificate_cache: a file that was replaced counts when its time is over', async () => {
    for (const [servername, afterwards] of [
      ['kept.example', 'kept.example'],
      ['fresh.example', 'next'],
    ]) {
      const first = await certificateShown(server, { servername });
      assert.equal(await certificateShown(server, { servername }), first);
      for (const end of ['pem', 'key']) {
        copyFileSync(certificates.path(`next.${end}`), certificates.path(`moving.${end}`));
        renameSync(certificates.path(`moving.${end}`), certificates.path(`${servername}.${end}`));
      }
      assert.equal(await certificateShown(server, { servername }), afterwards);
    }
  });

  test('ssl_certificate_cache: with room for one alone, a certificate and its key still come together; a handshake that begins twice', async () => {
    server.configure(
      tlsSite(
        `ssl_certificate ${folder}/$ssl_server_name.pem; ssl_certificate_key ${folder}/$ssl_server_name.key; ssl_certificate_cache max=1; ssl_ecdh_curve prime256v1;`,
      ),
    );
    server.signal('SIGHUP');
    await server.logged('reconfiguring');
    for (const servername of ['site', 'next', 'site', 'next']) {
      assert.equal(await certificateShown(server, { servername }), servername);
      // the client's first message is for a curve that the server does not have: it is asked for another
      assert.equal(await certificateShown(server, { servername, ecdhCurve: 'X25519:P-256' }), servername);
    }
  });
});

describe('what ssl_certificate and its cache take', () => {
  const bench = new Bench();
  after(() => bench.clean());

  const cases: [lines: string, message: RegExp][] = [
    ['ssl_certificate engine:a:b', /"engine:a:b" cannot be loaded: "ssl_certificate" takes a file or "data:"/],
    ['ssl_certificate_key engine:a:b', /"ssl_certificate_key" takes a file or "data:", no "engine:" in \S+:1/],
    ['ssl_certificate_key store:pkcs11:a', /"ssl_certificate_key" takes a file or "data:", no "store:"/],
    ['ssl_certificate $nothing.pem', /unknown "nothing" variable in \S+:1/],
    ['ssl_certificate_cache max=0', /invalid parameter "max=0"/],
    ['ssl_certificate_cache max=1 inactive=never', /invalid parameter "inactive=never"/],
    ['ssl_certificate_cache on', /invalid parameter "on"/],
    ['ssl_certificate_cache valid=1m', /"ssl_certificate_cache" must have the "max" parameter/],
    ['ssl_certificate a-$hostname.pem', /no "ssl_certificate_key" is defined for certificate "a-\$hostname\.pem"/],
  ];
  for (const [lines, message] of cases) {
    test(lines, async () => {
      bench.write('conf/test.conf', `events {} http { server { listen 127.0.0.1:1 ssl; ${lines}; } }`);
      const { code, stderr } = await bench.run(['-t', '-c', `${bench.folder}conf/test.conf`]);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }
});
