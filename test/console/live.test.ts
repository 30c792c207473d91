/** The console's WebSocket: what it tells, whom, and what it survives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { numberOf } from '../../src/console/processes.js';
import type { LiveMessage } from '../../src/console/snapshot.js';
import { fetchOnce, waitFor } from '../server/client.js';
import { noise } from '../server/harness.js';
import { type ConsoleClient, type LiveClient, noLive, startWithConsole } from './support.js';

const file = noise(3_000_000, 9);

/** Resident memory in MB. */
const memoryOf = (pid: number) => (numberOf(readFileSync(`/proc/${pid}/status`, 'latin1'), 'VmRSS') ?? 0) / 1000;

const handshake = (port: number, lines = '') =>
  `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n${lines}\r\n`;

/** A WebSocket that is opened, and never read from. */
function deafSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => {
      socket.write(handshake(port));
      socket.pause();
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

/** A WebSocket frame with a text (RFC 6455 section 5.2), masked with zeros. */
function frame(length: number): Buffer {
  const head = Buffer.alloc(14);
  head[0] = 0x81;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(length, 'x')]);
}

describe('news', { skip: noLive }, () => {
  let console: ConsoleClient;
  let live: LiveClient;
  before(async () => {
    console = await startWithConsole({}, { file });
    live = console.live();
    assert.equal(await live.answered(), 101);
  });
  after(async () => {
    live.close();
    await console.server.stop();
  });

  test('the first message is the whole status, as GET /status has it', async () => {
    const first = await live.message('the first message', () => true);
    assert.ok(first.type === 'full');
    assert.deepEqual(Object.keys(first.snapshot).sort(), Object.keys(await console.status()).sort());
  });

  test('then a sample each second, with what is new, once', async () => {
    const isNews = (message: LiveMessage) => message.type === 'news' && message.sample !== null;
    await waitFor('two samples', () => live.messages.filter(isNews).length >= 2);
    await fetchOnce(console.server.port, '/on/file');
    const told = await live.message('the request', message => message.type === 'news' && message.requests.length > 0);
    assert.ok(told.type === 'news');
    assert.deepEqual(
      told.requests.map(({ line, path }) => [line, path]),
      [['GET /on/file HTTP/1.1', 'sendfile']],
    );
    assert.ok(told.sample !== null && told.sample.bytes.sendfile > 0 && told.sample.requests > 0);
    const count = live.messages.length;
    await waitFor('another sample', () => live.messages.length > count);
    const lines = live.messages.flatMap(message => (message.type === 'news' ? message.requests : []));
    assert.equal(lines.length, 1);
  });

  test('a change is told at once, between samples', async () => {
    const { reloads } = (await console.status()).server;
    assert.equal((await console.change({ place: '0', sendfile: 'on' })).ok, true);
    const told = await live.message('the change', message => {
      const { server, places } = message.type === 'full' ? message.snapshot : message;
      return server.reloads > reloads && places[0].sendfile;
    });
    assert.ok(told.type === 'news' && told.sample === null);
  });

  test('pages of others are refused, and programs are not', async () => {
    const origins = { 'http://evil.example': 403, null: 403, [`http://127.0.0.1:${console.port}`]: 101 };
    for (const [origin, status] of Object.entries(origins)) {
      const client = console.live('', { origin });
      assert.equal(await client.answered(), status, origin);
      client.close();
    }
    const foreign = console.live('', { host: 'evil.example' });
    assert.equal(await foreign.answered(), 421);
  });

  test('clients have nothing to say: a long message ends the connection, a short one is not heard', async () => {
    const client = console.live();
    await client.answered();
    client.socket.send('{"place":"0","sendfile":"off"}');
    client.socket.ping();
    await new Promise(resolve => client.socket.once('pong', resolve));
    assert.equal((await console.status()).places[0].sendfile, true);
    client.socket.send('x'.repeat(1000));
    await waitFor('the end', () => client.isClosed);
  });

  test('the console’s end is told', async () => {
    const client = console.live();
    await client.answered();
    const closed = new Promise<number>(resolve => client.socket.once('close', resolve));
    console.server.configure({ main: { console: 'off' } });
    console.server.signal('SIGHUP');
    assert.equal(await closed, 1001);
  });
});

describe('under abuse', { skip: noLive }, () => {
  let console: ConsoleClient;
  const sockets: Socket[] = [];
  before(async () => {
    console = await startWithConsole({ main: { worker_processes: '2' } }, { file });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await console.server.stop();
  });

  const isWell = async () => assert.ok((await fetchOnce(console.server.port, '/on/file')).body.equals(file));

  test('200 clients that never read cost bounded memory, and workers nothing', { timeout: 60_000 }, async () => {
    const { pid } = console.server;
    const workers = console.server.workers();
    await isWell();
    const before = memoryOf(pid);
    const workersBefore = workers.map(memoryOf);
    sockets.push(...(await Promise.all(Array.from({ length: 200 }, () => deafSocket(console.port)))));
    // each change has them all told the news, until their sockets are full
    const live = console.live();
    await live.answered();
    const { reloads } = (await console.status()).server;
    for (let count = 0; count < 3; count++)
      assert.equal((await console.change({ place: '0', sendfile: 'on' })).ok, true);
    await waitFor('all changes are told', () =>
      live.messages.some(message => message.type === 'news' && message.server.reloads === reloads + 3),
    );
    live.close();
    await isWell();
    const grown = memoryOf(pid) - before;
    assert.ok(grown < 150, `the master has grown by ${grown.toFixed()} MB`);
    // workers were replaced by the changes: their successors are no larger
    for (const [index, worker] of console.server.workers().slice(-2).entries()) {
      assert.ok(memoryOf(worker) < workersBefore[index] + 40);
    }
  });

  test('10 MB messages end their connections', async () => {
    const before = memoryOf(console.server.pid);
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = await deafSocket(console.port);
        const closed = new Promise(resolve => socket.once('close', resolve));
        socket.on('error', () => {});
        socket.resume();
        socket.write(frame(10_000_000));
        await closed;
      }),
    );
    assert.ok(memoryOf(console.server.pid) - before < 60);
    await isWell();
  });

  test('more than 256 clients are refused, and get in when others have gone', async () => {
    while (sockets.length < 256) sockets.push(await deafSocket(console.port));
    await waitFor('the house is full', async () => {
      const client = console.live();
      const status = await client.answered();
      client.close();
      return status === 503;
    });
    for (const socket of sockets.splice(0, 20)) socket.destroy();
    await waitFor('there is room again', async () => {
      const client = console.live();
      const status = await client.answered();
      client.close();
      return status === 101;
    });
    assert.equal((await console.get('/healthz')).status, 200);
  });

  test('requests that are none, cut off, or without an end, leave it as it was', async () => {
    const texts = [
      'GET / HTTP/1.1\r\n\r\n',
      'GET /live HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n',
      handshake(console.port, 'Origin: http://evil.example\r\n'),
      `POST /control HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
      `GET / HTTP/1.1\r\nHost: ${'x'.repeat(100_000)}\r\n\r\n`,
      `${'\0'.repeat(5000)}\r\n\r\n`,
      `POST /control HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
      'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ];
    for (const text of texts) {
      const socket = createConnection({ port: console.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      await new Promise<void>(resolve => socket.write(text, 'latin1', () => resolve()));
      socket.destroy();
    }
    assert.equal((await console.get('/status')).status, 200);
    assert.ok(console.server.isRunning);
  });
});
