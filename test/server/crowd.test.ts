/** Many requests in one turn of the loop: they are read first, and answered then. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { canTrace } from '../../src/trace/record.js';
import { Client, request, waitFor } from './client.js';
import { noise, TestServer } from './harness.js';
import { recordRequests } from './strace.js';

const tracing = await canTrace();
const skip = tracing.ok ? false : tracing.why;
const crowd = 12;
const large = noise(8 * 2 ** 20, 5);

describe('requests of one turn', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ server: 'location /up { dav_methods PUT; }' }, { file: 'before', large });
  });
  after(() => server.stop());

  /** Connections whose requests a worker finds all at once. */
  async function atOnce(
    texts: readonly string[],
    meanwhile: (clients: Client[]) => void = () => {},
  ): Promise<Client[]> {
    const clients = await Promise.all(texts.map(() => Client.connect(server.port)));
    // each is known to the worker
    for (const client of clients) assert.equal((await client.get('/on/file').reply()).status, 200);
    const [pid] = server.workers();
    process.kill(pid, 'SIGSTOP');
    try {
      const sent = clients.map(
        (client, i) => new Promise<void>(resolve => client.socket.write(texts[i]!, () => resolve())),
      );
      await Promise.all(sent);
      meanwhile(clients);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    return clients;
  }

  test('each has its own answer, also where one is but a part of a head, one is broken and one has left', async () => {
    const get = request('GET', '/on/file');
    const texts = [get, 'GET /on/fi', 'nonsense\r\n\r\n', request('HEAD', '/on/file'), request('GET', '/on/none'), get];
    const clients = await atOnce([...texts, get], all => all[6]!.socket.destroy());
    const [whole, part, broken, head, missing, last] = clients as [Client, Client, Client, Client, Client, Client];
    assert.equal((await whole.reply()).body.toString(), 'before');
    assert.equal((await broken.reply()).status, 400);
    assert.equal((await head.reply('HEAD')).headers['content-length'], '6');
    assert.equal((await missing.reply()).status, 404);
    assert.equal((await last.reply()).body.toString(), 'before');
    part.send('le HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await part.reply()).body.toString(), 'before');
    for (const client of clients) client.close();
  });

  test('a file that is replaced before the worker looks is served as it is then', async () => {
    const get = request('GET', '/on/other');
    writeFileSync(join(server.root, 'other'), 'old');
    const clients = await atOnce(new Array(crowd).fill(get), () => {
      writeFileSync(join(server.dir, 'new'), 'newer');
      renameSync(join(server.dir, 'new'), join(server.root, 'other'));
    });
    for (const client of clients) {
      assert.equal((await client.reply()).body.toString(), 'newer');
      client.close();
    }
  });

  test('who has put a file and asks for it in the same breath gets what was put', async () => {
    writeFileSync(join(server.root, 'up'), 'old');
    const put = 'PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nnew';
    const get = request('GET', '/up');
    const clients = await atOnce([get, `${put}${get}`, get, get]);
    const [first, writer] = clients as [Client, Client];
    assert.equal((await first.reply()).body.toString(), 'old');
    assert.equal((await writer.reply()).status, 204);
    assert.equal((await writer.reply()).body.toString(), 'new');
    for (const client of clients) client.close();
  });

  test('one opens the file for all', { skip }, async () => {
    let clients: Client[] = [];
    const { steps } = await recordRequests(server, async () => {
      clients = await atOnce(new Array(crowd).fill(request('GET', '/on/file')));
      for (const client of clients) assert.equal((await client.reply()).status, 200);
      for (const client of clients) client.close();
      await waitFor('their ends', () => clients.every(client => client.isClosed));
    });
    const calls = steps.map(step => step.text.slice(0, step.text.indexOf('(')));
    const first = calls.findIndex((_, at) => calls.slice(at, at + crowd).every(call => call === 'recvfrom'));
    assert.ok(first >= 0, `the requests are not read one behind the other: ${calls.join(' ')}`);
    const rest = calls.slice(first, calls.indexOf('epoll_pwait', first));
    const count = (name: string) => rest.filter(call => call === name).length;
    assert.deepEqual(['recvfrom', 'openat', 'statx', 'sendfile'].map(count), [crowd, 1, 1, crowd]);
  });

  /** How many bytes each call of sendfile asks for while so many clients take the large file. */
  async function wishes(clients: number): Promise<number[]> {
    const { steps } = await recordRequests(server, async () => {
      const asked = await atOnce(new Array(clients).fill(request('GET', '/on/large')));
      for (const client of asked) assert.ok((await client.reply()).body.equals(large));
      for (const client of asked) client.close();
    });
    return steps.filter(step => step.name === 'sendfile').map(step => step.size as number);
  }

  test('large files have small shares beside each other, and large ones alone', { skip }, async () => {
    const [beside, alone] = [await wishes(3), await wishes(1)];
    assert.ok(beside.includes(256 * 1024), `${beside}`);
    assert.ok(alone.includes(2 ** 21) && !alone.includes(256 * 1024), `${alone}`);
  });
});
