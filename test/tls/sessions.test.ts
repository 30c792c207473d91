/** Sessions that are taken up again: by tickets and by the cache, at other workers, over a reload; and where they must not be. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { waitFor } from '../server/client.js';
import { missing, type Site, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { namedServer, pair, resume, secure, sessionOf, tlsSite } from './support.js';

const facts = 'location = /facts { return 200 "$ssl_session_reused $pid $ssl_client_verify"; }';
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const only = (version: (typeof versions)[number]): ConnectionOptions => ({ minVersion: version, maxVersion: version });

describe('sessions', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;
  // reuseport: the kernel deals connections out to both
  const one: Site = { listen: ['127.0.0.1:{port}', '127.0.0.1:{port2} ssl reuseport'] };
  const two: Site = { ...one, main: { worker_processes: '2' } };

  before(async () => {
    for (const name of ['server', 'one', 'other']) certificates.selfSigned(name);
    for (const name of ['authority-one', 'authority-other']) certificates.selfSigned(name);
    certificates.signed('client', 'authority-one');
    writeFileSync(certificates.path('ticket.key'), randomBytes(80));
    server = await TestServer.start(tlsSite(pair(certificates, 'server') + facts, two));
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  /** The site anew, and workers that have it. */
  async function reload(lines: string, rest: Site = two): Promise<void> {
    const before = server.workers();
    server.configure(tlsSite(pair(certificates, 'server') + facts + lines, rest));
    server.signal('SIGHUP');
    await waitFor('new workers', () => server.workers().every(pid => !before.includes(pid)));
  }

  for (const version of versions) {
    test(`${version}: a ticket of one worker is good at the other, and after a reload`, async () => {
      const session = await sessionOf(server, '/facts', only(version));
      const pids = new Set<string>();
      await waitFor('both workers have answered', async () => {
        const { isReused, reply } = await resume(server, session, '/facts', only(version));
        const [sign, pid] = reply.body.toString().split(' ');
        assert.deepEqual([isReused, sign], [true, 'r']);
        pids.add(pid);
        return pids.size === 2;
      });
      await reload('');
      assert.equal((await resume(server, session, '/facts', only(version))).isReused, true);
    });
  }

  test('without tickets and cache none is taken up; a client is told so by "off", and by "none" is not', async () => {
    for (const [cache, id] of [
      ['', /^[0-9a-f]{64}$/],
      ['ssl_session_cache none;', /^[0-9a-f]{64}$/],
      ['ssl_session_cache off;', /^$/],
    ] as const) {
      await reload(`ssl_session_tickets off; ${cache} location = /id { return 200 "$ssl_session_id"; }`);
      const session = await sessionOf(server, '/id', only('TLSv1.2'));
      const { isReused, reply } = await resume(server, session, '/id', only('TLSv1.2'));
      assert.equal(isReused, false);
      assert.match(reply.body.toString(), id, cache);
    }
  });

  test('ssl_session_cache builtin: without tickets a worker knows its own sessions', async () => {
    await reload('ssl_session_tickets off; ssl_session_cache builtin:100;', one);
    for (const version of versions) {
      const session = await sessionOf(server, '/facts', only(version));
      assert.equal((await resume(server, session, '/facts', only(version))).isReused, true, version);
    }
  });

  test('ssl_session_cache shared: without tickets all workers know a session, those after a reload too', async () => {
    for (const cache of ['builtin:100 shared:SSL:1m', 'shared:SSL:1m']) {
      await reload(`ssl_session_tickets off; ssl_session_cache ${cache};`);
      for (const version of versions) {
        const session = await sessionOf(server, '/facts', only(version));
        const pids = new Set<string>();
        await waitFor('both workers have answered', async () => {
          // with TLS 1.3 a session that was kept is good once
          const again = version === 'TLSv1.3' ? await sessionOf(server, '/facts', only(version)) : session;
          const { isReused, reply } = await resume(server, again, '/facts', only(version));
          assert.equal(isReused, true, `${cache} ${version}`);
          pids.add(reply.body.toString().split(' ')[1]);
          return pids.size === 2;
        });
      }
    }
    const session = await sessionOf(server, '/facts', only('TLSv1.2'));
    await reload('ssl_session_tickets off; ssl_session_cache shared:SSL:1m; ssl_session_timeout 10m;');
    assert.equal((await resume(server, session, '/facts', only('TLSv1.2'))).isReused, true);
  });

  test('a connection that breaks off in mid-answer does not cost its session', async () => {
    server.put('large', Buffer.alloc(20_000_000));
    const session = await sessionOf(server, '/facts', only('TLSv1.2'));
    const { client } = await secure(server, { ...only('TLSv1.2'), session });
    client.get('/off/large');
    await client.until('a part', () => client.pending > 100_000);
    client.close();
    await server.logged('while sending response to client');
    assert.equal((await resume(server, session, '/facts', only('TLSv1.2'))).isReused, true);
  });

  test('ssl_session_timeout ends them', async () => {
    await reload('ssl_session_timeout 1s;');
    const session = await sessionOf(server, '/facts', only('TLSv1.2'));
    await waitFor('it is taken up no more', async () => {
      const { isReused } = await resume(server, session, '/facts', only('TLSv1.2'));
      return !isReused;
    });
  });

  test('ssl_session_ticket_key: another server takes the tickets', async () => {
    const lines = `ssl_session_ticket_key ${certificates.path('ticket.key')};`;
    await reload(lines);
    const other = await TestServer.start(tlsSite(pair(certificates, 'server') + facts + lines));
    try {
      for (const version of versions) {
        const session = await sessionOf(server, '/facts', only(version));
        assert.equal((await resume(other, session, '/facts', only(version))).isReused, true, version);
      }
    } finally {
      await other.stop();
    }
  });

  test('a reload that takes a certificate back ends the sessions that began with it', async () => {
    const site = (crl: string): Site => {
      const rules = `ssl_verify_client on; ssl_client_certificate ${certificates.path('authority-one.pem')}; ${crl} ${facts}`;
      return { ...one, httpLines: namedServer('one.example', pair(certificates, 'one') + rules) };
    };
    certificates.revoked('authority-one');
    const crl = `ssl_crl ${certificates.path('authority-one.crl')};`;
    await reload('', site(crl));
    const client = { cert: certificates.read('client.pem'), key: certificates.read('client.key') };
    const options = { servername: 'one.example' };
    const session = await sessionOf(server, '/facts', { ...client, ...options }, ['Host: one.example']);
    const ask = () => resume(server, session, '/facts', options, ['Host: one.example']);
    assert.deepEqual([(await ask()).isReused, (await ask()).reply.status], [true, 200]);
    certificates.revoked('authority-one', 'client');
    await reload('', site(crl));
    assert.deepEqual([(await ask()).isReused, (await ask()).reply.status], [false, 400]);
  });

  for (const version of versions) {
    test(`${version}: a session with one server's client certificate opens no other server`, async () => {
      const verifying = (authority: string) =>
        `ssl_verify_client on; ssl_client_certificate ${certificates.path(authority)}.pem; ${facts}`;
      await reload('', {
        ...one,
        httpLines: [
          namedServer('one.example', pair(certificates, 'one') + verifying('authority-one')),
          namedServer('other.example', pair(certificates, 'one') + verifying('authority-other')),
        ].join(''),
      });
      const client = { ...only(version), cert: certificates.read('client.pem'), key: certificates.read('client.key') };
      const session = await sessionOf(server, '/facts', { ...client, servername: 'one.example' }, [
        'Host: one.example',
      ]);
      const again = await resume(server, session, '/facts', { ...only(version), servername: 'one.example' }, [
        'Host: one.example',
      ]);
      assert.deepEqual([again.isReused, again.reply.body.toString().split(' ')[2]], [true, 'SUCCESS']);
      const elsewhere = await resume(server, session, '/facts', { ...only(version), servername: 'other.example' }, [
        'Host: other.example',
      ]);
      assert.deepEqual([elsewhere.isReused, elsewhere.reply.status], [false, 400]);
      const sneaked = await resume(server, session, '/facts', { ...only(version), servername: 'one.example' }, [
        'Host: other.example',
      ]);
      assert.equal(sneaked.reply.status, 421);
    });
  }
});
