/**
 * Nothing is left behind: of contexts that are made and let go, and of handshakes, those that fail included. A leak of one OpenSSL
 * object each time would be several times what is allowed here.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { buildConfig, readConfig } from '../../src/server/load.js';
import { Runtime } from '../../src/server/runtime.js';
import { checkTls } from '../../src/server/tls-setup.js';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { heapSize, namedServer, pair, refused, secureFetch, sessionOf, tlsSite } from './support.js';

const allowed = 3 * 1024 * 1024;

describe('memory', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;

  before(async () => {
    for (const name of ['server', 'other', 'authority']) certificates.selfSigned(name);
    for (const name of ['anna', 'variable.example', 'cached.example']) certificates.signed(name, 'authority');
    const named = pair(certificates, '$ssl_server_name');
    const facts =
      'location = /facts { return 200 "$ssl_client_s_dn $ssl_client_cert $ssl_client_i_dn_legacy $ssl_ciphers $ssl_curves $ssl_session_id"; }';
    const rules = `ssl_verify_client optional; ssl_client_certificate ${certificates.path('authority.pem')};`;
    const site = tlsSite(pair(certificates, 'server'), {
      httpLines:
        namedServer('other.example', pair(certificates, 'other') + rules + facts) +
        namedServer('variable.example', named) +
        namedServer('cached.example', `${named} ssl_certificate_cache max=1;`),
      http: { error_log: '{dir}/error.log crit' },
    });
    server = await TestServer.start(site, { small: noise(1000) });
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  /** Does something again and again, and tells by how much the heap of a process has grown, once it was done for a while. */
  async function growth(
    pid: number | 'self',
    times: number,
    act: (index: number) => Promise<void> | void,
  ): Promise<number> {
    let before = 0;
    for (let i = 0; i < times; i++) {
      if (i === Math.floor(times / 4)) before = heapSize(pid);
      await act(i);
    }
    return heapSize(pid) - before;
  }

  test('contexts, and such that cannot be made', async () => {
    const options = { file: server.configPath, prefix: `${server.dir}/`, globals: '' };
    const stapling = `ssl_stapling on; ssl_stapling_responder http://127.0.0.1:1/; ssl_trusted_certificate ${certificates.path('other.pem')};`;
    const runtime = (lines: string) => {
      server.configure(
        tlsSite(lines, { httpLines: namedServer('other.example', pair(certificates, 'other') + stapling) }),
      );
      return new Runtime(buildConfig(readConfig(options).nodes, options));
    };
    const good = runtime(pair(certificates, 'server'));
    const bad = runtime(
      `ssl_certificate ${certificates.path('server.pem')}; ssl_certificate_key ${certificates.path('other.key')};`,
    );
    const grown = await growth('self', 200, () => {
      checkTls(good);
      assert.throws(() => checkTls(bad), /key values mismatch/);
    });
    assert.ok(grown < allowed, `${grown} bytes`);
  });

  test('handshakes: whole, resumed, under another name, with a certificate, failed', async () => {
    const session = await sessionOf(server, '/small', { maxVersion: 'TLSv1.2' });
    const anna = { cert: certificates.read('anna.pem'), key: certificates.read('anna.key') };
    const close = ['Connection: close'];
    const fetch = async (path: string, options: ConnectionOptions, lines: readonly string[] = close) => {
      await secureFetch(server, path, options, lines);
    };
    const acts: (() => Promise<unknown>)[] = [
      () => fetch('/on/small', {}),
      () => fetch('/off/small', { session, maxVersion: 'TLSv1.2' }),
      () => fetch('/facts', { servername: 'other.example', ...anna }, ['Host: other.example', ...close]),
      () => fetch('/small', { servername: 'variable.example' }),
      () => fetch('/small', { servername: 'cached.example' }),
      () => refused(server, { ALPNProtocols: ['h2'] }),
      () => refused(server, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }),
    ];
    const side = 4;
    const grown = await growth(server.workers()[0], 200, async index => {
      await Promise.all(Array.from({ length: side }, (_, lane) => acts[(index + lane) % acts.length]()));
    });
    assert.ok(grown < allowed, `${grown} bytes`);
  });
});
