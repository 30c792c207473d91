/** Clients that break off, dawdle or send rubbish: each costs its own connection, and nobody else's. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fetchOnce, request, waitFor } from '../server/client.js';
import { missing, noise, sha256, TestServer } from '../server/harness.js';
import { Certificates } from './certificates.js';
import { exchange, pair, refused, secure, secureFetch, tlsSite } from './support.js';
import { helloBytes, rawClient, rawSocket, record, tunnelled } from './tunnel.js';

const small = noise(1000);
const large = noise(3_000_000, 1);
const smallRecord = 1024;

/** Each byte by itself. */
async function byteByByte(raw: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    raw.write(Buffer.of(byte));
    await setImmediate();
  }
}

describe('clients of HTTPS that misbehave', { skip: missing('openssl') }, () => {
  const certificates = new Certificates().selfSigned('server');
  let server: TestServer;
  let hello: Buffer;

  before(async () => {
    hello = await helloBytes();
    const site = tlsSite(`${pair(certificates, 'server')} ssl_buffer_size 1k;`, {
      http: { client_header_timeout: '1500ms' },
    });
    server = await TestServer.start(site, { small, large });
    await server.settle('/small');
  });
  after(async () => {
    await server.stop();
    certificates.remove();
  });

  const closing = [0, 1, 5, 20, 10_000];
  for (const length of closing) {
    test(`one that leaves after ${length} bytes of its first message`, async () => {
      const client = await rawClient(server);
      const bytes = hello.subarray(0, length);
      client.send(bytes);
      client.socket.end();
      await client.rest();
    });
  }
  test('that is in the error log', async () => {
    await server.logged('client closed connection while SSL handshaking');
    await server.logged('peer closed connection in SSL handshake while SSL handshaking');
  });

  test('one that resets the connection in mid-handshake', async () => {
    const raw = await rawSocket(server);
    raw.on('error', () => {});
    raw.write(hello);
    raw.resetAndDestroy();
    await waitFor('it is gone', () => raw.closed);
  });

  test('one that says nothing, and one that stops in mid-handshake: client_header_timeout', async () => {
    const clients = await Promise.all([rawClient(server), rawClient(server)]);
    clients[1].send(hello);
    await Promise.all(clients.map(client => client.rest()));
    await server.logged(/client timed out \(110: .*\) while SSL handshaking, client: 127\.0\.0\.1/);
  });

  const rubbish: [what: string, bytes: Buffer, complaint: string][] = [
    ['a record of nothing known', Buffer.concat([Buffer.of(0x16), noise(200)]), 'wrong version number'],
    [
      'a hello of SSLv2',
      Buffer.concat([Buffer.of(0x80, 0x2e, 1, 0, 2), noise(100)]),
      'SSL_do_handshake() failed (SSL: error:',
    ],
    [
      'a hello that is rubbish inside',
      Buffer.concat([Buffer.of(0x16, 3, 1, 0, 50, 1, 0, 0, 46), noise(46)]),
      'SSL_do_handshake() failed (SSL: error:',
    ],
    ['a record that is longer than any', Buffer.of(0x16, 3, 1, 0xff, 0xff, 1, 0, 0, 46), 'packet length too long'],
    ['a hello of 16 MB, or so it says', Buffer.of(0x16, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff), 'excessive message size'],
  ];
  for (const [what, bytes, complaint] of rubbish) {
    test(`${what} in place of a handshake`, async () => {
      const client = await rawClient(server);
      client.send(bytes);
      await client.rest();
      await server.logged(complaint);
    });
  }

  test("plain HTTP at the port for HTTPS: nginx's answer to it", async () => {
    const reply = await fetchOnce(server.ports[1], '/small');
    assert.equal(reply.status, 400);
    assert.match(reply.body.toString(), /400 The plain HTTP request was sent to HTTPS port/);
    await server.logged('client sent plain HTTP request to HTTPS port while reading client request headers');
  });

  test('TLS at the port for plain HTTP', async () => {
    const target = { host: '127.0.0.1', port: server.port };
    assert.match(await refused(server, target), /WRONG_VERSION|PACKET_LENGTH|ECONNRESET|HTTP_REQUEST|disconnected/);
  });

  test('everything byte by byte', async () => {
    const { client } = await tunnelled(server, {}, byteByByte);
    for (let i = 0; i < 2; i++) assert.ok((await exchange(client, '/on/small')).body.equals(small));
    client.close();
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`${maxVersion}: rubbish after the handshake, and after a request`, async () => {
      for (const first of ['', request('GET', '/on/small')]) {
        const { client, tunnel } = await tunnelled(server, { maxVersion });
        if (first !== '') {
          client.send(first);
          await client.reply();
        }
        tunnel.raw.write(Buffer.concat([Buffer.of(23, 3, 3, 0, 100), noise(100)]));
        await client.rest();
        client.close();
      }
      await server.logged(/SSL_read\(\) failed \(SSL: error:[0-9A-F]{8}:/);
    });

    test(`${maxVersion}: a record that is longer than any`, async () => {
      const before = server.errorLog().length;
      const { client, tunnel } = await tunnelled(server, { maxVersion });
      client.get('/on/small');
      await client.reply();
      tunnel.raw.write(Buffer.concat([Buffer.of(23, 3, 3, 0xff, 0xff), noise(20_000)]));
      await client.rest();
      client.close();
      const complaint =
        /SSL_read\(\) failed \(SSL: error:[0-9A-F]{8}:SSL routines::(packet|encrypted) length too long\)/;
      await waitFor('a line of it', () => complaint.test(server.errorLog().slice(before)));
    });

    test(`${maxVersion}: a record that ends too early`, async () => {
      const { client, tunnel } = await tunnelled(server, { maxVersion });
      tunnel.raw.end(Buffer.of(23, 3, 3, 0, 100, 1, 2, 3));
      await client.rest();
      client.close();
      const dawdling = await tunnelled(server, { maxVersion });
      dawdling.tunnel.raw.write(Buffer.of(23, 3, 3, 0, 100, 1, 2, 3));
      await dawdling.client.rest();
      dawdling.client.close();
    });
  }

  test('rubbish in the middle of an answer, and of a body that is dropped', async () => {
    const { client, socket, tunnel } = await tunnelled(server);
    socket.pause();
    client.get('/off/large');
    client.send(request('POST', '/small', 'Content-Length: 1000'));
    await waitFor('the answer begins', () => tunnel.records.length > 5);
    tunnel.raw.write(noise(2000));
    socket.resume();
    await client.rest();
    client.close();
  });

  test('what others do wrong does not reach a download', async () => {
    const downloads = Promise.all(
      Array.from({ length: 8 }, (_, index) => secureFetch(server, index % 2 === 0 ? '/on/large' : '/off/large')),
    );
    for (let i = 0; i < 40; i++) {
      const client = await rawClient(server);
      client.send(rubbish[i % rubbish.length][1]);
      await client.rest();
      const { client: other, tunnel } = await tunnelled(server);
      tunnel.raw.write(noise(100, i));
      await other.rest();
      other.close();
      assert.match(await refused(server, { ALPNProtocols: ['h2'] }), /NO_APPLICATION_PROTOCOL/);
    }
    for (const { body } of await downloads) assert.equal(sha256(body), sha256(large));
  });

  test('ssl_buffer_size is the largest record', async () => {
    const { client, tunnel } = await tunnelled(server, { maxVersion: 'TLSv1.2' });
    assert.ok((await exchange(client, '/off/large')).body.equals(large));
    const records = tunnel.records.filter(type => type === record.data).length;
    client.close();
    assert.ok(records >= large.length / smallRecord, `${records}`);
  });

  test('one that asks to renegotiate', async () => {
    const { client, socket } = await secure(server, { maxVersion: 'TLSv1.2' });
    const refusal = await new Promise<Error | null>(resolve => {
      socket.on('error', resolve);
      if (!socket.renegotiate({}, resolve)) resolve(new Error('not begun'));
      client.until('the close', () => client.isClosed).then(() => resolve(new Error('closed')), resolve);
    });
    assert.ok(refusal !== null);
    client.close();
  });

  test('openssl s_client asks to renegotiate: it is told no, and is gone', async () => {
    const args = ['s_client', '-connect', `127.0.0.1:${server.ports[1]}`, '-tls1_2'];
    const child = spawn('openssl', args, { stdio: 'pipe' });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', text => {
        said += text;
      });
    }
    await waitFor('a handshake', () => said.includes('Verify return code'));
    child.stdin.write('R\n');
    await waitFor('its end', () => child.exitCode !== null);
    assert.match(said, /RENEGOTIATING\n.*:no renegotiation:/s);
  });

  test('the server is well, and all of its descriptors came back', async () => {
    await server.isWell('/small', small);
    assert.doesNotMatch(server.errorLog(), /\[(crit|alert|emerg)\]/);
  });
});
