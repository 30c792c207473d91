/** Keys of tickets: those of files, and those that workers share and change. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { SessionStore } from '../../src/tls/session-store.js';
import { ringSize, TicketRing } from '../../src/tls/ticket-ring.js';
import { waitFor } from '../server/client.js';
import { missing, type Site, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { pair, resume, sessionOf, tlsSite } from './support.js';

const facts = 'location = /facts { return 200 "$ssl_session_reused $pid"; }';
const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const only = (version: (typeof versions)[number]): ConnectionOptions => ({ minVersion: version, maxVersion: version });

describe('keys of tickets that workers share', () => {
  const names = (ring: TicketRing, now: number) => ring.keys(now).map(({ name }) => name.toString('hex'));

  test('are the same for all, change after their time, decrypt for as long again, and are gone then', () => {
    const memory = new ArrayBuffer(SessionStore.sizeFor(4));
    const [one, other] = [new SessionStore(memory), new SessionStore(memory)].map(each => each.ticketKeys(60_000));
    const [first] = names(one, 1000);
    assert.deepEqual(names(other, 1001), [first]);
    assert.deepEqual(names(one, 1059), [first]);
    const [second, before] = names(other, 1060);
    assert.equal(before, first);
    assert.notEqual(second, first);
    assert.deepEqual(names(one, 1061), [second, first]);
    const [third, ...rest] = names(one, 1125);
    assert.deepEqual(rest, [second]);
    const late = names(other, 5000);
    assert.equal(late.length, 1);
    assert.ok(![first, second, third].includes(late[0]));
  });

  test('what is just being written is left alone, and who has died over it is not waited for', () => {
    const memory = new ArrayBuffer(ringSize);
    const ring = new TicketRing(memory, 0, 60);
    const [first] = names(ring, 1000);
    const claim = new Int32Array(memory, 0, 1);
    claim[0] = 1058;
    assert.deepEqual(names(ring, 1061), [first]);
    new Uint8Array(memory)[20] ^= 1;
    assert.deepEqual(names(new TicketRing(memory, 0, 60), 1062), []);
    assert.deepEqual(names(ring, 1062), [first]);
    const [next] = names(ring, 1068);
    assert.notEqual(next, first);
    assert.equal(claim[0], 0);
    assert.equal(names(new TicketRing(memory, 0, 60), 1069)[0], next);
  });
});

describe('tickets', { skip: missing('openssl') }, () => {
  const certificates = new Certificates();
  let server: TestServer;
  // reuseport: the kernel deals connections out to both
  const two: Site = {
    listen: ['127.0.0.1:{port}', '127.0.0.1:{port2} ssl reuseport'],
    main: { worker_processes: '2' },
  };
  const key = (name: string) => `ssl_session_ticket_key ${certificates.path(name)};`;

  before(async () => {
    certificates.selfSigned('server');
    for (const size of [48, 80])
      for (const age of ['new', 'old']) {
        writeFileSync(certificates.path(`${age}${size}.key`), randomBytes(size));
      }
    server = await TestServer.start(tlsSite(pair(certificates, 'server') + facts, two));
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  async function reload(lines: string): Promise<void> {
    const before = server.workers();
    server.configure(tlsSite(pair(certificates, 'server') + facts + lines, two));
    server.signal('SIGHUP');
    await waitFor('new workers', () => server.workers().every(pid => !before.includes(pid)));
  }

  const isReused = async (session: Buffer, version: (typeof versions)[number]) =>
    (await resume(server, session, '/facts', only(version))).isReused;

  for (const version of versions) {
    for (const [size, other] of [
      [48, 80],
      [80, 48],
    ]) {
      test(`${version}: the first of several files encrypts, all decrypt (${size} and ${other} bytes)`, async () => {
        await reload(key(`old${size}.key`));
        const session = await sessionOf(server, '/facts', only(version));
        await reload(key(`new${other}.key`) + key(`old${size}.key`));
        assert.equal(await isReused(session, version), true);
        // who has come with the older key has got a ticket of the newer one
        const renewed = await sessionOf(server, '/facts', { ...only(version), session });
        const fresh = await sessionOf(server, '/facts', only(version));
        await reload(key(`new${other}.key`));
        assert.deepEqual(
          [await isReused(renewed, version), await isReused(fresh, version), await isReused(session, version)],
          [true, true, false],
        );
      });
    }
  }

  test('with a shared cache all workers take the tickets of each, those after a reload too', async () => {
    const lines = 'ssl_session_cache shared:SSL:1m;';
    await reload(lines);
    for (const version of versions) {
      const session = await sessionOf(server, '/facts', only(version));
      const pids = new Set<string>();
      await waitFor('both workers have answered', async () => {
        const { isReused, reply } = await resume(server, session, '/facts', only(version));
        assert.equal(isReused, true, version);
        pids.add(reply.body.toString().split(' ')[1]);
        return pids.size === 2;
      });
      await reload(lines);
      assert.equal(await isReused(session, version), true);
    }
  });
});
