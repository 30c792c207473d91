/** A thousand clients that begin a handshake and do not go on: others are served meanwhile, and nothing is left of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '../server/client.js';
import { missing, noise, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { heapSize, pair, secureFetch, tlsSite } from './support.js';
import { helloBytes, rawSocket } from './tunnel.js';

const small = noise(1000);
const count = 1000;
/** An SSL that was left behind each time would be ten times that. */
const allowed = 3 * 1024 * 1024;

describe('a thousand stalled handshakes', { skip: missing('openssl') }, () => {
  const certificates = new Certificates().selfSigned('server');
  let server: TestServer;

  before(async () => {
    const site = tlsSite(pair(certificates, 'server'), {
      events: { worker_connections: '2048' },
      http: { client_header_timeout: '4s' },
    });
    server = await TestServer.start(site, { small });
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  /** @param leave how they end: by themselves, or (false) by client_header_timeout */
  async function stall(leave: boolean): Promise<void> {
    const hello = await helloBytes();
    // a third says nothing, a third breaks off in the first message, and a third does not answer the server's
    const parts = [hello.subarray(0, 0), hello.subarray(0, 100), hello];
    const sockets = await Promise.all(Array.from({ length: count }, () => rawSocket(server)));
    for (const [index, socket] of sockets.entries()) {
      socket.on('error', () => {});
      socket.resume();
      socket.write(parts[index % parts.length]);
    }
    await waitFor('all of them are there', () => server.descriptors() >= count);
    for (let i = 0; i < 20; i++) assert.ok((await secureFetch(server, '/on/small')).body.equals(small));
    if (leave) for (const socket of sockets) socket.destroy();
    else
      await waitFor('all are closed', () => sockets.every(socket => socket.readableEnded || socket.destroyed), 20_000);
    for (const socket of sockets) socket.destroy();
    await server.isWell('/small', small);
  }

  test('those that leave, and those that are timed out', async () => {
    const [worker] = server.workers();
    await stall(false);
    await server.logged('client timed out (110: Connection timed out) while SSL handshaking');
    const before = heapSize(worker);
    for (let round = 0; round < 3; round++) await stall(true);
    const grown = heapSize(worker) - before;
    assert.ok(grown < allowed, `${grown} bytes`);
  });
});
