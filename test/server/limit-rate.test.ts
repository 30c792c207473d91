/** `limit_rate`: what a second may have goes out at once, and the rest waits for its time. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Pace } from '../../src/server/pace.js';
import { Client, fetchOnce, waitFor } from './client.js';
import { noise, TestServer, ways } from './harness.js';

describe('a pace', () => {
  test('lets a second have what is its own', () => {
    const pace = new Pace({ bytes: 600, after: 0 }, 10_900);
    assert.equal(pace.next(0, 10_900), 600);
    assert.equal(pace.hasSent(0, 600), true);
    assert.equal(pace.delay, 1000);
    assert.equal(pace.next(600, 10_950), 0);
    assert.equal(pace.delay, 1);
    assert.equal(pace.next(700, 10_950), 0);
    assert.equal(pace.delay, 167);
    assert.equal(pace.next(600, 11_000), 600);
    assert.equal(pace.next(600, 20_000), 6000);
  });

  test('counts what comes after the first bytes', () => {
    const pace = new Pace({ bytes: 100, after: 500 }, 0);
    assert.equal(pace.next(0, 0), 600);
    assert.equal(pace.hasSent(0, 500), false);
    assert.equal(pace.hasSent(0, 510), true);
    assert.equal(pace.delay, 100);
    assert.equal(pace.hasSent(510, 530), true);
    assert.equal(pace.delay, 200);
  });
});

const file = noise(600_000, 3);

describe('a server', () => {
  let server: TestServer;
  before(async () => {
    const locations = ways.map(
      way => `
location /slow-${way}/ { alias {root}/; sendfile ${way}; limit_rate 400000; }
location /after-${way}/ { alias {root}/; sendfile ${way}; limit_rate 1; limit_rate_after 1m; }
location /by-${way}/ { alias {root}/; sendfile ${way}; limit_rate $arg_rate; }
location /crawl-${way}/ { alias {root}/; sendfile ${way}; limit_rate 10; }`,
    );
    const http = { log_format: "rate '$request_uri $limit_rate $status'", access_log: '{dir}/access.log rate' };
    server = await TestServer.start({ server: locations.join(''), http }, { file });
    await server.settle('/on/file');
  });
  after(() => server.stop());

  test('sends the first second at once, and the rest after it; all bytes are right', async () => {
    await Promise.all(
      ways.map(async way => {
        const begun = performance.now();
        const reply = await fetchOnce(server.port, `/slow-${way}/file`);
        assert.ok(reply.body.equals(file));
        assert.ok(performance.now() - begun >= 990, way);
      }),
    );
  });

  test('has no limit before limit_rate_after, nor where variables say so', async () => {
    for (const way of ways) {
      assert.ok((await fetchOnce(server.port, `/after-${way}/file`)).body.equals(file));
      assert.ok((await fetchOnce(server.port, `/by-${way}/file?rate=0`)).body.equals(file));
      assert.ok((await fetchOnce(server.port, `/by-${way}/file?rate=10m`)).body.equals(file));
      assert.ok((await fetchOnce(server.port, `/by-${way}/file?rate=x`)).body.equals(file));
    }
    await server.logged('invalid size "x", client: 127.0.0.1');
    await waitFor('the rate in the log', () => server.accessLog().includes('/by-off/file?rate=10m 10485760 200'));
  });

  test('outlasts send_timeout, and notices a client that leaves', async () => {
    for (const way of ways) {
      const client = await Client.connect(server.port);
      client.get(`/crawl-${way}/file`);
      await client.until('some bytes', () => client.pending > 0);
      client.socket.resetAndDestroy();
    }
    await server.isWell('/on/file', file);
  });
});
