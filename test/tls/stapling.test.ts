/** ssl_stapling: what responders say of certificates is asked for, checked, and told to clients. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '../server/client.js';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { answerOf, OpensslResponder, Responder, send } from './responder.js';
import { namedServer, pair, secureFetch, stapleShown, tlsSite } from './support.js';

const small = noise(1000);

/** What `openssl s_client -status` says of a handshake. */
function status(server: TestServer, servername: string, ...options: readonly string[]): string {
  const who = ['-connect', `127.0.0.1:${server.ports[1]}`, '-servername', servername];
  return execFileSync('openssl', ['s_client', '-status', ...who, ...options], {
    encoding: 'latin1',
    input: '',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

const nothing = /OCSP response: no response sent/;
const good = /OCSP Response Status: successful[\s\S]*Cert Status: good/;

describe('stapling', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  const { folder } = certificates;
  let responder: Responder;
  let program: OpensslResponder;
  let server: TestServer;

  /** A server NAME.example with the certificate NAME, or another one. */
  const stapled = (name: string, lines: string, certificate = name) =>
    namedServer(`${name}.example`, `${pair(certificates, certificate)} ssl_stapling on; ${lines}`);

  before(async () => {
    certificates.selfSigned('root').selfSigned('stranger');
    const answers = (name: string, by = 'root', options?: readonly string[]) =>
      [
        name,
        (question: Buffer, response: Parameters<typeof send>[0]) =>
          send(response, answerOf(certificates, question, 'root', by, options)),
      ] as const;
    responder = await new Responder({
      ...Object.fromEntries([
        answers('good'),
        answers('rsa'),
        answers('revoked'),
        answers('unknown'),
        answers('delegated', 'delegate'),
        answers('untrusted', 'delegate'),
        answers('forged', 'stranger', ['-ndays', '7']),
        answers('quiet', 'root', ['-ndays', '7', '-resp_no_certs']),
        answers('other'),
      ]),
      garbage: (_question, response) => send(response, noise(300)),
      empty: (_question, response) => send(response, ''),
      refusing: (_question, response) => send(response, Buffer.from([0x30, 3, 0x0a, 1, 3])),
      large: (_question, response) => send(response, Buffer.alloc(100_000)),
      missing: (_question, response) => response.writeHead(404).end(),
      text: (_question, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>'),
      cut: (_question, response) => {
        response.writeHead(200, { 'Content-Length': 1000 }).write('begun');
        response.destroy();
      },
      hanging: (_question, _response, request) => void request.socket.destroy(),
      slow: () => {},
      noise: (_question, _response, request) => void request.socket.end('nothing of HTTP\r\n\r\n'),
    }).start();
    certificates.signed('good', 'root', null, 'ec', [`authorityInfoAccess=OCSP;URI:${responder.url('good')}`]);
    certificates.signed('good-rsa', 'root', null, 'rsa', [`authorityInfoAccess=OCSP;URI:${responder.url('rsa')}`]);
    for (const name of ['revoked', 'plain']) certificates.signed(name, 'root');
    certificates.signed('delegate', 'root', null, 'ec', ['extendedKeyUsage=OCSPSigning']);
    certificates.revoked('root', 'revoked');
    certificates.selfSigned('unknown-root');
    certificates.signed('asked', 'root');
    program = await OpensslResponder.start(certificates, 'root');
    const trust = `ssl_trusted_certificate ${folder}/root.pem;`;
    const by = (kind: string, url = responder.url(kind)) => `${trust} ssl_stapling_responder ${url};`;
    const kinds = ['garbage', 'empty', 'refusing', 'large', 'missing', 'text', 'cut', 'hanging', 'slow', 'noise'];
    const httpLines = [
      'resolver 127.0.0.1 valid=300s ipv6=off; resolver_timeout 5s;',
      stapled('asked', `${by('', `http://127.0.0.1:${program.port}/`)} ssl_stapling_verify on;`),
      stapled('good', `${trust} ${pair(certificates, 'good-rsa')}`),
      stapled('revoked', by('revoked')),
      stapled('delegated', `${by('delegated')} ssl_stapling_verify on;`, 'plain'),
      stapled('untrusted', `ssl_stapling_responder ${responder.url('untrusted')}; ssl_stapling_verify on;`, 'chained'),
      stapled('forged', `${by('forged')} ssl_stapling_verify on;`, 'plain'),
      stapled('quiet', `${by('quiet')} ssl_stapling_verify on;`, 'plain'),
      stapled('down', by('down', 'http://127.0.0.1:{port3}'), 'plain'),
      stapled('nowhere', by('nowhere', 'http://responder.invalid/'), 'plain'),
      namedServer('off.example', pair(certificates, 'good')),
      ...kinds.map(kind => stapled(kind, by(kind), 'plain')),
    ];
    execFileSync('sh', ['-c', 'cat plain.pem root.pem > chained.pem; cp plain.key chained.key'], { cwd: folder });
    server = await TestServer.start(tlsSite(pair(certificates, 'plain'), { httpLines: httpLines.join('') }), { small });
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    await program.stop();
    await responder.stop();
    certificates.remove();
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    test(`the answer of openssl's own responder: ${version}`, async () => {
      if (version === '-tls1_2') assert.match(status(server, 'asked.example', version), nothing);
      await waitFor('a staple', () => good.test(status(server, 'asked.example', version)));
    });
  }

  test('each kind of key has its own, of the responder that the certificate names; it is asked but once', async () => {
    const ciphers = { good: 'ECDHE-ECDSA-AES128-GCM-SHA256', rsa: 'ECDHE-RSA-AES128-GCM-SHA256' };
    for (const [kind, cipher] of Object.entries(ciphers)) {
      const ask = () => status(server, 'good.example', '-tls1_2', '-cipher', cipher);
      assert.match(ask(), nothing);
      await waitFor('a staple', () => good.test(ask()));
      assert.match(ask(), good);
      assert.equal(responder.count(kind), 1);
    }
  });

  for (const name of ['delegated', 'quiet']) {
    test(`a signer that is verified: ${name}`, async () => {
      await waitFor('a staple', () => stapleShown(server, `${name}.example`));
    });
  }

  test('nobody is asked where ssl_stapling is off, or a client does not ask', async () => {
    assert.equal(await stapleShown(server, 'off.example'), null);
    assert.equal((await secureFetch(server, '/small', { servername: 'slow.example' })).status, 200);
    assert.equal(responder.count('slow'), 0);
  });

  const failures: [name: string, message: RegExp][] = [
    ['revoked', /certificate status "revoked" in the OCSP response/],
    ['garbage', /d2i_OCSP_RESPONSE\(\) failed \(SSL: error:/],
    ['empty', /d2i_OCSP_RESPONSE\(\) failed/],
    ['refusing', /OCSP response not successful \(3: trylater\)/],
    ['large', /OCSP responder sent more than 16384 bytes/],
    ['missing', /OCSP responder sent status 404/],
    ['text', /OCSP responder sent invalid "Content-Type" header: "text\/html"/],
    ['cut', /OCSP responder prematurely closed connection/],
    ['hanging', /OCSP responder prematurely closed connection/],
    ['noise', /OCSP responder sent invalid response/],
    ['untrusted', /OCSP_basic_verify\(\) failed \(SSL: error:.*certificate verify error/],
    ['forged', /OCSP_basic_verify\(\) failed \(SSL: error:/],
    ['down', /connect\(\) failed \(111: Connection refused\)/],
    ['nowhere', /responder\.invalid could not be resolved/],
  ];
  for (const [name, message] of failures) {
    test(`no staple: ${name}; the error log says why, and nobody is asked again soon`, async () => {
      const before = server.errorLog().length;
      const lines = () =>
        server
          .errorLog()
          .slice(before)
          .split('\n')
          .filter(line => line.includes('[error]'));
      assert.equal(await stapleShown(server, `${name}.example`), null);
      await waitFor('a line of the error log', () => lines().length > 0);
      const [line] = lines();
      assert.match(line, message);
      const certificate = name === 'revoked' ? 'revoked' : name === 'untrusted' ? 'chained' : 'plain';
      const host = name === 'nowhere' ? 'responder.invalid' : '127.0.0.1';
      assert.ok(line.endsWith(`, certificate: "${folder}/${certificate}.pem"`), line);
      assert.match(line, new RegExp(` while requesting certificate status, responder: ${host}(:\\d+)?, `));
      for (let i = 0; i < 2; i++) assert.equal(await stapleShown(server, `${name}.example`), null);
      assert.equal(lines().length, 1);
      if (name !== 'down' && name !== 'nowhere') assert.equal(responder.count(name), 1);
      assert.equal((await secureFetch(server, '/small', { servername: `${name}.example` })).status, 200);
    });
  }

  test('a responder that does not answer holds nobody up', async () => {
    for (let i = 0; i < 3; i++) assert.equal(await stapleShown(server, 'slow.example'), null);
    await waitFor('the question', () => responder.count('slow') === 1);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => secureFetch(server, '/small', { servername: 'slow.example' })),
    );
    for (const { body } of answers) assert.ok(body.equals(small));
    assert.equal(responder.count('slow'), 1);
  });

  test('one process that is master and worker asks as well', async () => {
    const lines = `ssl_stapling on; ssl_trusted_certificate ${folder}/root.pem;`;
    const site = tlsSite(`${pair(certificates, 'good')} ${lines}`, { main: { master_process: 'off' } });
    const single = await TestServer.start(site);
    try {
      assert.equal(await stapleShown(single, 'test.local'), null);
      await waitFor('a staple', () => stapleShown(single, 'test.local'));
    } finally {
      await single.stop();
    }
  });

  test('what cannot be stapled is a warning, with its reason', async () => {
    certificates.signed('bare', 'root');
    const lines = (rest: string) => `${pair(certificates, 'bare')} ssl_stapling on; ${rest}`;
    const trust = `ssl_trusted_certificate ${folder}/root.pem;`;
    const cases: [lines: string, warning: string][] = [
      [lines(''), `issuer certificate not found for certificate "${folder}/bare.pem" in`],
      [lines(trust), `no OCSP responder URL in the certificate "${folder}/bare.pem" in`],
      [
        lines(`${trust} ssl_stapling_responder https://127.0.0.1/;`),
        `invalid URL prefix in OCSP responder "https://127.0.0.1/" in the certificate "${folder}/bare.pem" in`,
      ],
      [
        `ssl_certificate ${folder}/$ssl_server_name.pem; ssl_certificate_key ${folder}/$ssl_server_name.key; ssl_stapling on;`,
        'the names of the certificates hold variables in',
      ],
    ];
    const servers = cases.map(([text], index) => namedServer(`${index}.example`, text));
    server.configure(tlsSite(pair(certificates, 'plain'), { httpLines: servers.join('') }));
    server.signal('SIGHUP');
    for (const [, warning] of cases) await server.logged(`"ssl_stapling" ignored, ${warning}`);
    assert.equal(await stapleShown(server, '0.example'), null);
  });
});
